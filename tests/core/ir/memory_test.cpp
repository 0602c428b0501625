#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

/// The ops that overwrite their input, named here independently of the implementation.
const std::set<std::string_view> kInPlace{"identity", "relu", "relu6", "hswish",  "hsigmoid",
                                          "sigmoid",  "tanh", "gelu",  "flatten", "dropout"};

/// Runs the graph step by step with a set of tensors that own memory; a tensor made in place takes
/// over its input's entry.
std::vector<std::int64_t> simulate(const ArchGraph& graph) {
  const auto needed_after = [&](NodeId value, NodeId now) {
    for (const GraphOutput& output : graph.graph_outputs()) {
      if (output.value.node == value) return true;
    }
    for (NodeId reader = now + 1; reader < graph.size(); ++reader) {
      for (const PortRef& input : graph.inputs(reader)) {
        if (input.node == value) return true;
      }
    }
    return false;
  };
  const auto readers = [&](NodeId value) {
    std::size_t count = 0;
    for (NodeId reader = 0; reader < graph.size(); ++reader) {
      for (const PortRef& input : graph.inputs(reader)) count += input.node == value;
    }
    for (const GraphOutput& output : graph.graph_outputs()) count += output.value.node == value;
    return count;
  };
  std::set<NodeId> alive;
  std::vector<std::int64_t> live_bytes;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (kInPlace.contains(graph.op(id).name) && readers(graph.inputs(id)[0].node) == 1) {
      alive.erase(graph.inputs(id)[0].node);
    }
    alive.insert(id);
    std::int64_t bytes = 0;
    for (const NodeId value : alive) bytes += 4 * graph.type({value, 0}).shape.elements();
    live_bytes.push_back(bytes);
    for (auto value = alive.begin(); value != alive.end();) {
      value = needed_after(*value, id) ? std::next(value) : alive.erase(value);
    }
  }
  return live_bytes;
}

TEST_CASE("memory: a residual block, by hand") {
  const ArchGraph graph = parse_graph(R"(searchlight-graph 1
%x = input() : float[16,8,8]
%r = relu(%x)
%c = conv2d(%r) {out_channels=32, kernel=3, padding=1}
%b = batch_norm(%c)
%a = relu(%b)
%d = conv2d(%a) {out_channels=16, kernel=3, padding=1}
%s = add(%d, %x)
%t = relu(%s)
return out=%t
)");
  // 16x8x8 floats are 4 KiB, 32x8x8 are 8 KiB. x has two readers, so relu r needs its own 4.
  const MemoryLiveness memory = activation_memory(graph);
  constexpr std::int64_t kKiB = 1024;
  CHECK(memory.live_bytes == std::vector<std::int64_t>{4 * kKiB,    // x
                                                       8 * kKiB,    // x, r
                                                       16 * kKiB,   // x, r, c
                                                       20 * kKiB,   // x, c, b
                                                       12 * kKiB,   // x, a in b's memory
                                                       16 * kKiB,   // x, a, d
                                                       12 * kKiB,   // x, d, s
                                                       4 * kKiB});  // t in s's memory
  CHECK(memory.peak_bytes == 20 * kKiB);
  CHECK(memory.peak_node == 3);
}

TEST_CASE("memory: an output lives to the end, a tensor nobody reads only while it is made") {
  const ArchGraph graph = parse_graph(R"(searchlight-graph 1
%x = input() : float[256]
%y = relu(%x)
%dead = tanh(%y)
%z = sigmoid(%y)
return early=%y, out=%z
)");
  CHECK(activation_memory(graph).live_bytes == std::vector<std::int64_t>{1024, 1024, 2048, 2048});
}

TEST_CASE("memory: index tensors have eight bytes an element") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%x = input() : index[10]\n%y = input() : float[10]\nreturn out=%y\n");
  CHECK(activation_memory(graph).live_bytes == std::vector<std::int64_t>{80, 40});
}

TEST_CASE("memory: agrees with a step by step simulation on random graphs") {
  Rng rng({.seed = 31});
  for (int i = 0; i < 200; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(30));
    const MemoryLiveness memory = activation_memory(graph);
    const std::vector<std::int64_t> expected = simulate(graph);
    REQUIRE(memory.live_bytes == expected);
    const auto peak = std::max_element(expected.begin(), expected.end());
    CHECK(memory.peak_bytes == *peak);
    CHECK(memory.peak_node == static_cast<NodeId>(peak - expected.begin()));
  }
}

TEST_CASE("memory: the empty graph needs nothing") {
  CHECK(activation_memory(ArchGraph()).peak_bytes == 0);
}

}  // namespace
}  // namespace nas
