#include <doctest/doctest.h>

#include <QTest>
#include <algorithm>
#include <set>

#include "app/reports/cell_sketch.h"
#include "core/ir/arch_builder.h"
#include "core/ops/registry.h"
#include "gui/graph/cell_picture.h"
#include "gui/graph/compact_sketch.h"
#include "gui/graph/graph_view.h"
#include "gui/graph/layer_bars.h"
#include "gui/graph/network_name.h"
#include "tests/gui/plots/application.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

TEST_CASE("network names: an architecture that chooses its resolution says it") {
  const auto space = test::make_space("ofa_resnet50");
  Rng rng({.seed = 1, .purpose = Purpose::kTest});
  Architecture architecture = sample(*space, rng);
  std::size_t resolution = 0;
  while (space->decisions()[resolution].name != "resolution") ++resolution;
  const auto choose = [&](const std::string& size) {
    const std::vector<std::string>& sizes = space->decisions()[resolution].choices;
    const auto found = std::ranges::find(sizes, size);
    architecture.choices[resolution] = static_cast<std::uint16_t>(found - sizes.begin());
    return network_name(*space, space->info().default_task, architecture).toStdString();
  };
  CHECK(choose("224") == "Published network: images 3x224x224, 1000 classes");
  CHECK(
      choose("160") ==
      "Published network: images 3x224x224, 1000 classes; this architecture's input is 3x160x160");
}

TEST_CASE("cell sketches: every space shows each of its decisions, in a cell or as a tile") {
  Rng rng({.seed = 8});
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const std::unique_ptr<SearchSpace> space = plugin->make({});
    const Architecture architecture = sample(*space, rng);
    const std::vector<CellSketch> cells = cell_sketches(*space, architecture);
    std::set<std::size_t> shown;
    for (const CellSketch& cell : cells) {
      for (const CellSketch::Vertex& vertex : cell.vertices)
        shown.insert(vertex.decisions.begin(), vertex.decisions.end());
      for (const auto& [from, to] : cell.edges) {
        CHECK(from < to);
        CHECK(to < cell.vertices.size());
      }
    }
    if (cells.empty()) {
      for (const DecisionTile& tile : decision_tiles(*space, architecture)) {
        shown.insert(tile.decisions.begin(), tile.decisions.end());
        CHECK(tile.share >= 0);
        CHECK(tile.share <= 1);
      }
    }
    // NAS-Bench-101 draws the cell that its edges mean: what is cut off is not in it.
    if (space->info().name != "nasbench101") CHECK(shown.size() == space->decisions().size());
  }
}

TEST_CASE("compact sketches: every space has chips with words, in the colours of the drawings") {
  Rng rng({.seed = 9});
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const std::unique_ptr<SearchSpace> space = plugin->make({});
    const std::vector<SketchChip> chips = compact_sketch(*space, sample(*space, rng));
    REQUIRE_FALSE(chips.empty());
    CHECK(chips.front().first);
    for (const SketchChip& chip : chips) {
      CHECK_FALSE(chip.label.empty());
      CHECK(chip.share >= 0);
      CHECK(chip.share <= 1);
    }
  }
  CHECK(short_operation("nor_conv_3x3") == "3×3");
  CHECK(short_operation("sep_conv_5x5") == "sep 5×5");
  CHECK(short_operation("avg_pool_3x3") == "avg 3×3");
  CHECK(short_operation("skip_connect") == "skip");
  CHECK(short_operation("none") == "–");
  CHECK(short_operation("conv3x3-bn-relu") == "3×3");
}

TEST_CASE("cell sketches: operations have the colours of the drawing and of its legend") {
  test::application();
  const auto space = test::make_space("nasbench201");
  const Architecture architecture = space->parse(
      "|nor_conv_3x3~0|+|avg_pool_3x3~0|skip_connect~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|");
  CellPicture picture;
  picture.setArchitecture(*space, architecture);
  for (const Theme& theme : {Theme::light(), Theme::darkTheme()}) {
    const QImage image = picture.picture({600, 300}, theme);
    std::set<QRgb> colors;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) colors.insert(image.pixel(x, y));
    }
    for (const OpFamily family : {OpFamily::kConv, OpFamily::kPool, OpFamily::kShape}) {
      const FamilyColours& own = colours_of(family);
      const std::string_view fill = theme.dark ? own.dark_fill : own.fill;
      CHECK(colors.contains(QColor(QString::fromStdString(std::string(fill))).rgb()));
    }
  }
  // And so do the operations that a family is named after.
  for (const char* name : {"conv2d", "max_pool", "avg_pool", "identity", "linear", "batch_norm"})
    CHECK(family_named(name) == find_op(name).family);
}

TEST_CASE("cell sketches: an operation of NAS-Bench-201 lies between its two places") {
  const auto space = test::make_space("nasbench201");
  const Architecture architecture = space->parse(
      "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|");
  const CellSketch cell = cell_sketches(*space, architecture).at(0);
  const auto ends = [&](const std::string& name) {
    std::string text;
    for (const auto& [from, to] : cell.edges) {
      if (cell.vertices[to].name == name) text += cell.vertices[from].name + " ";
    }
    for (const auto& [from, to] : cell.edges) {
      if (cell.vertices[from].name == name) text += cell.vertices[to].name;
    }
    return text;
  };
  CHECK(ends("nor_conv_3x3") == "input 1");
  CHECK(ends("skip_connect") == "1 2");
  CHECK(ends("nor_conv_1x1") == "input output");
  CHECK(ends("avg_pool_3x3") == "2 output");
}

TEST_CASE("cell sketches: DARTS has a normal and a reduction cell with the inputs of its text") {
  const auto space = test::make_space("darts");
  Rng rng({.seed = 3});
  const std::vector<CellSketch> cells = cell_sketches(*space, sample(*space, rng));
  REQUIRE(cells.size() == 2);
  CHECK(cells[0].title == "normal");
  CHECK(cells[1].title == "reduce");
  for (const CellSketch& cell : cells) {
    // Two cells before, four places, eight operations, the output; each operation has an input.
    CHECK(cell.vertices.size() == 15);
    CHECK(cell.edges.size() == 8 + 8 + 4);
  }
}

ArchGraph nested() {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {4, 8, 8}});
  for (const char* block : {"first", "second"}) {
    builder.push_scope(block);
    builder.push_scope("inner");
    x = builder.add("relu", {x});
    x = builder.add("tanh", {x});
    builder.pop_scope();
    x = builder.add("relu", {x});
    builder.pop_scope();
  }
  builder.output("out", x);
  return builder.finish();
}

TEST_CASE("graph view: the group around a box is folded and opened again by keys") {
  test::application();
  GraphView view;
  view.resize(600, 400);
  view.setGraph(nested());
  view.waitForLayout();
  const std::size_t all = view.layout()->boxes.size();
  REQUIRE(all == 7);
  view.setCurrentBox(1);  // first/inner/relu
  QTest::keyClick(&view, Qt::Key_Return, Qt::ShiftModifier);
  view.waitForLayout();
  CHECK(view.layout()->boxes.size() == all - 1);
  REQUIRE(view.currentBox() == 1);
  CHECK(view.layout()->boxes[1].scope == "first/inner");
  QTest::keyClick(&view, Qt::Key_Return, Qt::ShiftModifier);
  view.waitForLayout();
  CHECK(view.layout()->boxes.size() == all - 2);
  CHECK(view.layout()->boxes[1].scope == "first");
  QTest::keyClick(&view, Qt::Key_Return);
  view.waitForLayout();
  CHECK(view.layout()->boxes.size() == all);
  CHECK(view.currentBox() == 1);
}

TEST_CASE("layers: latency is offered before it is measured, and says how to measure it") {
  test::application();
  LayerBars bars;
  bars.resize(400, 300);
  const ArchGraph graph = nested();
  bars.setGraph(graph, {});
  const QImage plain = bars.grab().toImage();
  bars.setGraph(graph, std::vector<double>(graph.size(), 0.25));
  CHECK(bars.grab().toImage() != plain);
}

}  // namespace
}  // namespace nas
