#include "core/ir/draw/layout_boxes.h"

#include <algorithm>
#include <cmath>

#include "core/ir/forms/text_tokens.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr int kDeepest = 32;           ///< scope levels that can stay open
constexpr std::size_t kMaxLabel = 44;  ///< bytes

/// The first `levels` levels of a scope.
std::string_view prefix(std::string_view scope, int levels) {
  std::size_t end = 0;
  for (int level = 0; level < levels && end < scope.size(); ++level) {
    end = std::min(scope.find('/', level == 0 ? 0 : end + 1), scope.size());
  }
  return scope.substr(0, end);
}

int depth_of(std::string_view scope) {
  return scope.empty() ? 0 : 1 + static_cast<int>(std::count(scope.begin(), scope.end(), '/'));
}

/// The group that a scope is folded into; "" where its nodes stand alone.
std::string_view group_of(std::string_view scope, int fold_depth, const LayoutOptions& options) {
  const auto among = [](const std::vector<std::string>& scopes, std::string_view group) {
    return std::find(scopes.begin(), scopes.end(), group) != scopes.end();
  };
  const int depth = depth_of(scope);
  for (int level = 0; level < depth && !options.folded.empty(); ++level) {
    const std::string_view group = prefix(scope, level + 1);
    if (among(options.folded, group)) return group;
  }
  for (int level = fold_depth; level < depth; ++level) {
    const std::string_view group = prefix(scope, level + 1);
    if (!among(options.opened, group)) return group;
  }
  return {};
}

/// Gives each node the index of its box. A group is a run of neighbours in the topological order
/// below one scope prefix: two uses of one scope name stay apart, and no group both feeds and reads
/// another box.
std::vector<std::uint32_t> assign_boxes(const ArchGraph& graph, int fold_depth,
                                        const LayoutOptions& options, std::uint32_t& count) {
  std::vector<std::uint32_t> box_of(graph.size());
  std::string_view open;  // the group that the node before belongs to
  count = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    const std::string_view group = group_of(graph.scope(id), fold_depth, options);
    if (group.empty() || group != open) ++count;
    box_of[id] = count - 1;
    open = group;
  }
  return box_of;
}

std::string shape_text(const Shape& shape) {
  std::string text;
  for (const std::int64_t dim : shape.dims()) {
    text += (text.empty() ? "" : "×") + std::to_string(dim);
  }
  return text;
}

/// Kernels are written 3×3, along time "kernel 3"; what the output shape shows, defaults and "same"
/// paddings are left out.
std::string attrs_text(const ArchGraph& graph, NodeId id) {
  const OpSchema& op = graph.op(id);
  std::string text;
  std::int64_t kernel = 0, dilation = 1;
  for (std::size_t i = 0; i < op.attrs.size(); ++i) {
    if (op.attrs[i].name == "kernel") kernel = graph.attrs(id)[i].as_int();
    if (op.attrs[i].name == "dilation") dilation = graph.attrs(id)[i].as_int();
  }
  for (std::size_t i = 0; i < op.attrs.size(); ++i) {
    const AttrSpec& spec = op.attrs[i];
    const AttrValue value = graph.attrs(id)[i];
    if (spec.name.starts_with("out_") || (!spec.required && value == spec.default_value)) continue;
    if (spec.name == "padding" && 2 * value.as_int() == dilation * (kernel - 1)) continue;
    if (!text.empty()) text += ", ";
    // Fitted angles have 16 digits, of which a drawing has room for few.
    const std::string number = spec.type == AttrType::kReal ? format_short(value.as_real(), 3)
                                                            : attr_text(spec.type, value);
    if (spec.name == "kernel" && graph.output_types(id)[0].shape.rank() == 3) {
      text += number + "×" + number;
    } else {
      text += std::string(spec.name) + (spec.type == AttrType::kBool ? "=" : " ") + number;
    }
  }
  return text;
}

std::string node_detail(const ArchGraph& graph, NodeId id) {
  std::string text = attrs_text(graph, id);
  if (graph.output_types(id).empty()) return text;
  const std::string shape = shape_text(graph.output_types(id)[0].shape);  // "" of a qubit
  return text + (text.empty() || shape.empty() ? "" : " → ") + shape;
}

std::string group_detail(const ArchGraph& graph, std::span<const NodeId> members) {
  std::int64_t params = 0;
  for (const NodeId id : members) {
    for (const ParamSpec& param : graph.params(id)) {
      if (param.trainable) params += param.shape.elements();
    }
  }
  std::string text = std::to_string(members.size()) + " nodes";
  if (params > 0) text += ", " + format_count(params) + " params";
  return text;
}

/// Shortened in the middle: both ends of a scope tell where it is.
std::string shortened(std::string_view text) {
  if (text.size() <= kMaxLabel) return std::string(text);
  std::size_t head = kMaxLabel / 2, tail = text.size() - kMaxLabel / 2;
  const auto inside_character = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
  };
  while (head > 0 && inside_character(head)) --head;
  while (tail < text.size() && inside_character(tail)) ++tail;
  return std::string(text.substr(0, head)) + "…" + std::string(text.substr(tail));
}

double text_width(std::string_view text, double per_character) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  return per_character * static_cast<double>(characters);
}

void label_box(const ArchGraph& graph, int fold_depth, const LayoutOptions& options,
               LayoutBox& box) {
  const NodeId first = box.members.front();
  const std::string_view scope = graph.scope(first);
  box.group = box.members.size() > 1;
  box.scope = box.group ? group_of(scope, fold_depth, options) : scope;
  box.label = shortened(printable(box.group ? std::string_view(box.scope) : graph.op(first).name));
  if (options.show_details) {
    box.detail = box.group ? group_detail(graph, box.members) : node_detail(graph, first);
  }
}

void size_box(LayoutBox& box) {
  const double text = std::max(text_width(box.label, 7.4), text_width(box.detail, 6.1));
  box.width = 2 * std::ceil(std::max(64.0, text + 22) / 2);
  box.height = box.detail.empty() ? 28 : 42;
}

}  // namespace

int automatic_fold_depth(const ArchGraph& graph, const LayoutOptions& options) {
  if (options.fold_depth >= 0) return options.fold_depth;
  int depth = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    depth = std::max(depth, depth_of(graph.scope(id)));
  }
  std::uint32_t count = 0;
  for (depth = std::min(depth, kDeepest); depth > 0; --depth) {
    assign_boxes(graph, depth, options, count);
    if (count <= options.fold_above) break;
  }
  return depth;
}

Layout make_boxes(const ArchGraph& graph, const LayoutOptions& options) {
  Layout layout;
  const int fold_depth = automatic_fold_depth(graph, options);
  std::uint32_t count = 0;
  const std::vector<std::uint32_t> box_of = assign_boxes(graph, fold_depth, options, count);
  layout.boxes.resize(count);
  for (NodeId id = 0; id < graph.size(); ++id) layout.boxes[box_of[id]].members.push_back(id);
  for (LayoutBox& box : layout.boxes) label_box(graph, fold_depth, options, box);
  for (const GraphOutput& output : graph.graph_outputs()) {
    std::string& detail = layout.boxes[box_of[output.value.node]].detail;
    detail += (detail.empty() ? "output " : ", output ") + shortened(printable(output.name));
  }
  for (LayoutBox& box : layout.boxes) size_box(box);

  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (NodeId id = 0; id < graph.size(); ++id) {
    for (const PortRef& input : graph.inputs(id)) {
      if (box_of[input.node] != box_of[id]) pairs.emplace_back(box_of[input.node], box_of[id]);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  for (const auto& [from, to] : pairs) layout.edges.push_back({from, to, {}});
  return layout;
}

}  // namespace nas
