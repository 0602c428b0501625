#include <doctest/doctest.h>

#include "core/api/decision_effects.h"
#include "core/api/notation.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

// Once-for-All on the widths of ProxylessNAS, and its ResNet50-D.

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

/// "3 5 7" -> "3,5,7".
std::string comma_list(std::string_view text) {
  return join(split_words(text), ",");
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string repeated(const std::string& word, std::size_t times) {
  return join(std::vector<std::string>(times, word), ",");
}

GraphCost cost_of(const SearchSpace& space, std::string_view text) {
  return graph_cost(space.build(space.parse(text), space.info().default_task));
}

const std::string kV100 =
    "r=192;d=2,2,3,4,4,1;k=3,3,5,5,7,3,7,7,5,3,7,3,5,5,3,3;e=3,3,6,3,3,3,4,4,4,3,4,6,6,4,6,4";

TEST_CASE("ofa_proxyless: a text has the existing blocks; unused genes are dropped") {
  const auto space = make_space("ofa_proxyless");
  CHECK(space->decisions().size() == 1 + 5 + 21 + 21);
  const Architecture v100 = space->parse(kV100);
  CHECK(space->format(v100) == kV100);
  const std::string all =
      "r=192;d=2,2,3,4,4;k=3,3,7,7,5,5,7,7,7,3,7,7,7,5,3,7,3,5,5,3,3;"
      "e=3,3,6,6,6,3,6,6,3,3,4,6,4,4,3,4,6,6,4,6,4";
  CHECK(space->parse(all) == v100);
  CHECK_NOTHROW(validate(*space, v100));
  const auto error = [&](std::string text) { return usage_error([&] { space->parse(text); }); };
  CHECK(has(error("r=192;d=2,2,3,4;k=3"), "five depths before, not 4"));
  CHECK(has(error("r=192;d=2,2,3,1,4;k=3"), "depths from 2 to 4 before"));
  CHECK(has(error("r=192;d=2,2,3,4,4,1;k=3,3"), "of the 16 existing blocks before (it has 2)"));
}

TEST_CASE("ofa_resnet50: depths beyond the least, widths by index, ratios of existing blocks") {
  const auto space = make_space("ofa_resnet50");
  CHECK(space->decisions().size() == 1 + 1 + 4 + 6 + 18);
  const std::string smallest = "r=128;d=0,0,0,0,0;w=0,0,0,0,0,0;e=" + repeated("0.2", 10);
  const std::string largest = "r=224;d=2,2,2,2,2;w=2,2,2,2,2,2;e=" + repeated("0.35", 18);
  for (const std::string& text : {smallest, largest}) {
    CHECK(space->format(space->parse(text)) == text);
  }
  // golden_r50.csv, rows 0 and 1.
  CHECK(cost_of(*space, largest).macs == 7491643904);
  CHECK(cost_of(*space, smallest).macs == 315079552);
  const Architecture read =
      read_architecture(*space,
                        "{'d': [0, 0, 0, 0, 0], 'e': 0.2, 'w': [0, 0, 0, 0, 0, 0], 'r': 128}")
          .architecture;
  CHECK(space->format(read) == smallest);
  const auto error = [&](std::string_view text) {
    return usage_error([&] { read_architecture(*space, text); });
  };
  CHECK(has(error("r=128;d=1,0,0,0,0;w=0"), "unknown depth of the stem '1'"));
  CHECK(has(error("r=128;d=0,0,0,0,0;w=0,0;e=0.2"), "six widths before, not 2"));
  CHECK(has(error("r=128;d=0,0,0,0,0;w=0,0,0,0,0,0;e=0.3"), "unknown expansion ratio '0.3'"));
  CHECK(has(error("{'d': [0, 0, 0, 0, 0], 'w': [0, 0, 0, 0, 0, 0]}"), "ratios 'e'"));
}

TEST_CASE("ofa spaces: the resolution sizes the input, and the task of an architecture says so") {
  for (const std::string name : {"ofa_mobilenetv3", "ofa_proxyless", "ofa_resnet50"}) {
    CAPTURE(name);
    const auto space = make_space(name);
    Rng rng({.seed = 4, .purpose = Purpose::kTest});
    Architecture architecture = sample(*space, rng);
    architecture.choices[0] = 8;  // 128 + 8 * 4
    REQUIRE(space->decisions()[0].choices[8] == "160");
    const Task usual = space->info().default_task;
    CHECK(task_of(*space, architecture, usual).input == Shape{3, 160, 160});
    CHECK(network_text(*space, task_of(*space, architecture, usual)) ==
          "image: float[3,160,160] -> class: classes[1000]");
    const ArchGraph graph = space->build(architecture, usual);
    CHECK(graph.type({graph.graph_inputs()[0], 0}).shape == Shape{3, 160, 160});
    const Task images = test::task_of({3, 32, 32}, 10);
    CHECK(task_of(*space, architecture, images) == space->settle(images));
    const std::vector<bool> active = active_decisions(*space, architecture.choices);
    CHECK(active.size() == space->decisions().size());
    CHECK(std::count(active.begin(), active.end(), false) > 0);
  }
  const auto fixed = make_space("nats_size");
  const Task usual = fixed->info().default_task;
  CHECK(task_of(*fixed, fixed->parse("8:8:8:8:8"), usual) == fixed->settle(usual));
}

TEST_CASE("ofa spaces: the coarse grid has the published resolutions, with the same networks") {
  const auto coarse = make_space("ofa_mobilenetv3", {{"grid", "coarse"}});
  CHECK(coarse->decisions()[0].choices ==
        std::vector<std::string>{"160", "176", "192", "208", "224"});
  const auto fine = make_space("ofa_mobilenetv3");
  const std::string text = "r=176;d=2,2,2,2,2;k=" + repeated("5", 20) + ";e=" + repeated("4", 20);
  const Task task = fine->info().default_task;
  CHECK(coarse->build(coarse->parse(text), task) == fine->build(fine->parse(text), task));
  CHECK(network_text(*coarse, task) == network_text(*fine, task));
  CHECK(has(usage_error([&] { coarse->parse("r=180;d=2"); }), "unknown resolution '180'"));
  CHECK(make_space("ofa_resnet50", {{"grid", "coarse"}})->decisions()[0].choices.size() == 8);
}

TEST_CASE("acceptance: ofa_proxyless, 16 published networks have their MACs and parameters") {
  const auto dir = test::test_data("oneshot-ofa-specialized");
  if (dir.empty()) return;
  const CsvTable table = CsvTable::parse(read_file(dir / "specialized.csv"), "specialized.csv");
  const auto space = make_space("ofa_proxyless");
  int networks = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view column) { return table.at(row, table.column(column)); };
    if (text("family") != "proxyless") continue;
    ++networks;
    CAPTURE(text("net_id"));
    const GraphCost cost = cost_of(
        *space, "r=" + std::string(text("resolution")) + ";d=" + comma_list(text("depths")) +
                    ";k=" + comma_list(text("kernels")) + ";e=" + comma_list(text("expands")));
    CHECK(cost.macs == parse_int(text("macs_computed")));
    CHECK(cost.params == parse_int(text("params_computed")));
    const double published = parse_double(text("macs_M_published")).value();
    CHECK(std::abs(static_cast<double>(cost.macs) / 1e6 - published) <= 1.0);
  }
  CHECK(networks == 16);
}

TEST_CASE("acceptance: ofa_resnet50, 303 networks have their exact MACs") {
  const auto dir = test::test_data("oneshot-ofa-predictor");
  if (dir.empty()) return;
  const CsvTable table = CsvTable::parse(read_file(dir / "golden_r50.csv"), "golden_r50.csv");
  const auto space = make_space("ofa_resnet50");
  REQUIRE(table.rows() == 303);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view column) {
      return comma_list(table.at(row, table.column(column)));
    };
    CAPTURE(row);
    const GraphCost cost = cost_of(*space, "r=" + text("resolution") + ";d=" + text("d") +
                                               ";w=" + text("w") + ";e=" + text("e"));
    CHECK(cost.macs == parse_int(text("macs")));
  }
}

}  // namespace
}  // namespace nas
