#include "app/predictors/node_mutation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/ir/same/rebuild.h"
#include "core/ops/registry.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// What a node becomes.
struct Change {
  const OpSchema* op = nullptr;
  std::vector<AttrValue> attrs;  ///< in schema order
  std::string text;              ///< "kernel 3 -> 5"
};

bool has_attr(const OpSchema& op, std::string_view name) {
  return std::ranges::any_of(op.attrs, [name](const AttrSpec& attr) { return attr.name == name; });
}

std::vector<AttrValue> defaults_of(const OpSchema& op) {
  std::vector<AttrValue> attrs;
  for (const AttrSpec& attr : op.attrs) attrs.push_back(attr.default_value);
  return attrs;
}

std::int64_t int_of(const ArchGraph& graph, NodeId node, std::string_view name,
                    std::int64_t otherwise) {
  return has_attr(graph.op(node), name) ? graph.get_int(node, name) : otherwise;
}

void set(Change& change, std::string_view name, std::int64_t value) {
  change.attrs[change.op->attr_index(name)] = value;
}

template <class T>
const T& any_of(const std::vector<T>& items, Rng& rng) {
  return items[rng.below(items.size())];
}

bool has_window(const ArchGraph& graph, NodeId node) {
  const OpSchema& op = graph.op(node);
  return (op.role == OpRole::kWeight || op.role == OpRole::kWindowPool) && has_attr(op, "kernel");
}

bool is_activation(const OpSchema& op) {
  return (op.role == OpRole::kRectifier || op.role == OpRole::kActivation) && op.attrs.empty() &&
         op.min_inputs == 1 && op.max_inputs == 1;
}

std::optional<Change> other_activation(const ArchGraph& graph, NodeId node, Rng& rng) {
  std::vector<const OpSchema*> others;
  for (const OpSchema* op : all_ops()) {
    if (!op->is_macro() && is_activation(*op) && op != &graph.op(node)) others.push_back(op);
  }
  if (others.empty()) return std::nullopt;
  const OpSchema* op = any_of(others, rng);
  return Change{op, {}, std::string(op->name)};
}

/// Passes its one input on.
bool is_identity(const OpSchema& op) {
  return op.role == OpRole::kStructure && op.neutral.exists && op.attrs.empty() &&
         op.min_inputs == 1 && op.max_inputs == 1;
}

/// What moves a window over an image, or passes it on.
struct WindowKind {
  const OpSchema* op;
  bool depthwise = false;
};

std::vector<WindowKind> window_kinds() {
  std::vector<WindowKind> kinds;
  for (const OpSchema* op : all_ops()) {
    if (op->is_macro()) continue;
    if (is_identity(*op)) kinds.push_back({op});
    const bool window = op->role == OpRole::kWeight || op->role == OpRole::kWindowPool;
    if (!window || !has_attr(*op, "kernel") || !has_attr(*op, "padding")) continue;
    kinds.push_back({op});
    if (has_attr(*op, "groups")) kinds.push_back({op, true});
  }
  return kinds;
}

/// A convolution, a pool or an identity as another of them, with the window it has; of an identity
/// 3. Kinds of another rank do not fit the shapes, which the caller finds out.
std::optional<Change> other_window(const ArchGraph& graph, NodeId node, Rng& rng) {
  static const std::vector<WindowKind> kKinds = window_kinds();
  const WindowKind& kind = any_of(kKinds, rng);
  Change change{kind.op, defaults_of(*kind.op),
                (kind.depthwise ? "depthwise " : "") + std::string(kind.op->name)};
  if (is_identity(*kind.op)) return change;
  const std::int64_t kernel = int_of(graph, node, "kernel", 3);
  set(change, "kernel", kernel);
  set(change, "stride", int_of(graph, node, "stride", 1));
  set(change, "padding", int_of(graph, node, "padding", kernel / 2));
  if (!has_attr(*kind.op, "out_channels")) return change;
  const Shape& in = graph.type(graph.inputs(node)[0]).shape;
  const Shape& out = graph.output_types(node)[0].shape;
  set(change, "out_channels", kind.depthwise ? in[0] : out[0]);
  if (kind.depthwise) set(change, "groups", in[0]);
  return change;
}

std::optional<Change> other_operation(const ArchGraph& graph, NodeId node, Rng& rng) {
  const OpSchema& op = graph.op(node);
  std::optional<Change> change;
  if (is_activation(op)) change = other_activation(graph, node, rng);
  if (has_window(graph, node) || is_identity(op)) change = other_window(graph, node, rng);
  if (change) change->text = std::string(op.name) + " -> " + change->text;
  return change;
}

Change kept(const ArchGraph& graph, NodeId node) {
  return {&graph.op(node), {graph.attrs(node).begin(), graph.attrs(node).end()}, ""};
}

std::string from_to(std::string_view what, std::int64_t from, std::int64_t to) {
  return std::string(what) + " " + std::to_string(from) + " -> " + std::to_string(to);
}

std::optional<Change> other_kernel(const ArchGraph& graph, NodeId node, Rng& rng) {
  const OpSchema& op = graph.op(node);
  if (!has_window(graph, node) || !has_attr(op, "padding")) return std::nullopt;
  if (int_of(graph, node, "kernel_width", 0) != 0) return std::nullopt;
  const std::int64_t before = graph.get_int(node, "kernel"), step = rng.bernoulli(0.5) ? 2 : -2;
  if (before + step < 1) return std::nullopt;
  Change change = kept(graph, node);
  set(change, "kernel", before + step);
  const std::int64_t padding =
      graph.get_int(node, "padding") + int_of(graph, node, "dilation", 1) * step / 2;
  if (padding < 0) return std::nullopt;
  set(change, "padding", padding);
  change.text = from_to("kernel", before, before + step);
  return change;
}

std::optional<Change> other_channels(const ArchGraph& graph, NodeId node, Rng& rng) {
  if (graph.op(node).role != OpRole::kWeight) return std::nullopt;
  static constexpr std::array kFactors{0.5, 0.75, 1.25, 1.5, 2.0};
  for (const std::string_view name : {"out_channels", "out_features"}) {
    if (!has_attr(graph.op(node), name)) continue;
    const std::int64_t before = graph.get_int(node, name);
    const auto after = static_cast<std::int64_t>(
        std::lround(static_cast<double>(before) * kFactors[rng.below(kFactors.size())]));
    if (after < 1 || after == before) return std::nullopt;
    Change change = kept(graph, node);
    set(change, name, after);
    change.text = from_to("channels", before, after);
    return change;
  }
  return std::nullopt;
}

/// Outputs keep their types: another number of classes is another task.
bool same_outputs(const ArchGraph& a, const ArchGraph& b) {
  return std::ranges::equal(
      a.graph_outputs(), b.graph_outputs(), {},
      [&a](const GraphOutput& output) { return a.type(output.value); },
      [&b](const GraphOutput& output) { return b.type(output.value); });
}

}  // namespace

std::optional<NodeMutation> mutate_node(const ArchGraph& graph, Rng& rng) {
  NAS_CHECK(!graph.empty(), "a network");
  const auto node = static_cast<NodeId>(rng.below(graph.size()));
  if (graph.inputs(node).empty()) return std::nullopt;
  const std::uint64_t kind = rng.below(3);
  const std::optional<Change> change = kind == 0   ? other_operation(graph, node, rng)
                                       : kind == 1 ? other_kernel(graph, node, rng)
                                                   : other_channels(graph, node, rng);
  if (!change ||
      (change->op == &graph.op(node) && std::ranges::equal(change->attrs, graph.attrs(node)))) {
    return std::nullopt;
  }
  try {
    Rebuild rebuild(graph);
    for (NodeId id = 0; id < graph.size(); ++id) {
      if (id != node) {
        rebuild.copy(id, graph.scope(id));
        continue;
      }
      rebuild.replace(id, rebuild.builder().add_in_scope(*change->op, rebuild.inputs(id),
                                                         change->attrs, graph.scope(id)));
    }
    NodeMutation mutation{rebuild.finish(), graph.path(node) + ": " + change->text};
    if (!same_outputs(graph, mutation.graph)) return std::nullopt;
    return mutation;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    return std::nullopt;  // shapes do not fit
  }
}

}  // namespace nas
