#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/ir/arch_builder.h"
#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

TEST_CASE("json: one convolution, field by field") {
  const ArchGraph graph = parse_graph(R"(searchlight-graph 1
%0 = input() : float[3,32,32]
%1 = conv2d(%0) {out_channels=16, kernel=3, padding=1, bias=true} @stem
return logits=%1
)");
  const nlohmann::json expected = nlohmann::json::parse(R"({
    "format": "searchlight-graph", "version": 1,
    "nodes": [
      {"id": 0, "op": "input", "inputs": [], "attrs": {}, "outputs": ["float[3,32,32]"], "scope": "",
       "params": 0, "macs": 0},
      {"id": 1, "op": "conv2d", "inputs": [[0, 0]],
       "attrs": {"out_channels": 16, "kernel": 3, "stride": 1, "padding": 1, "dilation": 1, "groups": 1,
                 "bias": true},
       "outputs": ["float[16,32,32]"], "scope": "stem", "params": 448, "macs": 442368}],
    "outputs": {"logits": [1, 0]}})");
  CHECK(nlohmann::json::parse(to_json(graph)) == expected);
}

TEST_CASE("json: sums over the nodes are the totals of the graph") {
  const ArchGraph graph = parse_graph(test::kCellText);
  const nlohmann::json document = nlohmann::json::parse(to_json(graph));
  std::int64_t params = 0, macs = 0;
  for (const nlohmann::json& node : document["nodes"]) {
    params += node["params"].get<std::int64_t>();
    macs += node["macs"].get<std::int64_t>();
  }
  CHECK(params == graph_cost(graph).params);
  CHECK(macs == graph_cost(graph).macs);
  CHECK(document["nodes"].size() == graph.size());
}

TEST_CASE("json: names with quotes and control characters do not break the document") {
  ArchBuilder builder;
  builder.push_scope("bad\xc3\xa9\"scope\"");
  const Value x = builder.add("relu", {builder.input({Element::kFloat, {4}})});
  builder.pop_scope();
  builder.output("out", x);
  const nlohmann::json document = nlohmann::json::parse(to_json(builder.finish()));
  CHECK(document["nodes"][1]["scope"].get<std::string>().ends_with("\"scope\""));
}

}  // namespace
}  // namespace nas
