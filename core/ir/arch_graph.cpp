#include "core/ir/arch_graph.h"

#include <algorithm>

#include "core/ir/arch_graph_data.h"

namespace nas {
namespace {

/// The types that a node reads: in place where there is one, else copied to `several`.
std::span<const TensorType> input_types(const ArchGraph::Data& data,
                                        const ArchGraph::Data::Node& node,
                                        std::vector<TensorType>& several) {
  const std::span<const PortRef> inputs = data.node_inputs(node);
  if (inputs.size() == 1) return {&data.type(inputs[0]), 1};
  several.reserve(inputs.size());
  for (const PortRef value : inputs) several.push_back(data.type(value));
  return several;
}

}  // namespace

NodeCall::NodeCall(const ArchGraph::Data& data, NodeId id)
    : call_{*data.nodes[id].op, std::span(attrs_).first(data.nodes[id].op->attrs.size()),
            input_types(data, data.nodes[id], several_)} {
  std::copy_n(data.attrs.begin() + data.nodes[id].attrs, call_.attrs.size(), call_.attrs.begin());
}

std::string node_path(std::string_view scope, std::string_view op, std::uint32_t ordinal) {
  std::string path;
  path.reserve(scope.size() + op.size() + 8);
  path.append(scope).append(scope.empty() ? "" : "/").append(op);
  if (ordinal > 0) {
    path.append(":").append(std::to_string(ordinal));
  }
  return path;
}

void ArchGraph::Data::index_consumers() {
  consumer_begin.assign(nodes.size() + 1, 0);
  for (const PortRef& value : inputs) {
    ++consumer_begin[value.node + 1];
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    consumer_begin[i + 1] += consumer_begin[i];
  }
  consumers.resize(inputs.size());
  std::vector<std::uint32_t> next(consumer_begin.begin(), consumer_begin.end() - 1);
  for (NodeId reader = 0; reader < nodes.size(); ++reader) {
    std::uint32_t in_port = 0;
    for (const PortRef& value : node_inputs(nodes[reader])) {
      consumers[next[value.node]++] = {reader, in_port++, value.port};
    }
  }
}

void ArchGraph::Data::link_regions() {
  std::erase_if(regions, [](const RegionRecord& region) { return region.op == nullptr; });
  for (std::size_t i = 0; i < regions.size(); ++i) {
    std::size_t parent = i == 0 ? Region::kNone : i - 1;
    while (parent != Region::kNone && regions[parent].end <= regions[i].begin) {
      parent = regions[parent].parent;
    }
    regions[i].parent = parent;
  }
}

ArchGraph::ArchGraph() {
  static const std::shared_ptr<const Data> empty = [] {
    auto data = std::make_shared<Data>();
    data->index_consumers();
    return data;
  }();
  data_ = empty;
}

std::size_t ArchGraph::size() const {
  return data_->nodes.size();
}

const OpSchema& ArchGraph::op(NodeId node) const {
  return *data_->nodes[node].op;
}

std::span<const AttrValue> ArchGraph::attrs(NodeId node) const {
  const Data::Node& record = data_->nodes[node];
  return std::span(data_->attrs).subspan(record.attrs, record.op->attrs.size());
}

std::int64_t ArchGraph::get_int(NodeId node, std::string_view attr) const {
  return attrs(node)[op(node).attr_index(attr)].as_int();
}

bool ArchGraph::get_bool(NodeId node, std::string_view attr) const {
  return attrs(node)[op(node).attr_index(attr)].as_bool();
}

double ArchGraph::get_real(NodeId node, std::string_view attr) const {
  return attrs(node)[op(node).attr_index(attr)].as_real();
}

std::span<const PortRef> ArchGraph::inputs(NodeId node) const {
  return data_->node_inputs(data_->nodes[node]);
}

std::span<const TensorType> ArchGraph::output_types(NodeId node) const {
  return data_->node_types(data_->nodes[node]);
}

std::span<const Consumer> ArchGraph::consumers(NodeId node) const {
  const std::uint32_t begin = data_->consumer_begin[node];
  return std::span(data_->consumers).subspan(begin, data_->consumer_begin[node + 1] - begin);
}

std::string_view ArchGraph::scope(NodeId node) const {
  return data_->scope(data_->nodes[node].scope);
}

std::string ArchGraph::path(NodeId node) const {
  return node_path(scope(node), op(node).name, data_->nodes[node].ordinal);
}

std::span<const NodeId> ArchGraph::graph_inputs() const {
  return data_->graph_inputs;
}

std::span<const GraphOutput> ArchGraph::graph_outputs() const {
  return data_->graph_outputs;
}

std::size_t ArchGraph::region_count() const {
  return data_->regions.size();
}

Region ArchGraph::region(std::size_t index) const {
  const Data::RegionRecord& record = data_->regions[index];
  return {record.op,
          std::span(data_->region_attrs).subspan(record.attrs, record.op->attrs.size()),
          std::span(data_->region_inputs).subspan(record.inputs, record.input_count),
          record.output,
          record.begin,
          record.end,
          record.parent};
}

std::size_t ArchGraph::region_of(NodeId node) const {
  const auto place = std::ranges::upper_bound(data_->regions, node, {}, &Data::RegionRecord::begin);
  auto region = static_cast<std::size_t>(place - data_->regions.begin()) - 1;
  while (region != Region::kNone && data_->regions[region].end <= node) {
    region = data_->regions[region].parent;
  }
  return region;
}

ParamList ArchGraph::params(NodeId node) const {
  if (op(node).params == nullptr) {
    return {};
  }
  const NodeCall view(*data_, node);
  return op(node).params(view.call());
}

OpCost ArchGraph::cost(NodeId node) const {
  if (op(node).cost == nullptr) {
    return {};
  }
  const NodeCall view(*data_, node);
  return op(node).cost(view.call(), output_types(node));
}

int param_index(const ArchGraph& graph, NodeId node, std::string_view name) {
  int index = 0;
  const ParamList params = graph.params(node);
  for (const ParamSpec& spec : params) {
    if (spec.name == name) return index;
    ++index;
  }
  return -1;
}

bool has_running_statistics(const ArchGraph& graph, NodeId node) {
  return graph.op(node).role == OpRole::kNormalisation &&
         param_index(graph, node, "running_var") >= 0;
}

bool operator==(const ArchGraph& a, const ArchGraph& b) {
  const ArchGraph::Data& x = *a.data_;
  const ArchGraph::Data& y = *b.data_;
  return &x == &y || (x.nodes == y.nodes && x.attrs == y.attrs && x.inputs == y.inputs &&
                      x.types == y.types && x.scopes == y.scopes && x.scope_text == y.scope_text &&
                      x.graph_outputs == y.graph_outputs);
}

}  // namespace nas
