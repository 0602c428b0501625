#pragma once

#include <string>

#include "core/api/plugin_choice.h"

namespace nas {

/// A space as a benchmark or a predictor names it: with the options that differ from their
/// defaults, "mcunet:width=0.3". Equal spaces have equal texts. Throws Error(kUsage) for a space or
/// an option that is not known.
std::string space_text(const PluginChoice& choice);

/// One of them may come from an earlier version, which had fewer options.
bool same_space(const PluginChoice& a, const PluginChoice& b);

}  // namespace nas
