#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace nas::cli {

/// --size, for every command that reads a data set.
OptionSpec size_option();
/// `spec` with the size of --size ("folder:DIR@64"). Throws Error(kUsage) where --size has no
/// effect: no folder of images is read.
std::string with_size(const Arguments& arguments, const std::string& spec);

}  // namespace nas::cli
