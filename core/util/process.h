#pragma once

#include <string>

namespace nas {

/// "host~mark:pid" of this process. The host's name has no ':'; the mark tells machines and
/// containers of one name apart, where a number of a process means another one.
std::string process_name();

/// "host" of "host~mark:pid".
std::string host_of(const std::string& process);

enum class ProcessState {
  kAlive,
  kGone,
  kElsewhere,  ///< of another machine, or no name of a process
};

/// What is known of the process behind "host~mark:pid" or "host~mark:pid:thread".
ProcessState find_process(const std::string& name);

}  // namespace nas
