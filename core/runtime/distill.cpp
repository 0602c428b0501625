#include "core/runtime/distill.h"

#include <utility>

#include "core/api/plugin_choice.h"
#include "core/ir/reachability.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

constexpr Field<DistillWeights> kFields[] = {
    {"gamma", &DistillWeights::gamma, "weight of the cross-entropy with the labels", "", 0, 1e6},
    {"alpha", &DistillWeights::alpha, "weight of the soft labels", "", 0, 1e6},
    {"beta", &DistillWeights::beta, "weight of the loss's own term", "", 0, 1e6,
     "settings of RepDistiller (Tian et al., ICLR 2020)"},
    {"temperature", &DistillWeights::temperature, "of the soft labels", "", 1e-3, 1e3,
     "settings of RepDistiller (Tian et al., ICLR 2020)"},
};

const DistillLoss& find_loss(std::string_view name) {
  std::vector<std::string> names;
  for (const DistillLoss& loss : distill_losses()) {
    if (loss.name == name) return loss;
    names.emplace_back(loss.name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("distilling loss", printable(name), names));
}

bool is_map(const Shape& shape) {
  return shape.rank() == 3 && shape[1] * shape[2] > 1;
}

}  // namespace

DistillWeights distill_weights(const DistillChoice& choice) {
  OptionMap values = fields_to_map(std::span<const Field<DistillWeights>>(kFields),
                                   find_loss(choice.loss).defaults);
  for (const auto& [name, value] : choice.options) values[name] = value;
  return parse_fields(std::span<const Field<DistillWeights>>(kFields), values,
                      "distilling loss '" + choice.loss + "'");
}

DistillChoice parse_distill_choice(std::string_view text) {
  PluginChoice read = parse_plugin_choice(text);
  DistillChoice choice{std::move(read.name), std::move(read.options)};
  choice.options =
      fields_to_map(std::span<const Field<DistillWeights>>(kFields), distill_weights(choice));
  return choice;
}

std::string distill_text(const DistillChoice& choice) {
  std::vector<std::string> words;
  for (const auto& [name, value] : choice.options) words.push_back(name + "=" + value);
  return choice.loss + "(" + join(words, ",") + ")";
}

std::optional<NodeId> linear_classifier(const ArchGraph& graph) {
  const NodeId last = graph.graph_outputs().front().value.node;
  const bool is_vector = graph.output_types(last)[0].shape.rank() == 1;
  if (graph.op(last).role != OpRole::kWeight || !is_vector) return std::nullopt;
  return last;
}

FeatureNodes feature_nodes(const ArchGraph& graph) {
  const std::optional<NodeId> classifier = linear_classifier(graph);
  if (!classifier) {
    const OpSchema& last = graph.op(graph.graph_outputs().front().value.node);
    throw Error(ErrorKind::kUnsupported,
                "distilling needs a linear classifier as output, this network ends with '" +
                    std::string(last.name) + "'");
  }
  FeatureNodes nodes;
  nodes.pooled = graph.inputs(*classifier)[0].node;
  for (const NodeId node : nodes_on_all_paths(graph, *classifier)) {
    const Shape& shape = graph.output_types(node)[0].shape;
    if (graph.inputs(node).empty() || !is_map(shape)) continue;
    const bool same_size = !nodes.maps.empty() &&
                           graph.output_types(nodes.maps.back())[0].shape[1] == shape[1] &&
                           graph.output_types(nodes.maps.back())[0].shape[2] == shape[2];
    if (same_size) nodes.maps.pop_back();
    nodes.maps.push_back(node);
  }
  if (nodes.maps.empty()) {
    throw Error(ErrorKind::kUnsupported, "distilling needs feature maps, this network has none");
  }
  return nodes;
}

}  // namespace nas
