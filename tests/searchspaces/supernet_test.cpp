#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "core/ir/blueprint/shared_tensors.h"
#include "tests/searchspaces/space_testing.h"

// Every architecture of a space is a part of its supernet.

namespace nas {
namespace {

using test::make_space;

Task small_task(const SpaceInfo& info) {
  Task task = test::task_of({3, 32, 32}, 10);
  if (info.default_task.input.rank() == 2) {
    task = info.default_task;
    task.input = {8, 20};
    task.classes = 4;
  }
  if (!info.width_meaning.empty()) task.width = 8;
  if (!info.depth_meaning.empty()) task.depth = 3;
  return task;
}

Rng rng_for(std::string_view what) {
  return Rng({.seed = 5, .study = stable_hash(what), .purpose = Purpose::kTest});
}

/// Ascending, below `size`, as many as they say.
bool fits(const Places& places, std::int64_t size) {
  if (places.count < 0 || places.count > size) return false;
  if (places.list.empty()) return true;
  if (static_cast<std::int64_t>(places.list.size()) != places.count) return false;
  return std::ranges::is_sorted(places.list, std::less_equal<>()) && places.list.front() >= 0 &&
         places.list.back() < size;
}

std::string misfit(const ArchGraph& graph, const SharedTensors& shared,
                   const std::vector<std::vector<TensorPart>>& parts) {
  for (NodeId node = 0; node < graph.size(); ++node) {
    const ParamList params = graph.params(node);
    std::size_t index = 0;
    if (parts[node].size() != params.count) return graph.path(node) + ": number of tensors";
    for (const ParamSpec& spec : params) {
      const TensorPart& part = parts[node][index++];
      const Shape& whole = shared.list[part.shared].spec.shape;
      const bool right = part.outputs.count == spec.shape[0] && fits(part.outputs, whole[0]) &&
                         (spec.shape.rank() < 2 ||
                          (part.inputs.count == spec.shape[1] && fits(part.inputs, whole[1]))) &&
                         (spec.shape.rank() < 3 || part.window == spec.shape[2]);
      if (!right) return graph.path(node) + "." + std::string(spec.name);
    }
  }
  return "";
}

TEST_CASE("supernets: every tensor of random subnets is a part of the supernet's, in every space") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.qubits > 0) continue;
    const auto blueprint = space->blueprint(space->settle(small_task(space->info())));
    if (!blueprint) continue;
    const SharedTensors shared = shared_tensors(*blueprint);
    Rng rng = rng_for(plugin->name);
    for (int i = 0; i < 20; ++i) {
      const Architecture subnet = sample(*space, rng);
      CAPTURE(space->format(subnet));
      const TracedGraph traced = resolve_traced(*blueprint, subnet.choices);
      REQUIRE(traced.origin.size() == traced.graph.size());
      CHECK(misfit(traced.graph, shared, tensor_parts(*blueprint, shared, traced)) == "");
    }
  }
}

TEST_CASE("supernets: names of shared tensors are unique, in every space") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.qubits > 0) continue;
    const auto blueprint = space->blueprint(space->settle(small_task(space->info())));
    if (!blueprint) continue;
    std::set<std::string> names;
    for (const SharedTensor& tensor : shared_tensors(*blueprint).list) {
      CHECK(names.insert(tensor.name).second);
    }
    CHECK(!names.empty());
  }
}

TEST_CASE("supernets: inner channels of a Res2 block are the first of each of its eight groups") {
  const auto space = make_space("efficient_tdnn");
  const auto blueprint = space->blueprint(space->settle(small_task(space->info())));
  const SharedTensors shared = shared_tensors(*blueprint);
  // Depth 2, all channels 256 of 512, inner ones 128 of 512: 16 of the 64 of each group.
  const Architecture subnet = space->parse("2.256.128.128.3.3.3.768");
  const TracedGraph traced = resolve_traced(*blueprint, subnet.choices);
  const auto parts = tensor_parts(*blueprint, shared, traced);
  std::vector<std::int64_t> expected;
  for (std::int64_t group = 0; group < 8; ++group) {
    for (std::int64_t i = 0; i < 16; ++i) expected.push_back(64 * group + i);
  }
  int seen = 0;
  for (NodeId node = 0; node < traced.graph.size(); ++node) {
    if (traced.graph.op(node).name != "conv1d") continue;
    const std::string path = traced.graph.path(node);
    const TensorPart& weight = parts[node][0];
    if (path.starts_with("block_1/se_res2_block/expand/")) {
      CHECK(weight.outputs.list == expected);
      CHECK(weight.inputs == Places{256, {}});
      ++seen;
    }
    if (path.starts_with("block_1/se_res2_block/project/")) {
      CHECK(weight.inputs.list == expected);
      CHECK(weight.outputs == Places{256, {}});
      ++seen;
    }
    if (path.find("/group_3/") != std::string::npos && path.starts_with("block_1/")) {
      CHECK(weight.outputs == Places{16, {}});
      CHECK(weight.inputs == Places{16, {}});
      CHECK(weight.window == 3);
      ++seen;
    }
    if (path.starts_with("aggregate/")) {
      // Rows {512 i + j, i < depth, j < channels} (sheet 3.1).
      REQUIRE(weight.inputs.list.size() == 512);
      CHECK(weight.inputs.list[255] == 255);
      CHECK(weight.inputs.list[256] == 512);
      ++seen;
    }
    if (path.starts_with("pool/attentive_stats_pool/weights/")) {
      CHECK(weight.outputs == Places{768, {}});
      ++seen;
    }
  }
  CHECK(seen == 5);
  const NodeId embedding = traced.graph.graph_outputs().back().value.node;
  const NodeId linear = traced.graph.inputs(embedding)[0].node;
  REQUIRE(traced.graph.op(linear).name == "linear");
  // After pooling the active places are {0..cat-1} and {1536..1536+cat-1}.
  CHECK(parts[linear][0].inputs.list[767] == 767);
  CHECK(parts[linear][0].inputs.list[768] == 1536);
}

}  // namespace
}  // namespace nas
