#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/onnx/constant.h"
#include "core/ops/attention.h"

namespace nas {

/// What a node of constants gives that gathers rows of a table of weights, adds two such, or looks
/// at them in another shape: a constant with `rows`, of which no number is computed. Nothing for
/// other nodes.
std::optional<Constant> fold_rows(const OnnxModel& model, const OnnxNode& node,
                                  std::span<const Constant* const> inputs);

/// The grid for which `places` (query by query) are `relative_places` along an axis; nothing where
/// there is none. Where all patches have one place (`reach` 0), it has a single row.
std::optional<TokenGrid> token_grid(std::span<const std::int64_t> places, GridAxis axis,
                                    std::int64_t reach);

}  // namespace nas
