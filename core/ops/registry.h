#pragma once

#include <span>
#include <string_view>

#include "core/ops/op_schema.h"

namespace nas {

/// All operations, sorted by name.
std::span<const OpSchema* const> all_ops();

/// Throws Error(kUsage) with near misses.
const OpSchema& find_op(std::string_view name);

}  // namespace nas
