#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/ir/same/reduction.h"

namespace nas {

/// 128 bits of state that absorb words; the same on every machine.
struct Colour {
  std::uint64_t a = 0, b = 0;
  friend auto operator<=>(const Colour&, const Colour&) = default;

  void absorb(std::uint64_t word) {
    a = (a ^ word) * 0x9e3779b97f4a7c15ULL;
    a ^= a >> 32;
    b = (b + word) * 0xd6e8feb86659fd93ULL;
    b ^= b >> 29;
  }
  void absorb(const Colour& other) {
    absorb(other.a);
    absorb(other.b);
  }
  /// For multisets: adding is independent of the order. Both sides must be finished.
  void add(const Colour& other) {
    a += other.a;
    b += other.b;
  }
  Colour finished() const {  ///< every bit depends on every bit
    return {mixed(a ^ (b << 32 | b >> 32)), mixed(b + 0x2545f4914f6cdd1dULL * a)};
  }

 private:
  static constexpr std::uint64_t mixed(std::uint64_t x) {  // the finaliser of splitmix64
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
    return x ^ x >> 31;
  }
};

/// The part of a graph that colours are computed on, as flat arrays in topological order.
struct FlatGraph {
  static constexpr NodeId kNoSource = 0xffffffff;
  struct Node {
    NodeId source = kNoSource;  ///< in the original graph; none for zeros of a type
    std::uint32_t first_input = 0, input_count = 0;
    bool commutative = false;
  };
  struct Output {
    std::uint64_t name_hash;
    PortRef value;
  };
  std::vector<Node> nodes;
  std::vector<PortRef> inputs;
  std::vector<Output> outputs;
  std::vector<Colour>
      colours;  ///< at first of the operation, its attributes and, for inputs, its place

  std::span<const PortRef> inputs_of(const Node& node) const {
    return {inputs.data() + node.first_input, node.input_count};
  }
};

FlatGraph flatten(const ArchGraph& graph);
/// The live part; zeros of a type become one node without inputs.
FlatGraph flatten(const ArchGraph& graph, const Reduction& reduction);

/// Refines the colours with everything above (forward) and below (backward) each node. One pass
/// sees the whole depth of the graph, unlike a round of Weisfeiler-Leman refinement, which sees one
/// edge.
class Refiner {
 public:
  void refine(FlatGraph& graph);

 private:
  std::vector<Colour> forward_, context_;
};

}  // namespace nas
