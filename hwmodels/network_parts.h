#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/ir/blueprint/blueprint_types.h"

namespace nas {

/// A part of a network as look-up tables have it: one use of a macro outside of all others (an
/// inverted residual block), or one operation outside of macros. Attributes and types are functions
/// of decisions; constants for a single network.
struct NetworkPart {
  const OpSchema* op = nullptr;
  std::string scope{};  ///< where it stands: "stage_1/block_2"
  std::vector<ElasticValue> attrs{};
  std::vector<ElasticType> inputs{};
  std::vector<ElasticType> output{};  ///< one
  std::vector<Guard> guards{};        ///< all must hold, or the network lacks this part
  bool shortcut = false;              ///< an addition joins its output and its input
  /// Empty, or the type of what was pooled over all positions to make its first input.
  std::vector<ElasticType> pooled{};
  std::size_t convolution = 0;  ///< of a convolution: how many stand before it outside of macros
  std::uint32_t begin = 0, end = 0;  ///< its nodes, of the blueprint or graph: [begin, end)
};

struct NetworkParts {
  std::vector<NetworkPart> parts;  ///< in the order of the network
  std::vector<ElasticValue> selectors;
  std::vector<TensorType> inputs;  ///< of the network
};

NetworkParts parts_of(const Blueprint& blueprint);
NetworkParts parts_of(const ArchGraph& graph);

/// Does a network of the blueprint have zeros that sums leave out (RunningNodes)? Then which parts
/// run is no sum over decisions.
bool may_leave_parts_out(const Blueprint& blueprint);

/// A part under certain choices.
struct PartUse {
  const OpSchema& op;
  std::vector<AttrValue> attrs{};
  std::vector<TensorType> inputs{};
  TensorType output{};
  bool shortcut = false;
  std::optional<TensorType> pooled{};
  std::size_t convolution = 0;
  bool always = false;  ///< every network has it

  std::int64_t get_int(std::string_view attr) const { return attrs[op.attr_index(attr)].as_int(); }
  bool get_bool(std::string_view attr) const { return attrs[op.attr_index(attr)].as_bool(); }
};
/// The decisions that a part depends on, its guards' included.
DecisionSet decisions_of(const NetworkParts& network, const NetworkPart& part);
/// nullopt where the network lacks the part. Requires choices of `decisions_of`.
std::optional<PartUse> use_of(const NetworkParts& network, const NetworkPart& part,
                              Choices choices);

}  // namespace nas
