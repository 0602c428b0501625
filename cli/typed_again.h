#pragma once

#include <string>

#include "cli/command.h"

namespace nas::cli {

/// "nasctl supernet train first --space nasbench201": what was typed, for people to type again.
std::string typed_again(const Command& command, const Arguments& arguments);

}  // namespace nas::cli
