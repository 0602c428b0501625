#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/stated_network.h"

namespace nas {

/// One input of a node: what is done to which earlier node.
struct DartsEdge {
  std::uint8_t op = 0;     ///< index into `darts_operations()`
  std::uint8_t input = 0;  ///< 0 and 1 are the outputs of the two previous cells
  friend bool operator==(const DartsEdge&, const DartsEdge&) = default;
};

/// A cell: the two inputs of each of the nodes 2, 3, 4, 5, the lower input first (published
/// genotypes list them by strength; the order has no meaning). The output concatenates nodes 2
/// to 5.
struct DartsCell {
  std::array<std::array<DartsEdge, 2>, 4> nodes{};
  friend bool operator==(const DartsCell&, const DartsCell&) = default;
};

struct DartsGenotype {
  DartsCell normal;
  DartsCell reduce;
  friend bool operator==(const DartsGenotype&, const DartsGenotype&) = default;
};

/// The seven operations of the space, in the published order without `none`.
const std::vector<std::string>& darts_operations();

/// "sep_conv_3x3:0 sep_conv_3x3:1 | ... ; max_pool_3x3:0 ... | ...": normal cell, then reduction
/// cell; nodes separated by '|', inputs in ascending order.
std::string to_text(const DartsGenotype& genotype);

/// `none`, which supernets have and derived cells have not.
bool is_no_operation(std::string_view name);
/// Why such a cell is refused.
std::string no_operation_reason(std::string_view name);

/// Reads, in any order of a node's two inputs, `to_text`'s form (the '|' may be left out), the
/// notations of `darts_notations()`, and the name of a published cell: DARTS_V1, DARTS_V2,
/// PC_DARTS_cifar, PC_DARTS_image.
/// Throws Error(kUsage): one line with position or key; a concat other than 2..5 is refused.
DartsGenotype parse_darts_genotype(std::string_view text);

/// init_channels, layers and auxiliary of the key/value form; nothing for other forms.
StatedNetwork stated_darts_network(std::string_view text);

}  // namespace nas
