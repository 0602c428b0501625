#include "core/ir/forms/text_form.h"

#include <algorithm>

#include "core/ir/forms/text_tokens.h"
#include "core/util/text.h"

namespace nas {
namespace {

void append_value(std::string& text, const ArchGraph& graph, PortRef value) {
  text += '%';
  text += std::to_string(value.node);
  if (graph.output_types(value.node).size() > 1) {
    text += '.';
    text += std::to_string(value.port);
  }
}

void append_name(std::string& text, std::string_view name) {
  text += is_plain_name(name) ? std::string(name) : json_quote(name);
}

void append_node(std::string& text, const ArchGraph& graph, NodeId id) {
  const OpSchema& op = graph.op(id);
  text += '%' + std::to_string(id) + " = ";
  text += op.name;
  text += '(';
  std::string_view separator;
  for (const PortRef& input : graph.inputs(id)) {
    text += separator;
    append_value(text, graph, input);
    separator = ", ";
  }
  text += ')';
  if (!op.attrs.empty()) {
    separator = " {";
    for (std::size_t i = 0; i < op.attrs.size(); ++i) {
      if (is_left_out(op.attrs[i], graph.attrs(id)[i])) continue;
      text += separator;
      text += op.attrs[i].name;
      text += '=';
      text += attr_text(op.attrs[i].type, graph.attrs(id)[i]);
      separator = ", ";
    }
    text += '}';
  }
  separator = " : ";
  for (const TensorType& type : graph.output_types(id)) {
    text += separator;
    text += to_string(type);
    separator = ", ";
  }
  if (!graph.scope(id).empty()) {
    text += " @";
    append_name(text, graph.scope(id));
  }
  text += '\n';
}

}  // namespace

std::string attr_text(AttrType type, AttrValue value) {
  switch (type) {
    case AttrType::kInt:
      return std::to_string(value.as_int());
    case AttrType::kBool:
      return value.as_bool() ? "true" : "false";
    case AttrType::kReal:
      break;
  }
  return format_double(value.as_real());
}

std::string to_text(const ArchGraph& graph) {
  std::string text(kTextHeader);
  text += '\n';
  for (NodeId id = 0; id < graph.size(); ++id) append_node(text, graph, id);
  if (graph.graph_outputs().empty()) return text;
  std::string_view separator = "return ";
  for (const GraphOutput& output : graph.graph_outputs()) {
    text += separator;
    append_name(text, output.name);
    text += '=';
    append_value(text, graph, output.value);
    separator = ", ";
  }
  text += '\n';
  return text;
}

}  // namespace nas
