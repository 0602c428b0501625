#pragma once

#include <filesystem>

#include "app/session/session.h"

namespace nas {

/// Throws Error(kUsage) for an --output, however forced, that would replace a file in a folder of
/// the results database: of its models, supernets or predictors. For commands that write models of
/// networks from elsewhere; `arch train` may replace its own.
void refuse_kept_file(const Session& session, const std::filesystem::path& output);

}  // namespace nas
