#pragma once

#include <string_view>

#include "core/util/options.h"

namespace nas {

/// As `add_option` (core/api/plugin_choice.h) where no value may win over another: throws
/// Error(kUsage), "epochs is given twice: 1 and 2", for a key that has another value already.
void add_option_once(OptionMap& options, std::string_view assignment);

}  // namespace nas
