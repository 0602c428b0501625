#pragma once

#include <string>
#include <vector>

namespace nas::cli {

/// The whole of nasctl: `words` without the program's name. Takes over the signals and the standard
/// descriptors of its process, which ends with the returned exit code: once a process.
int run(const std::vector<std::string>& words);

}  // namespace nas::cli
