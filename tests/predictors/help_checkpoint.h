#pragma once

#include <filesystem>
#include <string>

#include "predictors/help/checkpoint.h"

namespace nas::test {

/// Weights that HELP's authors released: `folder` is hw-help-golden, `space` nasbench201, fbnet or
/// ofa.
HelpTensors help_checkpoint(const std::filesystem::path& folder, const std::string& space);

}  // namespace nas::test
