#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// Ways in which public files write architectures. Each turns the fields of a row into the text
/// that the space reads (`SearchSpace::parse`):
///   native           the space's own text, one field
///   nasbench201_digits  "421211": official digits in string order (0 none, 1 skip, 2 conv1x1,
///                    3 conv3x3, 4 pool)
///   naslib_nb201     six digits, possibly as a tuple: 0 skip, 1 none, 2 conv3x3, 3 conv1x1, 4 pool
///                    for the edges 01, 02, 03, 12, 13, 23
///   naslib_nb101     a tuple: adjacency row by row, then the operations 0 input, 1 output,
///                    2 maxpool3x3, 3 conv1x1, 4 conv3x3
///   naslib_darts     [[(input, op), ...8], [...8]], operations 0 max_pool, 1 avg_pool, 2 skip,
///                    3 sep3, 4 sep5, 5 dil3, 6 dil5
///   transnas_micro   a tuple of six official digits -> "64-41414-a_bc_def"
///   transnas_macro   a tuple of four to six digits, zeros dropped -> "64-1234-basic"
///   joined           the fields joined by ':' (NAS-Bench-101: vertices, edge bits, operations)
const std::vector<std::string>& notation_names();

/// Throws Error(kUsage) for an unknown notation, Error(kData) saying what was expected for fields
/// that are not in it.
std::string from_notation(std::string_view notation, std::span<const std::string_view> fields);

/// The same in the space's canonical text, if there is a space.
std::string canonical_text(std::string_view notation, std::span<const std::string_view> fields,
                           const SearchSpace* space);

}  // namespace nas
