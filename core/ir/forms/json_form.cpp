#include <nlohmann/json.hpp>

#include "core/ir/forms/text_form.h"
#include "core/ir/forms/text_tokens.h"

namespace nas {
namespace {

using Json = nlohmann::ordered_json;

Json attr_json(AttrType type, AttrValue value) {
  switch (type) {
    case AttrType::kInt:
      return value.as_int();
    case AttrType::kBool:
      return value.as_bool();
    case AttrType::kReal:
      break;
  }
  return value.as_real();
}

Json value_json(PortRef value) {
  return Json::array({value.node, value.port});
}

Json node_json(const ArchGraph& graph, NodeId id) {
  const OpSchema& op = graph.op(id);
  Json inputs = Json::array(), attrs = Json::object(), outputs = Json::array();
  for (const PortRef& input : graph.inputs(id)) inputs.push_back(value_json(input));
  for (std::size_t i = 0; i < op.attrs.size(); ++i) {
    if (is_left_out(op.attrs[i], graph.attrs(id)[i])) continue;
    attrs[std::string(op.attrs[i].name)] = attr_json(op.attrs[i].type, graph.attrs(id)[i]);
  }
  for (const TensorType& type : graph.output_types(id)) outputs.push_back(to_string(type));
  std::int64_t params = 0;
  for (const ParamSpec& param : graph.params(id)) {
    if (param.trainable) params += param.shape.elements();
  }
  Json node;
  node["id"] = id;
  node["op"] = std::string(op.name);
  node["inputs"] = std::move(inputs);
  node["attrs"] = std::move(attrs);
  node["outputs"] = std::move(outputs);
  node["scope"] = std::string(graph.scope(id));
  node["params"] = params;
  node["macs"] = graph.cost(id).macs;
  return node;
}

}  // namespace

std::string to_json(const ArchGraph& graph) {
  Json nodes = Json::array(), outputs = Json::object();
  for (NodeId id = 0; id < graph.size(); ++id) nodes.push_back(node_json(graph, id));
  for (const GraphOutput& output : graph.graph_outputs()) {
    outputs[output.name] = value_json(output.value);
  }
  Json document;
  document["format"] = "searchlight-graph";
  document["version"] = 1;
  document["nodes"] = std::move(nodes);
  document["outputs"] = std::move(outputs);
  // Names may hold any bytes: those that are not UTF-8 become U+FFFD instead of an exception.
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace nas
