#include "hwmodels/kernel.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/ir/arch_builder.h"
#include "core/util/error.h"
#include "hwmodels/kernel_detection.h"
#include "hwmodels/kernel_strip.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

std::vector<std::string> kinds_of(const ArchGraph& graph, const FusionRules& rules) {
  const NetworkKernels kernels(graph, rules);
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    kinds.push_back(kernel_kind(kernels.kernel(i)));
  }
  return kinds;
}

/// conv - batch norm - relu, twice; a shortcut around the second, plus a sum with zeros.
ArchGraph small_network() {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {3, 8, 8}});
  const auto block = [&](Value in) {
    const Value conv =
        builder.add("conv2d", {in}, {{"out_channels", 16}, {"kernel", 3}, {"padding", 1}});
    return builder.add("relu", {builder.add("batch_norm", {conv})});
  };
  const Value first = block(x);
  const Value sum = builder.add("add", {block(first), first, builder.add("zero", {first})});
  builder.add("max_pool", {sum}, {{"kernel", 2}, {"stride", 2}});  // nobody reads it
  const Value pooled =
      builder.add("global_avg_pool", {builder.add("add", {builder.add("identity", {sum})})});
  builder.output("logits", builder.add("linear", {pooled}, {{"out_features", 10}}));
  return builder.finish();
}

}  // namespace

TEST_CASE("kernels: what runs, and no more") {
  const ArchGraph graph = small_network();
  CHECK(kinds_of(graph, {}) == std::vector<std::string>{"conv2d", "batch_norm", "relu", "conv2d",
                                                        "batch_norm", "relu", "add",
                                                        "global_avg_pool", "linear"});
  const NetworkKernels kernels(graph, {});
  CHECK(kernel_text(kernels.kernel(0)) == "conv2d 3x8x8 out_channels=16 kernel=3 padding=1");
  CHECK(kernel_text(kernels.kernel(2)) == "relu 16x8x8 in_place");
  CHECK(kernel_text(kernels.kernel(6)) == "add 16x8x8 16x8x8 in_place");
  CHECK(kernels.key(1) == kernels.key(4));
  CHECK(kernels.key(0) != kernels.key(3));
}

TEST_CASE("running nodes: a sum leaves zeros out, and of zeros alone keeps one") {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {3, 8, 8}});
  const Value relu = builder.add("relu", {x});
  const Value dead = builder.add("zero", {relu}), zero = builder.add("zero", {x});
  const Value zeros = builder.add("add", {zero, dead});
  builder.output("out", builder.add("add", {zeros, dead, x}));
  const ArchGraph graph = builder.finish();
  const RunningNodes running(graph);
  std::vector<bool> runs;
  for (NodeId node = 0; node < graph.size(); ++node) runs.push_back(running.runs(node));
  // Input, relu, both zeros, the sum of zeros, the sum.
  CHECK(runs == std::vector<bool>{true, false, false, true, true, true});
  CHECK(running.inputs(4).size() == 1);
  CHECK(running.inputs(5).size() == 2);
  CHECK(running.any(0, 2));
  CHECK_FALSE(running.any(1, 3));
}

TEST_CASE("kernels: a result is fused into its only reader where the rules say so") {
  const FusionRules rules{
      {{"conv2d", "batch_norm"}, {"batch_norm", "relu"}, {"relu", "add"}, {"relu", "conv2d"}}};
  CHECK(kinds_of(small_network(), rules) == std::vector<std::string>{"conv2d+batch_norm+relu",
                                                                     "conv2d+batch_norm+relu+add",
                                                                     "global_avg_pool", "linear"});
}

TEST_CASE("kernels: work counts two operations a MAC, and what a fused result does not move") {
  const Kernel conv = parse_kernel("conv2d 8x10x10 out_channels=4 kernel=3 padding=1");
  const KernelWork alone = kernel_work(conv, 2);
  CHECK(alone.flops == 2 * 2 * 100 * 4 * 8 * 9);
  CHECK(alone.bytes == 4 * (2 * (800 + 400) + 8 * 4 * 9));
  CHECK_FALSE(alone.depthwise);
  const KernelWork fused = kernel_work(
      parse_kernel("conv2d 8x10x10 out_channels=4 kernel=3 padding=1 + relu 4x10x10 in_place"), 2);
  CHECK(fused.bytes == alone.bytes);
  CHECK(kernel_work(parse_kernel("conv2d 8x10x10 out_channels=8 kernel=3 groups=8"), 1).depthwise);
}

TEST_CASE("kernels: texts read back, others are refused") {
  for (const char* text :
       {"conv2d 8x10x10 out_channels=8 kernel=3 groups=8", "batch_norm 16x4x4 eps=0.001",
        "concat 4x2x2 6x2x2", "multiply 16x4x4 16x1x1", "linear 64 out_features=10",
        "conv2d 3x8x8 out_channels=16 kernel=3 padding=1 + batch_norm 16x6x6 + relu 16x6x6 "
        "in_place"}) {
    std::string read;
    CHECK_NOTHROW(read = kernel_text(parse_kernel(text)));
    if (std::string(text).find(" + ") == std::string::npos) CHECK(read == text);
  }
  for (const char* text : {"", "conv2e 3x8x8", "conv2d 3x8xq kernel=3 out_channels=1", "relu",
                           "conv2d 3x8x8 out_channels=16 kernel=9"}) {
    CHECK_THROWS_AS(parse_kernel(text), Error);
  }
}

TEST_CASE("kernels: all spaces fall into kernels that read back with the same features") {
  std::set<std::string> seen;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const auto space = plugin->make({});
    if (space->info().default_task.input.rank() != 3) continue;
    Rng rng({.seed = 3});
    const ArchGraph graph = space->build(sample(*space, rng), space->info().default_task);
    const NetworkKernels kernels(graph, {});
    CHECK(kernels.size() > 0);
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      const Kernel kernel = kernels.kernel(i);
      if (!seen.insert(kernel_text(kernel)).second) continue;
      const Kernel read = parse_kernel(kernel_text(kernel));
      CHECK(kernel_text(read) == kernel_text(kernel));
      CHECK(kernel_features(read) == kernel_features(kernel));
      CHECK(kernel_kind(read) == kernel_kind(kernel));
    }
  }
  CHECK(seen.size() > 100);
}

TEST_CASE("kernels: a strip runs each of them once, under the conditions it had") {
  std::vector<Kernel> kernels;
  for (const char* text :
       {"conv2d 16x8x8 out_channels=24 kernel=3 padding=1", "relu 12x8x8 in_place", "relu 12x8x8",
        "add 8x8x8 8x8x8 8x8x8 in_place", "add 8x8x8 8x8x8", "concat 4x8x8 6x8x8",
        "conv2d 3x8x8 out_channels=16 kernel=1 + batch_norm 16x8x8 + relu 16x8x8 in_place"}) {
    kernels.push_back(parse_kernel(text));
    CHECK(fits_strip(kernels.back()));
  }
  const KernelStrip strip = make_strip(kernels);
  const NetworkKernels found(strip.graph, {});
  std::multiset<std::string> texts;
  for (std::size_t i = 0; i < found.size(); ++i) texts.insert(kernel_text(found.kernel(i)));
  for (const Kernel& kernel : kernels) {
    for (const KernelOp& op : kernel.ops) CHECK(texts.contains(kernel_text({{op}})));
  }
  CHECK(strip.nodes[6].size() == 3);
  CHECK_FALSE(fits_strip(parse_kernel("linear 64 out_features=10")));
  CHECK_FALSE(fits_strip(parse_kernel("multiply 16x4x4 16x1x1")));
}

TEST_CASE("kernels: perturbed ones have other channels and are still kernels") {
  Rng rng({.seed = 5});
  for (const char* text : {"conv2d 32x8x8 out_channels=64 kernel=3 padding=1",
                           "conv2d 32x8x8 out_channels=32 kernel=5 padding=2 groups=32",
                           "add 32x8x8 32x8x8", "concat 32x8x8 48x8x8", "batch_norm 32x8x8"}) {
    const Kernel kernel = parse_kernel(text);
    bool differs = false;
    for (int i = 0; i < 10; ++i) {
      const auto other = perturbed(kernel, rng);
      REQUIRE(other.has_value());
      CHECK(kernel_kind(*other) == kernel_kind(kernel));
      const std::int64_t channels = other->ops[0].inputs[0].shape[0];
      CHECK(channels >= 16);
      CHECK(channels <= 38);
      differs = differs || channels != 32;
      CHECK(fits_strip(*other));
    }
    CHECK(differs);
  }
}
