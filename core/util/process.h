#pragma once

#include <string>

namespace nas {

/// "host:pid" of this process; a host's name has no ':'.
std::string process_name();

enum class ProcessState {
  kAlive,
  kGone,
  kElsewhere,  ///< of another machine, or no name of a process
};

/// What is known of the process behind "host:pid" or "host:pid:thread".
ProcessState find_process(const std::string& name);

}  // namespace nas
