#include <doctest/doctest.h>

#include <cmath>
#include <thread>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/util/error.h"
#include "predictors/zerocost/proxy.h"
#include "tests/predictors/zerocost/proxy_testing.h"

namespace nas {
namespace {

using test::by_name;
using test::scores_of;

ScoreSettings small_settings() {
  ScoreSettings settings;
  settings.batch = 8;
  settings.seed = 3;
  return settings;
}

std::string message_of(const ArchGraph& graph, const std::string& proxies) {
  try {
    scores_of(graph, proxies, small_settings());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("zero-cost: all proxies together give what each gives alone") {
  const ArchGraph graph = test::small_cell(test::kCell);
  const auto fused = by_name(scores_of(graph, "all", small_settings()));
  const std::vector<ProxyChoice> choices = parse_proxies("all");
  CHECK(choices.size() >= 22);
  for (const ProxyChoice& choice : choices) {
    for (const ProxyScore& alone : scores_of(graph, choice.name, small_settings())) {
      CAPTURE(alone.name);
      const ProxyScore& together = fused.at(alone.name);
      CHECK(std::isfinite(alone.value));
      CHECK(together.value == doctest::Approx(alone.value).epsilon(2e-6));
      REQUIRE(together.layers.size() == alone.layers.size());
      double scale = 0;
      for (const double layer : alone.layers) scale = std::max(scale, std::abs(layer));
      for (std::size_t i = 0; i < alone.layers.size(); ++i) {
        CHECK(std::abs(together.layers[i] - alone.layers[i]) <= 1e-5 * scale);
      }
    }
  }
}

TEST_CASE("zero-cost: every proxy scores NAS-Bench-101, DARTS and MobileNetV3 networks") {
  ScoreSettings settings = small_settings();
  settings.batch = 2;
  for (const std::string name : {"nasbench101", "darts", "ofa_mobilenetv3"}) {
    const auto space = test::space_named(name);
    Task task = space->info().default_task;
    task.input = {3, 32, 32};
    task.classes = 3;  // vkdnw costs a backward pass for each
    task.width = space->info().small_width;
    task.depth = space->info().small_depth;
    Rng rng({.seed = 1, .purpose = Purpose::kTest});
    const ArchGraph graph = space->build(sample(*space, rng), task);
    CAPTURE(name);
    const auto found = scores_of(graph, "all", settings);
    CHECK(found.size() >= 26);
    for (const ProxyScore& score : found) {
      CAPTURE(score.name);
      CAPTURE(score.note);
      CHECK((std::isfinite(score.value) || !score.note.empty()));
    }
  }
}

TEST_CASE("zero-cost: every proxy scores networks of sequences, with and without classes") {
  ScoreSettings settings = small_settings();
  settings.batch = 4;
  const auto space = test::space_named("efficient_tdnn");
  const Architecture architecture = space->parse("2.128.128.128.3.1.3.384");
  Task task = space->info().default_task;
  task.input = {16, 24};
  task.embedding = 6;  // vkdnw costs a backward pass for each output
  for (const std::int64_t classes : {0, 3}) {
    task.classes = classes;
    CAPTURE(classes);
    const auto scores = scores_of(space->build(architecture, task), "all", settings);
    CHECK(scores.size() >= 26);
    for (const ProxyScore& score : scores) {
      CAPTURE(score.name);
      CAPTURE(score.note);
      CHECK(std::isfinite(score.value));
      CHECK(score.value != 0);
    }
  }
}

TEST_CASE("zero-cost: synflow by outputs is used where the network is monotone, and only there") {
  const auto space = test::space_named("efficient_tdnn");
  Task task = space->info().default_task;
  task.input = {16, 24};
  task.embedding = 6;
  const ArchGraph graph = space->build(space->parse("2.128.128.128.3.1.3.384"), task);
  const double alone = scores_of(graph, "synflow", small_settings())[0].value;
  const auto both = by_name(scores_of(graph, "synflow,logsynflow", small_settings()));
  CHECK(both.at("synflow").value == doctest::Approx(alone).epsilon(1e-10));
}

TEST_CASE("zero-cost: a teacher for images does not judge sequences") {
  const auto space = test::space_named("efficient_tdnn");
  const ArchGraph graph =
      space->build(space->parse("2.128.128.128.3.1.3.384"), space->info().default_task);
  CHECK(message_of(graph, "diswot").find("proxy 'diswot': it compares with a teacher for images") !=
        std::string::npos);
}

TEST_CASE("zero-cost: a graph without the layers a proxy needs is an error that names it") {
  const ArchGraph linear = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[3,8,8]\n%1 = global_avg_pool(%0)\n"
      "%2 = linear(%1) {out_features=4}\nreturn logits=%2\n");
  CHECK(message_of(linear, "nwot").find("proxy 'nwot': it needs ReLU") != std::string::npos);
  CHECK(message_of(linear, "zen").find("proxy 'zen': it needs batch norm") != std::string::npos);
  CHECK(message_of(linear, "snip").empty());
  const ArchGraph vectors = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[8]\n%1 = linear(%0) {out_features=4}\n"
      "return logits=%1\n");
  CHECK(message_of(vectors, "meco").find("proxy 'meco': it needs feature maps") !=
        std::string::npos);
}

TEST_CASE("zero-cost: names, options and settings that do not fit are usage errors") {
  const ArchGraph graph = test::small_cell(test::kCell);
  CHECK(message_of(graph, "synflo").find("synflow") != std::string::npos);
  CHECK(message_of(graph, "snip,snip").find("named twice") != std::string::npos);
  CHECK(message_of(graph, "nwot:relus=some").find("relus") != std::string::npos);
  CHECK(message_of(graph, "snip:x=1").find("x") != std::string::npos);
  ScoreSettings settings;
  settings.batch = 0;
  settings.init = "ones";
  CHECK_THROWS_WITH_AS(validate(settings), doctest::Contains("batch = 0"), Error);
  CHECK_THROWS_WITH_AS(validate(settings), doctest::Contains("init"), Error);
  CHECK(parse_proxies("nwot:relus=used,synflow:log=true,snip").size() == 3);
}

TEST_CASE("zero-cost: scores are a pure function of graph and settings, in every thread") {
  const ArchGraph graph = test::small_cell(test::kCell);
  const ProxyEngine engine(parse_proxies("reference,nwot,zen"), small_settings(), nullptr);
  const auto expected = engine.score(graph);
  std::vector<std::vector<ProxyScore>> found(2);
  {
    std::vector<std::jthread> threads;
    for (auto& scores : found) threads.emplace_back([&] { scores = engine.score(graph); });
  }
  for (const auto& scores : found) {
    for (std::size_t i = 0; i < expected.size(); ++i) CHECK(scores[i].value == expected[i].value);
  }
  ScoreSettings other = small_settings();
  other.seed = 4;
  CHECK(scores_of(graph, "snip", other)[0].value != by_name(expected).at("snip").value);
}

TEST_CASE("zero-cost: repeats average over initialisations") {
  const ArchGraph graph = test::small_cell(test::kCell);
  ScoreSettings settings = small_settings();
  const double one = scores_of(graph, "l2_norm", settings)[0].value;
  settings.repeats = 4;
  const double four = scores_of(graph, "l2_norm", settings)[0].value;
  CHECK(four != one);
  CHECK(four == doctest::Approx(one).epsilon(0.1));
}

TEST_CASE("zero-cost: dead convolutions count in weights and parameters, and have no gradient") {
  const ArchGraph graph = test::small_cell(test::kDeadCell);
  const auto layers = weight_layers(graph);
  const auto scores = by_name(scores_of(graph, "l2_norm,snip,params,gradsign", small_settings()));
  CHECK(scores.at("params").value * 1e6 ==
        doctest::Approx(static_cast<double>(graph_cost(graph).params)));
  std::size_t dead = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].name.find("edge_1_2") == std::string::npos) continue;
    ++dead;
    CHECK(scores.at("snip").layers[i] == 0);
    CHECK(scores.at("gradsign").layers[i] == 0);
    CHECK(scores.at("l2_norm").layers[i] > 0);
  }
  CHECK(dead == 3);
}

/// A graph with an operation that owns `tensor` in the role `role`.
ArchGraph graph_with_weights(const OpSchema& op) {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {8}});
  const Value y = builder.add_in_scope(op, {{x}}, {}, "middle");
  builder.output("logits", builder.add("linear", {y}, {{"out_features", 10}}));
  return builder.finish();
}

OpSchema owner_of(OpRole role, ParamList (*params)(const OpCall&)) {
  return {.name = "gated",
          .role = role,
          .infer = [](const OpCall& call,
                      std::vector<TensorType>& outputs) { outputs.push_back(call.inputs[0]); },
          .params = params};
}

TEST_CASE("zero-cost: an operation with weights of an unknown role is refused, never skipped") {
  const auto weight = [](const OpCall&) {
    ParamList list;
    list.add({.name = "weight", .shape = {8}});
    return list;
  };
  const auto gate = [](const OpCall&) {
    ParamList list;
    list.add({.name = "weight", .shape = {8}});
    list.add({.name = "gate", .shape = {8}});
    return list;
  };
  const auto statistics = [](const OpCall&) {
    ParamList list;
    list.add({.name = "mean", .shape = {8}, .trainable = false});
    return list;
  };
  const OpSchema unstated = owner_of(OpRole::kUnstated, weight);
  const OpSchema two = owner_of(OpRole::kWeight, gate);
  for (const OpSchema* op : {&unstated, &two}) {
    const ArchGraph graph = graph_with_weights(*op);
    CHECK_THROWS_WITH_AS(static_cast<void>(weight_layers(graph)),
                         doctest::Contains("'middle/gated'"), Error);
    for (const char* proxy : {"synflow", "params", "flops"}) {
      CHECK(message_of(graph, proxy).find("'middle/gated'") != std::string::npos);
    }
  }
  const OpSchema fine = owner_of(OpRole::kWeight, weight);
  CHECK(weight_layers(graph_with_weights(fine)).size() == 2);
  const OpSchema norm = owner_of(OpRole::kNormalisation, weight);
  CHECK(weight_layers(graph_with_weights(norm)).size() == 1);
  const OpSchema still = owner_of(OpRole::kUnstated, statistics);
  CHECK(weight_layers(graph_with_weights(still)).size() == 1);
}

TEST_CASE("zero-cost: layers are stem, cells in string order, reductions, classifier") {
  const auto layers = weight_layers(test::small_cell(test::kCell));
  std::vector<std::string> edges;
  for (const WeightLayer& layer : layers) {
    const std::size_t at = layer.name.find("edge_");
    edges.push_back(at == std::string::npos ? layer.name : layer.name.substr(at, 8));
  }
  REQUIRE(edges.size() == 1 + 3 * 4 + 2 * 3 + 1);
  CHECK(edges[0].find("stem") != std::string::npos);
  CHECK(std::vector(edges.begin() + 1, edges.begin() + 5) ==
        std::vector<std::string>{"edge_0_1", "edge_1_2", "edge_1_3", "edge_2_3"});
  CHECK(edges[5].find("conv_a") != std::string::npos);
  CHECK(edges[6].find("conv_b") != std::string::npos);
  CHECK(edges[7].find("shortcut") != std::string::npos);
  CHECK(edges.back().find("linear") != std::string::npos);
}

TEST_CASE("zero-cost: options of the proxies change what they say they change") {
  const ArchGraph graph = test::small_cell(test::kDeadCell);
  const auto value = [&](const std::string& proxy) {
    return scores_of(graph, proxy, small_settings())[0].value;
  };
  CHECK(value("synflow:log=true") == doctest::Approx(std::log(value("synflow"))));
  CHECK(value("nwot:relus=all") > value("nwot:relus=used"));
  CHECK(value("gradsign:over=sum") > value("gradsign:over=mean"));
  CHECK(value("zen:variance=exact") != value("zen:variance=running"));
  CHECK(value("flops:count=suite_zero") > value("flops:count=macs"));
  CHECK(value("flops:count=macs") > value("flops:count=live_macs"));
  CHECK(value("meco:levels=modules") > value("meco:levels=nodes"));
}

TEST_CASE(
    "zero-cost: live multiply-adds leave out what no output needs and what runs on constants") {
  const auto flops = [](const std::string& cell, const std::string& count) {
    return scores_of(test::small_cell(cell), "flops:count=" + count, small_settings())[0].value;
  };
  const char* dead = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|";
  const char* skip = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
  CHECK(flops(dead, "macs") > flops(skip, "macs"));
  CHECK(flops(dead, "live_macs") == flops(skip, "macs"));
  CHECK(flops(test::kCell, "live_macs") == flops(test::kCell, "macs"));
}

}  // namespace
}  // namespace nas
