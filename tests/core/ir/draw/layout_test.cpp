#include "core/ir/draw/layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/ir/arch_builder.h"
#include "core/ir/forms/text_form.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

const LayoutOptions kUnfolded{.fold_depth = 100};

bool touch(const LayoutBox& a, const LayoutBox& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/// Boxes sorted by their tops are compared with those below until none can reach.
bool boxes_overlap(const Layout& layout) {
  std::vector<const LayoutBox*> boxes;
  for (const LayoutBox& box : layout.boxes) boxes.push_back(&box);
  std::sort(boxes.begin(), boxes.end(), [](auto* a, auto* b) { return a->y < b->y; });
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    for (std::size_t k = i + 1; k < boxes.size() && boxes[k]->y < boxes[i]->y + boxes[i]->height;
         ++k) {
      if (touch(*boxes[i], *boxes[k])) return true;
    }
  }
  return false;
}

/// Whether a vertical or slanted piece of a line runs through the inside of a box, by sampling.
bool crosses(const LayoutBox& box, std::pair<double, double> from, std::pair<double, double> to) {
  for (int i = 0; i <= 50; ++i) {
    const double t = i / 50.0;
    const double x = from.first + t * (to.first - from.first);
    const double y = from.second + t * (to.second - from.second);
    if (x > box.x + 1 && x < box.x + box.width - 1 && y > box.y + 1 && y < box.y + box.height - 1) {
      return true;
    }
  }
  return false;
}

bool on_border(const LayoutBox& box, std::pair<double, double> point, double y) {
  return point.second == y && point.first >= box.x && point.first <= box.x + box.width;
}

void check_layout(const ArchGraph& graph, const Layout& layout) {
  CHECK_FALSE(boxes_overlap(layout));
  std::set<NodeId> members;
  for (const LayoutBox& box : layout.boxes) {
    CHECK(box.x >= 0);
    CHECK(box.y >= 0);
    CHECK(box.x + box.width <= layout.width);
    CHECK(box.y + box.height <= layout.height);
    members.insert(box.members.begin(), box.members.end());
  }
  CHECK(members.size() == graph.size());
  for (const LayoutEdge& edge : layout.edges) {
    const LayoutBox &from = layout.boxes[edge.from], &to = layout.boxes[edge.to];
    REQUIRE(edge.points.size() >= 2);
    CHECK(on_border(from, edge.points.front(), from.y + from.height));
    CHECK(on_border(to, edge.points.back(), to.y));
  }
}

TEST_CASE("layout: boxes never overlap and edges join borders, on random graphs") {
  Rng rng({.seed = 41});
  for (int i = 0; i < 60; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(120));
    check_layout(graph, layout_graph(graph, kUnfolded));
  }
}

TEST_CASE("layout: lines do not run through boxes") {
  Rng rng({.seed = 43});
  for (int i = 0; i < 10; ++i) {
    const ArchGraph graph = test::random_graph(rng, 60);
    const Layout layout = layout_graph(graph, kUnfolded);
    int hits = 0;
    for (const LayoutEdge& edge : layout.edges) {
      for (std::size_t k = 1; k < edge.points.size(); ++k) {
        for (const LayoutBox& box : layout.boxes) {
          hits += crosses(box, edge.points[k - 1], edge.points[k]);
        }
      }
    }
    CHECK(hits == 0);
  }
}

TEST_CASE("layout: all edges point down and are there once") {
  const ArchGraph graph = test::nb201_network(std::array{3, 0, 1, 4, 2, 3}, 3);
  const Layout layout = layout_graph(graph, kUnfolded);
  check_layout(graph, layout);
  REQUIRE(layout.boxes.size() == graph.size());
  std::set<std::pair<std::uint32_t, std::uint32_t>> expected, drawn;
  for (NodeId id = 0; id < graph.size(); ++id) {
    for (const PortRef& input : graph.inputs(id)) expected.emplace(input.node, id);
  }
  for (const LayoutEdge& edge : layout.edges) {
    CHECK(layout.boxes[edge.from].y < layout.boxes[edge.to].y);
    drawn.emplace(edge.from, edge.to);
  }
  CHECK(drawn == expected);
  CHECK(layout.edges.size() == expected.size());
}

TEST_CASE("layout: a chain is one straight column, and so is the main path of a residual network") {
  const auto centre = [](const LayoutBox& box) { return box.x + box.width / 2; };
  const Layout column = layout_graph(test::chain(50, "relu"));
  for (const LayoutBox& box : column.boxes) CHECK(centre(box) == centre(column.boxes[0]));

  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {4, 8, 8}});
  for (int i = 0; i < 30; ++i) {
    const Value c = builder.add("conv2d", {x}, {{"out_channels", 4}, {"kernel", 1}});
    x = builder.add("add", {builder.add("relu", {c}), x});
  }
  builder.output("out", x);
  const Layout residual = layout_graph(builder.finish());
  for (const LayoutBox& box : residual.boxes) CHECK(centre(box) == centre(residual.boxes[0]));
}

TEST_CASE("layout: two equal children stand symmetrically below their parent") {
  // %m, %n, %o, %p are the main path, which stays straight; %r and its children stand beside it.
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%x = input() : float[4]\n%m = relu(%x)\n%r = relu(%x)\n%n = relu(%m)\n"
      "%a = tanh(%r)\n%b = tanh(%r)\n%o = relu(%n)\n%p = relu(%o)\nreturn a=%a, b=%b, p=%p\n");
  const Layout layout = layout_graph(graph);
  const auto centre = [&](std::size_t box) {
    return layout.boxes[box].x + layout.boxes[box].width / 2;
  };
  CHECK(centre(0) == centre(1));
  CHECK(centre(0) == centre(7));
  CHECK(centre(4) + centre(5) == doctest::Approx(2 * centre(2)).epsilon(0.005));
}

TEST_CASE("layout: folding by depth shows groups with their members and names") {
  const ArchGraph graph = test::nb201_network(std::array{3, 0, 1, 4, 2, 3}, 5);
  const Layout top = layout_graph(graph, {.fold_depth = 0});
  check_layout(graph, top);
  const auto cell = std::find_if(top.boxes.begin(), top.boxes.end(),
                                 [](const LayoutBox& box) { return box.scope == "cells.7"; });
  REQUIRE(cell != top.boxes.end());
  CHECK(cell->group);
  CHECK(cell->label == "cells.7");
  std::size_t inside = 0;
  for (NodeId id = 0; id < graph.size(); ++id) inside += graph.scope(id).starts_with("cells.7");
  CHECK(cell->members.size() == inside);
  CHECK(cell->detail.starts_with(std::to_string(inside) + " nodes"));

  const Layout middle = layout_graph(graph, {.fold_depth = 1});
  check_layout(graph, middle);
  CHECK(middle.boxes.size() > top.boxes.size());
  CHECK(std::any_of(middle.boxes.begin(), middle.boxes.end(), [](const LayoutBox& box) {
    return box.group && box.label == "cells.7/edge_0_1";
  }));
}

TEST_CASE("layout: the depth is chosen so that few enough boxes remain") {
  const ArchGraph graph = test::nb201_network(std::array{3, 3, 3, 3, 3, 3}, 5);
  CHECK(graph.size() > 300);
  CHECK(layout_graph(graph).boxes.size() <= 300);
  CHECK(layout_graph(graph, {.fold_above = 60}).boxes.size() <= 60);
  CHECK(layout_graph(graph, {.fold_above = 1000}).boxes.size() == graph.size());
  // Nothing to fold: all boxes stay although there are more than wanted.
  CHECK(layout_graph(test::chain(20, "relu"), {.fold_above = 5}).boxes.size() == 21);
}

TEST_CASE("layout: two uses of a scope name stay apart, so that no arrow points up") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%x = input() : float[4]\n%a = relu(%x) @block\n%b = tanh(%a) @block\n"
      "%c = sigmoid(%b)\n%d = relu(%c) @block\n%e = tanh(%d) @block\nreturn out=%e\n");
  const Layout layout = layout_graph(graph, {.fold_depth = 0});
  check_layout(graph, layout);
  CHECK(layout.boxes.size() == 4);
}

TEST_CASE("layout: very long edges of a deep graph run beside it") {
  // 3,000 operations that all also feed the last one: with a bend in each layer that were 4.5
  // million.
  ArchBuilder builder;
  std::vector<Value> values{builder.input({Element::kFloat, {4}})};
  for (int i = 0; i < 3000; ++i) values.push_back(builder.add("relu", {values.back()}));
  builder.output("out", builder.add("add", values));
  const ArchGraph graph = builder.finish();
  const Layout layout = layout_graph(graph);
  CHECK_FALSE(boxes_overlap(layout));
  std::size_t points = 0;
  for (const LayoutEdge& edge : layout.edges) points += edge.points.size();
  CHECK(points < 300'000);
}

TEST_CASE("layout: equal graphs give equal drawings") {
  Rng rng({.seed = 47});
  const ArchGraph graph = test::random_graph(rng, 200);
  const Layout a = layout_graph(graph, kUnfolded), b = layout_graph(graph, kUnfolded);
  REQUIRE(a.boxes.size() == b.boxes.size());
  for (std::size_t i = 0; i < a.boxes.size(); ++i) {
    CHECK(a.boxes[i].x == b.boxes[i].x);
    CHECK(a.boxes[i].y == b.boxes[i].y);
  }
  for (std::size_t i = 0; i < a.edges.size(); ++i) CHECK(a.edges[i].points == b.edges[i].points);
}

TEST_CASE("layout: a stop still gives a drawing without overlaps") {
  std::stop_source source;
  source.request_stop();
  Rng rng({.seed = 53});
  const ArchGraph graph = test::random_graph(rng, 300);
  check_layout(graph, layout_graph(graph, kUnfolded, source.get_token()));
}

TEST_CASE("layout: a gate shows its angle in three digits, and no arrow to a shape") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n"
      "%0 = input() : qubit[]\n"
      "%1 = gate_ry(%0) {angle=5.340402540142379}\n"
      "return q0=%1\n");
  const Layout layout = layout_graph(graph, kUnfolded);
  REQUIRE(layout.boxes.size() == 2);
  CHECK(layout.boxes[1].detail == "angle 5.34, output q0");
}

TEST_CASE("layout: the empty graph is an empty drawing") {
  const Layout layout = layout_graph(ArchGraph());
  CHECK(layout.boxes.empty());
  CHECK(layout.edges.empty());
}

}  // namespace
}  // namespace nas
