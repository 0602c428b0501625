#pragma once

#include <span>
#include <string_view>

#include "core/ops/op_schema.h"

namespace nas {

/// The operation of graph inputs, which builders make themselves: its type is given, not inferred.
extern const OpSchema& input_op;

/// The operation of a supernet's open choices, whose weights are set from outside.
extern const OpSchema& mix_op;

/// The lists of all files, in no order; generated.
std::span<const OpList* const> op_lists();

/// All operations, sorted by name.
std::span<const OpSchema* const> all_ops();

/// Throws Error(kUsage) with near misses.
const OpSchema& find_op(std::string_view name);

}  // namespace nas
