#include "core/runtime/distill.h"

#include "core/ir/reachability.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

// One family of losses a file; see core/runtime/distill/method_torch.h.
std::span<const Plugin<DistillMethod>* const> logit_methods();
std::span<const Plugin<DistillMethod>* const> map_methods();
std::span<const Plugin<DistillMethod>* const> relation_methods();
std::span<const Plugin<DistillMethod>* const> diswot_methods();

namespace {

bool is_map(const Shape& shape) {
  return shape.rank() == 3 && shape[1] * shape[2] > 1;
}

}  // namespace

std::span<const Plugin<DistillMethod>* const> distill_plugins() {
  static const std::vector<const Plugin<DistillMethod>*> kAll = [] {
    std::vector<const Plugin<DistillMethod>*> all;
    for (const auto family :
         {logit_methods(), map_methods(), relation_methods(), diswot_methods()}) {
      all.insert(all.end(), family.begin(), family.end());
    }
    return all;
  }();
  return kAll;
}

DistillChoice parse_distill_choice(std::string_view text) {
  DistillChoice choice;
  const std::size_t colon = text.find(':');
  choice.method = std::string(text.substr(0, colon));
  OptionMap options;
  if (colon != std::string_view::npos) {
    for (const std::string& word : split(std::string(text.substr(colon + 1)), ',')) {
      const std::size_t equals = word.find('=');
      if (equals == std::string::npos) {
        throw Error(ErrorKind::kUsage, "distilling loss '" + printable(text) +
                                           "': expected name=value, got '" + printable(word) + "'");
      }
      options[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  choice.options =
      find_plugin(distill_plugins(), "distilling loss", choice.method).resolve(options);
  return choice;
}

std::string distill_text(const DistillChoice& choice) {
  std::vector<std::string> words;
  for (const auto& [name, value] : choice.options) words.push_back(name + "=" + value);
  return choice.method + "(" + join(words, ",") + ")";
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
