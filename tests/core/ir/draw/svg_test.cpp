#include <doctest/doctest.h>

#include <array>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"
#include "core/ir/draw/layout.h"
#include "core/ir/forms/text_form.h"
#include "core/util/text.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

/// Checks that tags are properly nested and attribute quotes closed; enough of XML for what we
/// write.
bool well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = xml.substr(at + 1, end - at - 1);
    if (tag.find('<') != std::string::npos) return false;
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = end;
  }
  return open.empty();
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("svg: a cell shows its operations, kernels, shapes, totals and legend") {
  const ArchGraph graph = parse_graph(test::kCellText);
  const std::string svg = to_svg(graph);
  CHECK(well_formed(svg));
  CHECK(has(svg, "<title>Architecture, 16 operations</title>"));
  CHECK(has(svg, ">conv2d</text>"));
  CHECK(has(svg, ">3×3 → 16×32×32</text>"));
  CHECK(has(svg, "output logits"));
  CHECK(has(svg, format_count(graph_cost(graph).params) + " parameters"));
  CHECK(has(svg, format_count(graph_cost(graph).macs) + " MACs"));
  CHECK(has(svg, ">pooling</text>"));
  CHECK_FALSE(has(svg, ">folded group</text>"));
  CHECK(has(svg, "prefers-color-scheme:dark"));
  CHECK(has(svg, "marker-end=\"url(#tip)\""));
}

TEST_CASE("svg: a folded network says how much is folded") {
  const ArchGraph graph = test::nb201_network(std::array{3, 3, 3, 3, 3, 3}, 5);
  const std::string svg = to_svg(graph, {.fold_depth = 0});
  CHECK(well_formed(svg));
  CHECK(has(svg, "operations in "));
  CHECK(has(svg, ">cells.14</text>"));
  CHECK(has(svg, ">folded group</text>"));
}

TEST_CASE("svg: names cannot break out of the text") {
  ArchBuilder builder;
  builder.push_scope("</title><script>alert(1)</script>&\"'");
  Value x = builder.add("relu", {builder.input({Element::kFloat, {4}})});
  x = builder.add("tanh", {x});
  builder.pop_scope();
  builder.output("<b>", x);
  const ArchGraph graph = builder.finish();
  for (const int depth : {0, 1, 100}) {
    const std::string svg = to_svg(graph, {.fold_depth = depth});
    CHECK(well_formed(svg));
    CHECK_FALSE(has(svg, "<script>"));
    CHECK_FALSE(has(svg, "<b>"));
  }
}

TEST_CASE("svg: without details only operations and outputs are written") {
  const std::string svg = to_svg(parse_graph(test::kCellText), {.show_details = false});
  CHECK_FALSE(has(svg, "16×32×32"));
  CHECK(has(svg, "output logits"));
}

TEST_CASE("svg: the empty graph is a valid picture") {
  CHECK(well_formed(to_svg(ArchGraph())));
}

}  // namespace
}  // namespace nas
