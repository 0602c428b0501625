#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/lookup/architecture_lookup.h"
#include "app/study/trial_network.h"
#include "cli/command.h"
#include "cli/context.h"
#include "core/api/search_space.h"
#include "core/api/stated_network.h"

namespace nas::cli {

/// An architecture named on the command line, with the space it belongs to.
using NamedArchitecture = NamedByText;

/// Reads what `kArchitectureWords` (app/lookup/architecture_lookup.h) says; --space may be left
/// out where one space alone reads the word. Notes how it was understood. Throws Error(kUsage).
NamedArchitecture named_architecture(const Arguments& arguments, Context& context,
                                     std::string_view word);

/// --space, --space-option.
std::vector<OptionSpec> space_options();
PluginChoice space_choice(const Arguments& arguments);

/// --input, --classes, --width, --depth, --skeleton, --auxiliary.
std::vector<OptionSpec> task_options();
/// The space's published task with what the user changed. Throws Error(kUsage).
Task task_argument(const Arguments& arguments, const SearchSpace& space);

/// --network and the task's options.
std::vector<OptionSpec> network_options();
/// The network that a trial was judged as, or the one of --network; of another architecture the one
/// that its notation states, else the published one; with what the other options change of it.
/// Throws Error(kUsage).
ShownNetwork network_argument(const Arguments& arguments, const NamedArchitecture& named);

/// `first` and `second` in one list.
std::vector<OptionSpec> joined(std::vector<OptionSpec> first,
                               const std::vector<OptionSpec>& second);

/// What ARCHITECTURE may be, for help.
inline constexpr std::string_view kArchitectureHelp = kArchitectureWords;

}  // namespace nas::cli
