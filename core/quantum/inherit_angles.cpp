#include "core/quantum/inherit_angles.h"

#include <algorithm>

namespace nas {
namespace {

bool alike(const Gate& a, const Gate& b) {
  return a.kind == b.kind && std::equal(a.on().begin(), a.on().end(), b.on().begin());
}

/// lengths[i][j]: of the longest common subsequence of a's gates from i on and b's from j on.
std::vector<std::vector<int>> common_lengths(std::span<const Gate> a, std::span<const Gate> b) {
  std::vector<std::vector<int>> lengths(a.size() + 1, std::vector<int>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      lengths[i][j] = alike(a[i], b[j]) ? lengths[i + 1][j + 1] + 1
                                        : std::max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  return lengths;
}

}  // namespace

std::vector<double> inherited_angles(const Circuit& parent, const Circuit& child,
                                     const std::function<double()>& fresh) {
  const std::span<const Gate> from = parent.gates(), to = child.gates();
  const std::vector<std::vector<int>> lengths = common_lengths(from, to);
  std::vector<double> angles;
  std::size_t i = 0;
  for (std::size_t j = 0; j < to.size(); ++j) {
    while (i < from.size() && !alike(from[i], to[j]) && lengths[i + 1][j] == lengths[i][j]) ++i;
    const bool common = i < from.size() && alike(from[i], to[j]);
    for (int k = 0; k < to[j].kind->angles; ++k) {
      angles.push_back(common ? from[i].angles[static_cast<std::size_t>(k)] : fresh());
    }
    if (common) ++i;
  }
  return angles;
}

}  // namespace nas
