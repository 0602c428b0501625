#pragma once

#include <string>
#include <vector>

namespace nas::cli {

/// The whole of nasctl: `words` without the program's name. Call it once: it installs signal
/// handlers, and the process must exit with the returned code.
int run(const std::vector<std::string>& words);

}  // namespace nas::cli
