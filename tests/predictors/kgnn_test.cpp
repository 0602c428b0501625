// The computation graphs and the k-GNN of GENNAPE: shared/data/cg-examples holds released graphs,
// weights and what the released code predicts.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <ctime>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/ir/forms/text_form.h"
#include "core/util/file.h"
#include "predictors/gennape/comp_graph.h"
#include "predictors/gennape/kgnn.h"
#include "searchspaces/registry.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

using Json = nlohmann::json;

std::unique_ptr<SearchSpace> make(const char* name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

PredictorState released_weights(const std::filesystem::path& folder) {
  const Json manifest = Json::parse(read_file(folder / "kgnn_manifest.json"));
  const std::string bytes = read_file(folder / "kgnn_weights_f32le.bin");
  PredictorState state;
  for (const Json& entry : manifest.at("tensors")) {
    std::vector<float> values(entry.at("count").get<std::size_t>());
    std::memcpy(values.data(), bytes.data() + entry.at("offset_bytes").get<std::size_t>(),
                values.size() * sizeof(float));
    state.tensors.push_back({entry.at("name").get<std::string>(),
                             entry.at("shape").get<std::vector<std::int64_t>>(),
                             {values.begin(), values.end()}});
  }
  return state;
}

CompGraph released_graph(const std::filesystem::path& file) {
  const Json json = Json::parse(read_file(file));
  CompGraph graph;
  graph.weighted = json.at("n_weighted").get<std::size_t>();
  for (const Json& entry : json.at("nodes")) {
    CgNode node;
    node.op = static_cast<CgOp>(entry.at("op_index").get<int>());
    node.weighted = entry.at("kind").get<std::string>() == "weighted";
    node.resolution =
        entry.at("resolution_HinHoutWinWoutCinCout").get<std::array<std::int32_t, 6>>();
    if (node.weighted) {
      const auto weight = entry.at("weight_CinCoutK1K2").get<std::array<int, 4>>();
      node.kernel_h = static_cast<std::uint8_t>(weight[2]);
      node.kernel_w = static_cast<std::uint8_t>(weight[3]);
      node.bias = entry.at("use_bias").get<bool>();
    }
    graph.nodes.push_back(node);
  }
  for (const Json& edge : json.at("edges")) {
    graph.edges.emplace_back(edge.at(0).get<std::uint32_t>(), edge.at(1).get<std::uint32_t>());
  }
  return graph;
}

std::map<CgOp, int> counts(const CompGraph& graph) {
  std::map<CgOp, int> result;
  for (const CgNode& node : graph.nodes) ++result[node.op];
  return result;
}

CompGraph of_cell(const SearchSpace& space, std::string_view text) {
  return comp_graph_of(space.build(space.parse(text), space.info().default_task));
}

}  // namespace

TEST_CASE("computation graph: the best released cell of NAS-Bench-101 has its 225 nodes") {
  const auto space = make("nasbench101");
  const CompGraph graph = of_cell(*space, "7:10da13:00200");
  CHECK(graph.nodes.size() == 225);
  CHECK(graph.edges.size() == 251);
  CHECK(graph.weighted == 65);
  CHECK(counts(graph) == std::map<CgOp, int>{{CgOp::kInput, 1},
                                             {CgOp::kOutput, 1},
                                             {CgOp::kConv, 64},
                                             {CgOp::kBatchNorm, 64},
                                             {CgOp::kRelu, 64},
                                             {CgOp::kMatmul, 1},
                                             {CgOp::kAdd, 18},
                                             {CgOp::kMaxPool, 11},
                                             {CgOp::kMean, 1}});
  // What is released under this name.
  const auto folder = test_data("cg-examples");
  if (folder.empty()) return;
  const CompGraph released = released_graph(folder / "cgs" / "nb101_best.json");
  CHECK(counts(graph) == counts(released));
  std::multiset<std::array<std::int32_t, 6>> ours, theirs;
  for (const CgNode& node : graph.nodes) ours.insert(node.resolution);
  for (const CgNode& node : released.nodes) theirs.insert(node.resolution);
  CHECK(ours == theirs);
}

TEST_CASE(
    "computation graph: cell 6111 of NAS-Bench-201 is the released one but for what ours has") {
  const auto space = make("nasbench201");
  const CompGraph graph =
      of_cell(*space,
              "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|"
              "nor_conv_1x1~2|");
  const std::map<CgOp, int> found = counts(graph);
  CHECK(graph.weighted == 83);
  CHECK(found.at(CgOp::kConv) == 82);
  CHECK(found.at(CgOp::kMatmul) == 1);
  CHECK(found.at(CgOp::kAvgPool) == 2);
  CHECK(found.at(CgOp::kIdentity) == 15);  // released: 16, one is a dropout
  CHECK(found.at(CgOp::kBatchNorm) ==
        76 + 4 + 1);  // released: none in the residual blocks, no last
  CHECK(found.at(CgOp::kRelu) == 79 + 1);
  CHECK(found.at(CgOp::kAdd) == 47 - 15);  // released: three terms are two additions
}

TEST_CASE("computation graph: kernels, depthwise, dilation and dead branches of a small network") {
  const ArchGraph network = parse_graph(
      "searchlight-graph 1\n"
      "%0 = input() : float[4,8,8]\n"
      "%1 = conv2d(%0) {out_channels=4, kernel=5, padding=2, groups=4}\n"
      "%2 = conv2d(%1) {out_channels=6, kernel=3, padding=2, dilation=2, bias=true}\n"
      "%3 = zero(%2)\n"
      "%4 = conv2d(%0) {out_channels=6, kernel=1}\n"
      "%5 = add(%2, %3)\n"
      "%6 = concat(%5, %4)\n"
      "%7 = global_avg_pool(%6)\n"
      "%8 = linear(%7) {out_features=3}\n"
      "return logits=%8\n");
  const CompGraph graph = comp_graph_of(network);
  const std::map<CgOp, int> found = counts(graph);
  CHECK(found == std::map<CgOp, int>{{CgOp::kInput, 1},
                                     {CgOp::kOutput, 1},
                                     {CgOp::kConv, 2},
                                     {CgOp::kDepthwise, 1},
                                     {CgOp::kMatmul, 1},
                                     {CgOp::kConcat, 1},
                                     {CgOp::kMean, 1},
                                     {CgOp::kSpaceToBatch, 1},
                                     {CgOp::kBatchToSpace, 1}});
  CHECK(graph.nodes[0].op == CgOp::kDepthwise);
  CHECK(graph.nodes[0].kernel_h == 5);
  CHECK(graph.nodes[1].bias);
  CHECK(graph.nodes[1].resolution == std::array<std::int32_t, 6>{8, 8, 8, 8, 4, 6});
  // From the input, along the dilated branch, into the concatenation, down to the output.
  CHECK(graph.edges.size() == 2 + 3 + 2 + 3);
}

TEST_CASE("acceptance: released weights predict 21 released graphs as the released code does") {
  const auto folder = test_data("cg-examples");
  if (folder.empty()) return;
  const KGnn<double> net(released_weights(folder));
  const Json golden = Json::parse(read_file(folder / "kgnn_golden.json"));
  CHECK(golden.size() == 21);
  std::vector<CompGraph> graphs;
  std::vector<double> wanted;
  for (const auto& [name, entry] : golden.items()) {
    graphs.push_back(released_graph(folder / "cgs" / (name + ".json")));
    wanted.push_back(entry.at("prediction_accuracy_fraction").get<double>());
    const CompGraph* one = &graphs.back();
    CAPTURE(name);
    CHECK(std::abs(net.predict(std::span(&one, 1))[0] - wanted.back()) < 1e-9);
    const std::vector<double> embedding = net.embed(std::span(&one, 1));
    for (std::size_t i = 0; i < 5; ++i) {
      const double value = entry.at("graph_embedding_mean_first5").at(i).get<double>();
      CHECK(std::abs(embedding[i] - value) < 1e-9);
    }
  }
  std::vector<const CompGraph*> all;
  for (const CompGraph& graph : graphs) all.push_back(&graph);
  const std::vector<double> together = net.predict(all);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(std::abs(together[i] - wanted[i]) < 1e-9);
}

TEST_CASE("k-GNN: the gradient is that of the loss") {
  const auto space = make("nasbench201");
  Rng rng({.seed = 12});
  std::vector<CompGraph> graphs;
  std::vector<double> targets;
  Task task = space->info().default_task;
  task.depth = 1;
  for (int i = 0; i < 4; ++i) {
    graphs.push_back(comp_graph_of(space->build(sample(*space, rng), task)));
    targets.push_back(rng.normal());
  }
  std::vector<const CompGraph*> all;
  for (const CompGraph& graph : graphs) all.push_back(&graph);
  KGnn<double> net(rng.stream(1));
  std::vector<double> gradient, unused;
  net.loss(all, targets, gradient);
  CHECK(net.parameters().size() == 18'047);
  for (std::size_t i = 3; i < gradient.size(); i += 613) {
    const double before = net.parameters()[i], step = 1e-5;
    net.parameters()[i] = before + step;
    const double above = net.loss(all, targets, unused);
    net.parameters()[i] = before - step;
    const double below = net.loss(all, targets, unused);
    net.parameters()[i] = before;
    CAPTURE(i);
    CHECK((above - below) / (2 * step) == doctest::Approx(gradient[i]).epsilon(1e-4).scale(1e-3));
  }
}

TEST_CASE("acceptance: all cells of NAS-Bench-201 are encoded in five seconds of one core") {
  const auto space = make("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  const std::clock_t start = std::clock();
  std::size_t nodes = 0;
  for (std::uint64_t i = 0; i < indexed.size(); ++i) {
    nodes += comp_graph_of(space->build(indexed.at(i), space->info().default_task)).nodes.size();
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  MESSAGE("15,625 graphs, " << nodes << " nodes, " << seconds << " s of processor time");
  CHECK(nodes > 15'625 * 50);
  CHECK(seconds < 5);
}

TEST_CASE("acceptance: the k-GNN predicts 3,000 networks a second of one core") {
  const auto space = make("nasbench201");
  Rng rng({.seed = 13});
  std::vector<CompGraph> graphs;
  while (graphs.size() < 2048) {
    graphs.push_back(comp_graph_of(space->build(sample(*space, rng), space->info().default_task)));
  }
  const KGnn<float> net(rng.stream(1));
  const std::clock_t start = std::clock();
  double sum = 0;
  for (std::size_t begin = 0; begin < graphs.size(); begin += 256) {
    std::vector<const CompGraph*> batch;
    for (std::size_t i = begin; i < begin + 256; ++i) batch.push_back(&graphs[i]);
    for (const float value : net.predict(batch)) sum += static_cast<double>(value);
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const double rate = static_cast<double>(graphs.size()) / seconds;
  MESSAGE("networks a second: " << rate);
  CHECK(std::isfinite(sum));
  CHECK(rate >= 3000);
}
