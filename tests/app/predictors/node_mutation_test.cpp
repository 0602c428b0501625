#include "app/predictors/node_mutation.h"

#include <doctest/doctest.h>

#include <set>

#include "core/ir/forms/text_form.h"
#include "tests/core/ir/sample_graphs.h"

using namespace nas;
using namespace nas::test;

namespace {

std::size_t different_nodes(const ArchGraph& a, const ArchGraph& b) {
  std::size_t count = 0;
  for (NodeId node = 0; node < a.size(); ++node) {
    const bool same =
        &a.op(node) == &b.op(node) && std::ranges::equal(a.attrs(node), b.attrs(node));
    count += same ? 0 : 1;
  }
  return count;
}

/// A chain, in which every change of channels fits.
const ArchGraph& small_network() {
  static const ArchGraph kGraph = parse_graph(
      "searchlight-graph 1\n"
      "%0 = input() : float[3,8,8]\n"
      "%1 = conv2d(%0) {out_channels=8, kernel=3, padding=1}\n"
      "%2 = batch_norm(%1)\n"
      "%3 = relu(%2)\n"
      "%4 = max_pool(%3) {kernel=3, stride=2, padding=1}\n"
      "%5 = conv2d(%4) {out_channels=16, kernel=1}\n"
      "%6 = global_avg_pool(%5)\n"
      "%7 = linear(%6) {out_features=10}\n"
      "return logits=%7\n");
  return kGraph;
}

}  // namespace

TEST_CASE("node mutation: one node changes, shapes follow, and the outputs stay what they are") {
  const std::vector<int> cell{3, 1, 2, 3, 4, 1};
  Rng rng({.seed = 1});
  for (const ArchGraph& graph : {small_network(), nb201_network(cell, 1)}) {
    std::size_t made = 0;
    for (int i = 0; i < 600; ++i) {
      const auto mutation = mutate_node(graph, rng);
      if (!mutation) continue;
      ++made;
      CAPTURE(mutation->text);
      mutation->graph.check();
      CHECK(mutation->graph.size() == graph.size());
      CHECK(different_nodes(graph, mutation->graph) == 1);
      CHECK(mutation->graph.type(mutation->graph.graph_outputs()[0].value) ==
            graph.type(graph.graph_outputs()[0].value));
    }
    CHECK(made > 60);
  }
}

TEST_CASE("node mutation: operations, kernels and channels all change, also in stem and head") {
  Rng rng({.seed = 2});
  std::set<std::string> texts;
  for (int i = 0; i < 3000; ++i) {
    if (const auto mutation = mutate_node(small_network(), rng)) texts.insert(mutation->text);
  }
  for (const char* text :
       {"conv2d: kernel 3 -> 5", "conv2d: channels 8 -> 16", "conv2d:1: channels 16 -> 12",
        "conv2d:1: kernel 1 -> 3", "relu: relu -> gelu", "max_pool: max_pool -> avg_pool",
        "max_pool: max_pool -> depthwise conv2d"}) {
    CAPTURE(text);
    CHECK(texts.contains(text));
  }
  for (const std::string& text : texts) CHECK_FALSE(text.starts_with("linear"));  // ten classes
}

TEST_CASE("node mutation: what does not fit together is refused, and equal seeds are equal") {
  const std::vector<int> cell{3, 3, 3, 3, 3, 3};
  const ArchGraph graph = nb201_network(cell, 1);
  Rng first({.seed = 3}), second({.seed = 3});
  int channels = 0;
  for (int i = 0; i < 500; ++i) {
    const auto a = mutate_node(graph, first), b = mutate_node(graph, second);
    REQUIRE(a.has_value() == b.has_value());
    if (!a) continue;
    CHECK(a->graph == b->graph);
    channels += a->text.find("channels") != std::string::npos ? 1 : 0;
  }
  // Convolutions of a cell end at additions; inside a residual block one may change.
  CHECK(channels < 60);
}
