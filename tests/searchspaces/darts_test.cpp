#include <doctest/doctest.h>

#include <map>

#include "core/ir/same/simplify.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

constexpr std::string_view kDartsV2 =
    "sep_conv_3x3:0 sep_conv_3x3:1 | sep_conv_3x3:0 sep_conv_3x3:1 | skip_connect:0 sep_conv_3x3:1 "
    "| skip_connect:0 dil_conv_3x3:2 ; max_pool_3x3:0 max_pool_3x3:1 | max_pool_3x3:1 "
    "skip_connect:2 | max_pool_3x3:0 skip_connect:2 | max_pool_3x3:1 skip_connect:2";

constexpr std::string_view kDartsV2Python =
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), "
    "('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))";

Task darts_task(std::string_view skeleton, bool auxiliary = false) {
  const bool imagenet = skeleton == "imagenet";
  Task task = imagenet ? test::task_of({3, 224, 224}, 1000) : test::task_of({3, 32, 32}, 10);
  task.skeleton = skeleton;
  task.auxiliary = auxiliary;
  return task;
}

TEST_CASE("darts: decisions are the inputs and operations of the nodes") {
  const auto space = make_space("darts");
  CHECK(space->decisions().size() == 2 * (4 * 2 + 3));
  CHECK(space->decisions()[0].name == "normal/node_2/op_a");
  CHECK(space->decisions()[2].name == "normal/node_3/inputs");
  CHECK(space->decisions()[2].choices == std::vector<std::string>{"0_1", "0_2", "1_2"});
  // (7^8 * 3 * 6 * 10)^2
  CHECK(count(*space).digits == "1076746950455072400");
}

TEST_CASE("darts: all notations of one genotype are one architecture") {
  const auto space = make_space("darts");
  const Architecture architecture = space->parse("DARTS_V2");
  CHECK(space->format(architecture) == kDartsV2);
  CHECK(space->parse(kDartsV2) == architecture);
  CHECK(space->parse(kDartsV2Python) == architecture);
  std::string without_bars(kDartsV2);
  std::erase(without_bars, '|');
  CHECK(space->parse(without_bars) == architecture);
}

TEST_CASE("darts: the key/value form of NAS-Bench-301 is read") {
  const auto space = make_space("darts");
  // Edges are numbered node by node: offsets 0, 2, 5, 9 and the input.
  std::string text = "{";
  const auto put = [&](const std::string& key, const std::string& value) {
    text += "'NetworkSelectorDatasetInfo:darts:" + key + "': '" + value + "', ";
  };
  for (const std::string cell : {"normal", "reduce"}) {
    put("inputs_node_" + cell + "_3", "0_2");
    put("inputs_node_" + cell + "_4", "1_3");
    put("inputs_node_" + cell + "_5", "0_4");
    put("edge_" + cell + "_0", "sep_conv_3x3");
    put("edge_" + cell + "_1", "skip_connect");
    put("edge_" + cell + "_2", "max_pool_3x3");
    put("edge_" + cell + "_4", "dil_conv_5x5");
    put("edge_" + cell + "_6", "sep_conv_5x5");
    put("edge_" + cell + "_8", "avg_pool_3x3");
    put("edge_" + cell + "_9", "dil_conv_3x3");
    put("edge_" + cell + "_13", "skip_connect");
  }
  const std::string cell =
      "sep_conv_3x3:0 skip_connect:1 | max_pool_3x3:0 dil_conv_5x5:2 | sep_conv_5x5:1 "
      "avg_pool_3x3:3 | dil_conv_3x3:0 skip_connect:4";
  CHECK(space->format(space->parse(text + "}")) == cell + " ; " + cell);
  const std::string error = usage_error([&] {
    std::string broken = text;
    space->parse(broken.replace(broken.find("0_4"), 3, "4_0"));
  });
  CHECK(error.find("inputs_node_normal_5 = '4_0', expected i_j with i < j < 5") !=
        std::string::npos);
}

TEST_CASE("darts: all 14 edges are choices of eight") {
  const auto space = make_space("darts");
  Task task = darts_task("cifar");
  task.width = 4;
  task.depth = 3;
  const std::optional<Blueprint> blueprint = space->blueprint(task);
  REQUIRE(blueprint.has_value());
  std::map<std::size_t, int> choices;  // by number of alternatives
  for (const BlueprintNode& node : blueprint->nodes) {
    if (node.op == nullptr) ++choices[node.inputs.size()];
  }
  // At node 2, which reads both inputs whatever the architecture, `none` is in the mixtures alone.
  CHECK(choices == std::map<std::size_t, int>{{8, 3 * 14}});
}

TEST_CASE("darts: edges that are not chosen vanish with simplification, parameters stay") {
  const auto space = make_space("darts");
  Task task = darts_task("cifar");
  task.width = 4;
  task.depth = 3;
  const ArchGraph graph = space->build(space->parse("PC_DARTS_cifar"), task);
  const ArchGraph simple = simplified(graph);
  const auto zeros = [](const ArchGraph& g) {
    std::size_t found = 0;
    for (NodeId id = 0; id < g.size(); ++id) found += g.op(id).name == "zero" ? 1 : 0;
    return found;
  };
  CHECK(zeros(graph) == 3 * 6);
  CHECK(zeros(simple) == 0);
  CHECK(graph_cost(graph).params == graph_cost(simple).params);
  CHECK(graph_cost(graph).macs == graph_cost(simple).macs);
}

TEST_CASE("darts: auxiliary heads have their published parameters") {
  const auto space = make_space("darts");
  const Architecture architecture = space->parse("DARTS_V1");
  for (const auto& [skeleton, params] :
       {std::pair{"cifar", std::int64_t{476426}}, std::pair{"imagenet", std::int64_t{1260776}}}) {
    CAPTURE(skeleton);
    const ArchGraph with = space->build(architecture, darts_task(skeleton, true));
    const ArchGraph without = space->build(architecture, darts_task(skeleton));
    CHECK(graph_cost(with).params - graph_cost(without).params == params);
    REQUIRE(with.graph_outputs().size() == 2);
    CHECK(with.graph_outputs()[0].name == "auxiliary");
    CHECK(with.type(with.graph_outputs()[0].value) == with.type(with.graph_outputs()[1].value));
  }
}

TEST_CASE("darts: bad genotypes are refused with position and reason") {
  const auto space = make_space("darts");
  const auto error = [&](std::string_view from, std::string_view to, std::string_view in) {
    std::string text(in);
    text.replace(text.find(from), from.size(), to);
    return usage_error([&] { space->parse(text); });
  };
  CHECK(error("sep_conv_3x3", "sep_conv_3x4", kDartsV2).find("did you mean 'sep_conv_3x3'") !=
        std::string::npos);
  CHECK(error("dil_conv_3x3:2", "dil_conv_3x3:5", kDartsV2).find("an input of node 5 in [0, 4]") !=
        std::string::npos);
  CHECK(
      error("dil_conv_3x3:2", "dil_conv_3x3:0", kDartsV2).find("two different inputs of node 5") !=
      std::string::npos);
  CHECK(error(" ; ", " ", kDartsV2).find("expected ';'") != std::string::npos);
  CHECK(error("range(2, 6)", "range(3, 6)", kDartsV2Python)
            .find("the concatenation of nodes 2 to 5") != std::string::npos);
  CHECK(error("[2, 3, 4, 5]", "[2, 3, 4]", kDartsV2Python)
            .find("the concatenation of nodes 2 to 5") != std::string::npos);
  CHECK(usage_error([&] { space->parse("DARTS_V3"); }).find("did you mean 'DARTS_V") !=
        std::string::npos);
  CHECK_FALSE(usage_error([&] { space->parse("edge_normal_0 sep_conv_3x3"); }).empty());
}

TEST_CASE("acceptance: darts published cells have their exact sizes on CIFAR and ImageNet") {
  const auto dir = test::test_data("oneshot-darts-genotypes");
  if (dir.empty()) return;
  const CsvTable table = CsvTable::parse(read_file(dir / "genotypes.csv"), "genotypes.csv");
  REQUIRE(table.rows() == 4);
  const test::Stopwatch watch;
  const auto space = make_space("darts");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view column) { return table.at(row, table.column(column)); };
    CAPTURE(text("name"));
    const Architecture architecture =
        space->parse(std::string(text("normal")) + " ; " + std::string(text("reduce")));
    CHECK(space->parse(text("name")) == architecture);
    const GraphCost cifar = graph_cost(space->build(architecture, darts_task("cifar")));
    CHECK(cifar.params == parse_int(text("cifar_params_C36_L20")));
    CHECK(published_macs(space->info(), cifar) == parse_int(text("cifar_macs")));
    const GraphCost imagenet = graph_cost(space->build(architecture, darts_task("imagenet")));
    CHECK(imagenet.params == parse_int(text("imagenet_params_C48_L14")));
    CHECK(published_macs(space->info(), imagenet) == parse_int(text("imagenet_macs")));
  }
  MESSAGE("4 cells, two networks each, in ", watch.seconds(), " s");
}

}  // namespace
}  // namespace nas
