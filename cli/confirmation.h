#pragma once

#include <string>

#include "cli/command.h"

namespace nas::cli {

class Context;

/// For what cannot be undone: true with --yes, else asks at a terminal (false: the answer is no).
/// Throws Error(kUsage) where nobody can be asked. `what` is a question without its mark: "remove
/// study 'first' with 24 trials".
bool confirmed(const Arguments& arguments, const std::string& what);

/// The flag that `confirmed` reads.
inline constexpr OptionSpec kYes{.name = "yes", .value = "", .help = "do not ask"};

}  // namespace nas::cli
