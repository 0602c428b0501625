#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/ir/graph_sink.h"

namespace nas {

/// What a decision is about; drawings, mutation operators and predictors treat them differently.
enum class DecisionKind : std::uint8_t {
  kOperation,
  kInput,
  kKernel,
  kExpansion,
  kDepth,
  kChannels,
  kResolution,
  kRank,
  kBits,
  kOther
};

/// One named finite choice of a space: "cell/edge_0_2" among the five operations.
struct Decision {
  std::string name;
  DecisionKind kind = DecisionKind::kOther;
  std::vector<std::string> choices;  ///< printable, unique
};

/// A node is part of the resolved graph only when `selector` has value `alternative`.
struct Guard {
  std::uint32_t selector;  ///< index into Blueprint::selectors
  std::int64_t alternative;
};

/// A node of a blueprint: an operation with elastic attributes, or (op == nullptr) a choice that
/// passes on the input that its selector names.
struct BlueprintNode {
  const OpSchema* op = nullptr;
  std::vector<Value> inputs{};
  std::vector<ElasticValue> attrs{};  ///< schema order
  std::uint32_t selector = 0;         ///< choice nodes
  std::vector<Guard> guards{};        ///< all must hold
  std::string scope{};
  TensorType input_type{};  ///< of the operation "input"
};

/// The nodes from `begin` to `end` came from one use of a macro.
struct BlueprintRegion {
  const OpSchema* op = nullptr;
  std::vector<Value> inputs{};
  std::vector<ElasticValue> attrs{};  ///< schema order
  Value output{};
  std::uint32_t begin = 0, end = 0;
  std::vector<Guard> guards{};  ///< all must hold
};

/// The graph of a space with its decisions still open. Alternatives stand side by side in one flat
/// list, guarded; `resolve` walks it once. A supernet is the same list with all alternatives
/// instantiated, so stand-alone networks and supernets come from one description. Immutable once
/// built.
struct Blueprint {
  std::vector<BlueprintNode> nodes;  ///< topological order
  std::vector<ElasticValue> selectors;
  struct Output {
    std::string name;
    Value value;
  };
  std::vector<Output> outputs;
  std::vector<BlueprintRegion> regions;  ///< outer uses before inner ones
};

/// The graph of one architecture: one choice for each decision.
/// Throws Error(kUsage) when shapes do not fit.
ArchGraph resolve(const Blueprint& blueprint, Choices choices);

/// A graph that was made of a blueprint.
struct TracedGraph {
  ArchGraph graph;
  std::vector<std::uint32_t> origin;  ///< by node of the graph: the node of the blueprint
};
/// `resolve`, with where each node comes from.
TracedGraph resolve_traced(const Blueprint& blueprint, Choices choices);

/// For each selector of a blueprint the alternatives that are there: ascending, at least one.
using Alternatives = std::vector<std::vector<std::uint16_t>>;
Alternatives all_alternatives(const Blueprint& blueprint);

/// The graph with several alternatives side by side: a choice among several is a node of the
/// operation "mix", whose origin is the choice. Elastic attributes have their largest value. Throws
/// Error(kUsage) for alternatives that the blueprint does not have, and when shapes do not fit.
TracedGraph mixture(const Blueprint& blueprint, const Alternatives& alternatives);

/// The largest value of an attribute.
AttrValue largest(const ElasticValue& value, AttrType type);

class BlueprintBuilder final : public GraphSink {
 public:
  Value input(const TensorType& type);
  Value choose(const ElasticValue& selector, std::span<const Alternative> alternatives) override;
  using GraphSink::choose;
  void push_scope(std::string_view name) override;
  void pop_scope() override;
  ElasticValue channels(Value value) const override;
  void output(std::string_view name, Value value);
  Blueprint finish();

 protected:
  Value add_primitive(const OpSchema& op, std::span<const Value> inputs,
                      std::span<const ElasticValue> attrs) override;
  std::size_t open_region() override;
  void close_region(std::size_t place, const MacroUse& use) override;
  std::string_view current_scope() const override { return scope_; }

 private:
  Value append(BlueprintNode node);
  void check_readable(Value value, std::span<const Guard> guards) const;

  Blueprint blueprint_;
  std::vector<Guard> guards_;
  std::string scope_;                       ///< full text, "a/b/c"
  std::vector<std::size_t> scope_lengths_;  ///< length of `scope_` before each push
};

}  // namespace nas
