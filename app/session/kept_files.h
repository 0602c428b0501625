#pragma once

#include <filesystem>

#include "app/session/session.h"

namespace nas {

/// Throws Error(kUsage) for an --output, however forced, that would replace a file which the
/// results database keeps: a trained model, a supernet or a predictor.
void refuse_kept_file(const Session& session, const std::filesystem::path& output);

}  // namespace nas
