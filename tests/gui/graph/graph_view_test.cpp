#include <doctest/doctest.h>

#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <set>

#include "core/ir/arch_builder.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "gui/graph/architecture_panel.h"
#include "gui/graph/cell_picture.h"
#include "gui/graph/compare_view.h"
#include "gui/graph/graph_view.h"
#include "gui/graph/layer_bars.h"
#include "gui/graph/node_facts.h"
#include "gui/plots/bars_plot.h"
#include "tests/gui/plots/application.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

ArchGraph two_blocks() {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {4, 8, 8}});
  for (const char* block : {"first", "second"}) {
    builder.push_scope(block);
    builder.push_scope("inner");
    x = builder.add("conv2d", {x}, {{"out_channels", 4}, {"kernel", 3}, {"padding", 1}});
    x = builder.add("relu", {x});
    builder.pop_scope();
    x = builder.add("tanh", {x});
    builder.pop_scope();
  }
  builder.output("out", x);
  return builder.finish();
}

bool same(const Layout& a, const Layout& b) {
  if (a.boxes.size() != b.boxes.size() || a.edges.size() != b.edges.size()) return false;
  for (std::size_t i = 0; i < a.boxes.size(); ++i) {
    if (a.boxes[i].x != b.boxes[i].x || a.boxes[i].y != b.boxes[i].y) return false;
  }
  return true;
}

TEST_CASE("graph view: the layout arrives from its thread, equal to the plain one") {
  test::application();
  GraphView view;
  QSignalSpy arrived(&view, &GraphView::layoutChanged);
  view.setGraph(two_blocks());
  REQUIRE((arrived.count() == 1 || arrived.wait(5000)));
  REQUIRE(view.layout());
  CHECK(same(*view.layout(), layout_graph(two_blocks())));
}

TEST_CASE("graph view: a layout is cancelled, and Enter starts it again") {
  test::application();
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {4}}), y = x;
  for (int i = 0; i < 4000; ++i) {
    const Value z = builder.add("add", {x, y});
    y = x;
    x = builder.add("relu", {z});
  }
  builder.output("out", x);
  const ArchGraph graph = builder.finish();
  GraphView view;
  view.resize(500, 400);
  view.setFoldDepth(100);
  QSignalSpy arrived(&view, &GraphView::layoutChanged);
  view.setGraph(graph);
  QTest::keyClick(&view, Qt::Key_Escape);
  QTest::qWait(20);
  CHECK(arrived.count() == 0);
  CHECK_FALSE(view.picture({500, 400}, Theme::light()).isNull());
  QTest::keyClick(&view, Qt::Key_Return);
  REQUIRE(arrived.wait(20'000));
  CHECK(view.layout()->boxes.size() == graph.size());
}

TEST_CASE("graph view: finds, filters and opens groups") {
  test::application();
  GraphView view;
  view.resize(600, 400);
  view.setGraph(two_blocks());
  view.waitForLayout();
  CHECK(view.find("CONV2D") == 2);
  CHECK(view.find("second/") == 3);  // no label says so: paths do
  CHECK(view.find("nothing like this") == 0);
  CHECK(view.operators() == QStringList{"conv2d", "input", "relu", "tanh"});
  view.find("tanh");
  view.findNext();
  const int first = view.currentBox();
  view.findNext();
  const int second = view.currentBox();
  CHECK(second > first);
  view.findNext();
  CHECK(view.currentBox() == first);
  const QImage plain = view.picture({600, 400}, Theme::light());
  view.setOperators({"relu"});
  CHECK(view.picture({600, 400}, Theme::light()) != plain);

  view.setFoldDepth(0);
  view.waitForLayout();
  REQUIRE(view.layout()->boxes.size() == 3);
  CHECK(view.layout()->boxes[1].scope == "first");
  view.openGroup(1);
  view.waitForLayout();
  std::vector<std::string> scopes;
  for (const LayoutBox& box : view.layout()->boxes) scopes.push_back(box.scope);
  CHECK(scopes == std::vector<std::string>{"", "first/inner", "first", "second"});
  view.openGroup(1);
  view.waitForLayout();
  CHECK(view.layout()->boxes.size() == 5);
  std::set<NodeId> members;
  for (const LayoutBox& box : view.layout()->boxes) {
    members.insert(box.members.begin(), box.members.end());
  }
  CHECK(members.size() == view.graph().size());
}

TEST_CASE("graph view: keys zoom, pan, walk and fit") {
  test::application();
  GraphView view;
  view.resize(600, 400);
  view.setGraph(two_blocks());
  view.waitForLayout();
  const double zoom = view.zoom();
  QTest::keyClick(&view, Qt::Key_Up, Qt::ShiftModifier);
  CHECK(view.zoom() == doctest::Approx(zoom * 1.2));
  QTest::keyClick(&view, Qt::Key_Down, Qt::ShiftModifier);
  CHECK(view.zoom() == doctest::Approx(zoom));
  const QPointF center = view.center();
  QTest::keyClick(&view, Qt::Key_Right);
  CHECK(view.center().x() > center.x());
  QTest::keyClick(&view, Qt::Key_N);
  CHECK(view.currentBox() == 0);
  QTest::keyClick(&view, Qt::Key_N);
  CHECK(view.currentBox() == 1);
  QTest::keyClick(&view, Qt::Key_P);
  CHECK(view.currentBox() == 0);
  QTest::keyClick(&view, Qt::Key_0);
  const Layout& layout = *view.layout();
  CHECK(view.center().x() == doctest::Approx(layout.width / 2));
  QTest::keyClick(&view, Qt::Key_Escape);
  CHECK(view.currentBox() == -1);
}

TEST_CASE("node facts: say what a node is, and sum up groups") {
  const ArchGraph graph = two_blocks();
  const MemoryLiveness memory = activation_memory(graph);
  const Layout open = layout_graph(graph, {.fold_depth = 100});
  const auto value = [](const std::vector<Fact>& facts, const QString& name) {
    for (const auto& [key, text] : facts) {
      if (key == name) return text.toStdString();
    }
    return std::string("absent");
  };
  const std::vector<Fact> conv = facts_of(graph, open.boxes[1], memory);
  CHECK(value(conv, "Operation") == "conv2d");
  CHECK(value(conv, "kernel") == "3");
  const std::int64_t macs = graph.cost(1).macs;
  CHECK(value(conv, "MACs") == format_count(macs));
  const Layout folded = layout_graph(graph, {.fold_depth = 0});
  CHECK(value(facts_of(graph, folded.boxes[1], memory), "MACs") == format_count(macs));
  CHECK(value(facts_of(graph, memory), "MACs") == format_count(2 * macs));
  const std::vector<double> latency{0.5, 1, 0.25, 0.25, 2, 1, 1};
  CHECK(value(facts_of(graph, folded.boxes[1], memory, latency), "Latency") == "1.5 ms");
  CHECK(value(facts_of(graph, memory, latency), "Latency") == "6 ms");
  CHECK(value(conv, "Latency") == "not measured: Architecture, Measure latency");
}

TEST_CASE("architecture panel: every space is shown with its decisions and facts") {
  test::application();
  Rng rng({.seed = 5});
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const std::unique_ptr<SearchSpace> space = plugin->make({});
    ArchitecturePanel panel;
    panel.resize(1000, 600);
    panel.setArchitecture(*space, sample(*space, rng), space->info().default_task);
    panel.waitForLayout();
    const QImage light = panel.grab().toImage();
    panel.setPalette(themePalette(Theme::darkTheme()));
    CHECK(panel.grab().toImage() != light);
    auto* facts = panel.findChild<QTableWidget*>();
    REQUIRE(facts != nullptr);
    const int whole = facts->rowCount();
    CHECK(whole >= 5);
    panel.view().setCurrentBox(1);
    CHECK(facts->rowCount() > 0);
    CHECK(facts->item(0, 1)->text() != "");
    CHECK(panel.view().layout()->boxes.size() <= 300);
  }
}

TEST_CASE("architecture panel: layers are bars, and opening a bar shows its node") {
  test::application();
  const ArchGraph graph = two_blocks();
  ArchitecturePanel panel;
  panel.resize(1000, 700);
  panel.setGraph("two blocks", graph);
  panel.waitForLayout();
  auto* bars = panel.findChild<LayerBars*>();
  REQUIRE(bars != nullptr);
  QSignalSpy opened(bars, &LayerBars::nodeOpened);
  QTest::keyClick(&bars->plot(), Qt::Key_End);
  QTest::keyClick(&bars->plot(), Qt::Key_Return);
  REQUIRE(opened.count() == 1);  // the second convolution: only they have MACs
  CHECK(opened[0][0].value<NodeId>() == 4);
  REQUIRE(panel.view().currentBox() >= 0);
  const auto current = static_cast<std::size_t>(panel.view().currentBox());
  CHECK(panel.view().layout()->boxes[current].members.front() == 4);
  panel.setLatency(std::vector<double>(graph.size(), 0.5));
  QTest::keyClick(&bars->plot(), Qt::Key_End);
  QTest::keyClick(&bars->plot(), Qt::Key_Return);
  CHECK(opened[1][0].value<NodeId>() == 6);
}

TEST_CASE("graph view: Fit folds until the drawing can be read, in every space") {
  test::application();
  Rng rng({.seed = 3});
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const std::unique_ptr<SearchSpace> space = plugin->make({});
    GraphView view;
    view.resize(700, 620);
    view.setGraph(space->build(sample(*space, rng), space->info().default_task));
    view.waitForLayout();
    view.setFoldDepth(100);
    view.waitForLayout();
    view.fit();
    view.waitForLayout();
    CHECK(view.zoom() >= 0.45);
    const std::shared_ptr<const Layout> drawn = view.layout();
    CHECK(drawn->width * view.zoom() <= 700);
    // All of it is on the page, or nothing is left to fold.
    const bool whole = drawn->height * view.zoom() <= 620;
    CHECK((whole || view.foldDepth() == 0));
  }
}

TEST_CASE("comparison: marks what differs and refuses one or five architectures") {
  test::application();
  const auto space = test::make_space("nasbench201");
  const std::string base = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|";
  const Architecture a = space->parse(base + "nor_conv_3x3~2|");
  const Architecture b = space->parse(base + "avg_pool_3x3~2|");
  CompareView view;
  view.resize(1000, 700);
  const Task& task = space->info().default_task;
  view.setArchitectures(*space, {a, b, a}, {task, task, task});
  view.waitForLayout();
  CHECK(view.differingDecisions() == 1);
  REQUIRE(view.views().size() == 3);
  // B's drawing is marked, C's is the same as A's and has no marks.
  const auto orange = [&](GraphView* drawing) {
    drawing->fit();
    const QImage image = drawing->picture({500, 2000}, Theme::light());
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) {
        if (image.pixelColor(x, y) == Theme::light().selection) return true;
      }
    }
    return false;
  };
  for (GraphView* drawing : view.views()) {
    drawing->setCurrentBox(-1);
    drawing->setFoldDepth(0);
    drawing->waitForLayout();
  }
  CHECK(orange(view.views()[1]));
  CHECK_FALSE(orange(view.views()[2]));
  CHECK_FALSE(view.grab().toImage().isNull());
  CHECK_THROWS_WITH_AS(view.setArchitectures(*space, {a}, {task}),
                       doctest::Contains("expected 2 to 4"), Error);
  CHECK_THROWS_AS(view.setArchitectures(*space, {a, a, a, a, a}, std::vector<Task>(5, task)),
                  Error);
  view.setArchitectures(*space, {a, a}, {task, task});
  CHECK(view.differingDecisions() == 0);
  // More than 300 nodes beside fewer: both are folded alike.
  const Architecture large = space->parse(
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_"
      "3x3~2|");
  const Architecture small =
      space->parse("|skip_connect~0|+|none~0|none~1|+|none~0|none~1|nor_conv_3x3~2|");
  REQUIRE(automatic_fold_depth(space->build(large, task)) <
          automatic_fold_depth(space->build(small, task)));
  view.setArchitectures(*space, {small, large}, {task, task});
  view.waitForLayout();
  const auto groups = [](const GraphView* drawing) {
    const std::vector<LayoutBox>& boxes = drawing->layout()->boxes;
    return std::any_of(boxes.begin(), boxes.end(), [](const LayoutBox& box) { return box.group; });
  };
  CHECK(groups(view.views()[0]));
  CHECK(groups(view.views()[1]));
}

TEST_CASE("graph view: hostile scopes and the empty graph are drawn without harm") {
  test::application();
  ArchBuilder builder;
  builder.push_scope("<b>&\"'" + std::string(4000, 'y') + "\xc3\xa9");
  Value x = builder.add("relu", {builder.input({Element::kFloat, {4}})});
  x = builder.add("tanh", {x});
  builder.pop_scope();
  builder.output("שלום", x);
  ArchitecturePanel panel;
  panel.resize(900, 500);
  for (const ArchGraph& graph : {builder.finish(), ArchGraph()}) {
    panel.setGraph("<img src=x> " + QString(5000, 'z'), graph);
    panel.waitForLayout();
    panel.view().setCurrentBox(0);
    CHECK_FALSE(panel.grab().toImage().isNull());
  }
}

TEST_CASE("graph view: the drawing is saved whole") {
  test::application();
  QTemporaryDir folder;
  GraphView view;
  view.resize(300, 200);
  view.setGraph(two_blocks());
  view.waitForLayout();
  view.save(folder.filePath("graph.png"), view.exportSize(), Theme::darkTheme());
  CHECK(QImage(folder.filePath("graph.png")).size() == view.exportSize() * 2);
  view.save(folder.filePath("graph.svg"), view.exportSize(), Theme::light());
  QFile svg(folder.filePath("graph.svg"));
  REQUIRE(svg.open(QIODevice::ReadOnly));
  const QByteArray text = svg.readAll();
  for (const char* word : {"conv2d", "relu", "tanh", "input"}) CHECK(text.contains(word));
}

}  // namespace
}  // namespace nas
