#pragma once

#include <cstdint>
#include <vector>

namespace nas {

/// Tokens of an image: a class token, then the patches row by row.
struct TokenGrid {
  std::int64_t tokens = 0;   ///< with the class token
  std::int64_t columns = 0;  ///< patches in a row; divides tokens - 1
  std::int64_t reach = 0;    ///< larger distances count as this one
};

enum class GridAxis : std::uint8_t { kRows, kColumns };

/// How many embeddings a table of relative positions has: one for pairs with the class token, then
/// the distances from -reach to reach.
constexpr std::int64_t relative_positions(std::int64_t reach) {
  return 2 * reach + 2;
}

/// [tokens x tokens], query by query: the place in such a table of the distance from a query to a
/// key along one axis. As the released code of AutoFormer (Chen et al., ICCV 2021,
/// model/module/multihead_super.py): 0 with the class token, else clamp(distance) + reach + 1.
std::vector<std::int64_t> relative_places(const TokenGrid& grid, GridAxis axis);

}  // namespace nas
