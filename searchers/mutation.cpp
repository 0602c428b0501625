#include "searchers/mutation.h"

#include <map>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

// The target of "edge_SOURCE_TARGET".
std::optional<std::int64_t> target_of(std::string_view name) {
  const auto words = split(name, '_');
  if (words.size() != 3 || words[0] != "edge" || !parse_int(words[1])) return std::nullopt;
  return parse_int(words[2]);
}

std::vector<std::vector<std::size_t>> edges_by_node(const SearchSpace& space) {
  std::map<std::int64_t, std::vector<std::size_t>> nodes;
  const std::span<const Decision> decisions = space.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const auto target = target_of(decisions[i].name);
    if (!target) {
      throw Error(ErrorKind::kUsage,
                  "mutation = node needs a space whose decisions are edges of a cell; '" +
                      space.info().name + "' has the decision '" + decisions[i].name +
                      "'; use mutation = decision");
    }
    if (decisions[i].choices.size() > 1) nodes[*target].push_back(i);
  }
  std::vector<std::vector<std::size_t>> result;
  for (auto& [target, edges] : nodes) result.push_back(std::move(edges));
  return result;
}

}  // namespace

Mutation::Mutation(const SearchSpace& space, MutationKind kind) : space_(&space), kind_(kind) {
  if (kind == MutationKind::kNode) nodes_ = edges_by_node(space);
}

std::optional<Architecture> Mutation::operator()(const Architecture& parent, Rng& rng) const {
  constexpr int kMostRejections = 1000;
  for (int i = 0; i < kMostRejections && !nodes_.empty(); ++i) {
    const std::vector<std::size_t>& edges = nodes_[rng.below(nodes_.size())];
    const std::size_t edge = edges[rng.below(edges.size())];
    const std::size_t choices = space_->decisions()[edge].choices.size();
    Architecture child = parent;
    const std::uint64_t step = 1 + rng.below(choices - 1);
    child.choices[edge] = static_cast<std::uint16_t>((child.choices[edge] + step) % choices);
    if (!space_->objection(child.choices)) return child;
  }
  try {
    return mutate(*space_, parent, rng);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUnsupported) throw;
    return std::nullopt;
  }
}

}  // namespace nas
