#pragma once

#include <filesystem>
#include <string_view>

#include "app/session/session.h"

namespace nas {

/// Throws Error(kUsage) for an --output, however forced, that would replace a file in a folder of
/// the results database: of its models, supernets or predictors. `own` is the folder whose files
/// the command may replace ("models" for a training).
void refuse_kept_file(const Session& session, const std::filesystem::path& output,
                      std::string_view own = "");

}  // namespace nas
