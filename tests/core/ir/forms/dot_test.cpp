#include <doctest/doctest.h>

#include <algorithm>

#include "core/ir/arch_builder.h"
#include "core/ir/forms/text_form.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_CASE("dot: every node and edge once, one cluster for each scope level") {
  const ArchGraph graph = parse_graph(test::kCellText);
  const std::string dot = to_dot(graph);
  std::size_t edges = graph.graph_outputs().size();
  for (NodeId id = 0; id < graph.size(); ++id) {
    CHECK(occurrences(dot, "  n" + std::to_string(id) + " [") == 1);
    edges += graph.inputs(id).size();
  }
  CHECK(occurrences(dot, " -> ") == edges);
  // cell, its five edges that have operations of their own, and head
  CHECK(occurrences(dot, "subgraph cluster_") == 8);
  CHECK(std::count(dot.begin(), dot.end(), '{') == std::count(dot.begin(), dot.end(), '}'));
}

TEST_CASE("dot: quotes and backslashes in names are escaped") {
  ArchBuilder builder;
  builder.push_scope("a\"];evil[\\");
  const Value x = builder.add("relu", {builder.input({Element::kFloat, {4}})});
  builder.pop_scope();
  builder.output("out\"", x);
  const std::string dot = to_dot(builder.finish());
  CHECK(dot.find("label=\"a\\\"];evil[\\\\\";") != std::string::npos);
  CHECK(dot.find("label=\"out\\\"\"") != std::string::npos);
}

TEST_CASE("dot: scopes nested 20,000 deep need no recursion") {
  ArchBuilder builder;
  std::string scope = "s";
  for (int i = 0; i < 20'000; ++i) scope += "/s";
  builder.push_scope(scope);
  const Value x = builder.add("relu", {builder.input({Element::kFloat, {4}})});
  builder.pop_scope();
  builder.output("out", x);
  CHECK(occurrences(to_dot(builder.finish()), "subgraph") >= 20'000);
}

}  // namespace
}  // namespace nas
