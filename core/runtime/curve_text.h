#pragma once

#include <string>
#include <vector>

#include "core/api/evaluation.h"

namespace nas {

/// A learning curve as checkpoints hold it: lines "epoch name value", whose values read back as the
/// same doubles.
std::string curve_text(const std::vector<CurvePoint>& curve);
/// Throws Error(kData), starting with `file`, for a malformed line.
std::vector<CurvePoint> parse_curve(const std::string& text, const std::string& file);

}  // namespace nas
