#include "core/ir/arch_builder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "core/ir/arch_graph_data.h"
#include "core/ops/registry.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kHashStart = 14695981039346656037ULL;

/// FNV-1a; `hash` continues an earlier text.
std::uint64_t hash_more(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return hash;
}

struct OpenScope {
  std::size_t length;   ///< of the full text
  std::uint64_t hash;   ///< of the full text
  std::uint32_t index;  ///< into Data::scopes; kNone until a node was added
};

/// Where a node is to stand. A scope is numbered when its first node is added, so that numbers
/// depend on the graph alone.
struct ScopeRef {
  std::string_view text;
  std::uint64_t hash;
  std::uint32_t* index;  ///< remembers the number
};

ScopeRef explicit_scope(std::string_view text, std::uint32_t& index) {
  if (!text.empty()) {
    check_graph_name(text);
  }
  return {text, hash_more(kHashStart, text), &index};
}

void check_type(const TensorType& type) {
  for (const std::int64_t dim : type.shape.dims()) {
    if (dim < 1) {
      throw Error(ErrorKind::kUsage, "dimensions of " + to_string(type) + " must be >= 1");
    }
  }
  if (type.shape.elements() > kMaxExtent) {
    throw Error(ErrorKind::kUsage, to_string(type) + " has more than 2147483648 elements");
  }
}

}  // namespace

struct ArchBuilder::State {
  ArchGraph::Data data;
  std::string scope_text;  ///< full text of the innermost open scope
  std::vector<OpenScope> open{{0, kHashStart, kNone}};
  std::vector<std::uint32_t> scope_slots =
      std::vector(128, kNone);                   ///< open addressing: index of a scope, or kNone
  std::vector<std::uint64_t> scope_hashes;       ///< by scope
  std::vector<std::uint32_t> last_in_scope;      ///< by scope: its latest node
  std::vector<std::uint32_t> previous_in_scope;  ///< by node: the one before in its scope
  std::vector<TensorType> input_types;           ///< scratch

  ScopeRef current_scope();
  std::size_t find_slot(std::string_view text, std::uint64_t hash) const;
  std::uint32_t intern(const ScopeRef& scope);
  void grow_scope_slots();
  std::uint32_t ordinal(const OpSchema& op, std::uint32_t scope) const;
  [[noreturn]] void fail(const Error& error, const OpSchema& op, const ScopeRef& scope) const;
  void gather_inputs(std::span<const Value> inputs);
  void infer(const OpSchema& op, std::span<const AttrValue> attrs);
  Value append(const OpSchema& op, std::span<const Value> inputs, std::span<const AttrValue> attrs,
               const ScopeRef& scope);
  Value append_input(const TensorType& type, const ScopeRef& scope);
  Value link(const OpSchema& op, std::size_t input_count, std::size_t output_count,
             std::uint32_t scope);
};

ScopeRef ArchBuilder::State::current_scope() {
  return {scope_text, open.back().hash, &open.back().index};
}

/// The slot of a scope, or the empty slot where it belongs.
std::size_t ArchBuilder::State::find_slot(std::string_view text, std::uint64_t hash) const {
  const std::size_t mask = scope_slots.size() - 1;
  std::size_t slot = hash & mask;
  while (scope_slots[slot] != kNone) {
    const std::uint32_t found = scope_slots[slot];
    if (scope_hashes[found] == hash && data.scope(found) == text) {
      break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

std::uint32_t ArchBuilder::State::intern(const ScopeRef& scope) {
  if (*scope.index != kNone) {
    return *scope.index;
  }
  if (2 * (data.scopes.size() + 1) > scope_slots.size()) {
    grow_scope_slots();
  }
  std::uint32_t& index = scope_slots[find_slot(scope.text, scope.hash)];
  if (index == kNone) {
    NAS_CHECK(data.scope_text.size() + scope.text.size() < kNone, "scope texts take over 4 GB");
    index = static_cast<std::uint32_t>(data.scopes.size());
    data.scopes.push_back({static_cast<std::uint32_t>(data.scope_text.size()),
                           static_cast<std::uint32_t>(scope.text.size())});
    data.scope_text.append(scope.text);
    scope_hashes.push_back(scope.hash);
    last_in_scope.push_back(kNone);
  }
  *scope.index = index;
  return index;
}

void ArchBuilder::State::grow_scope_slots() {
  scope_slots.assign(2 * scope_slots.size(), kNone);
  const std::size_t mask = scope_slots.size() - 1;
  for (std::uint32_t i = 0; i < scope_hashes.size(); ++i) {
    std::size_t slot = scope_hashes[i] & mask;
    while (scope_slots[slot] != kNone) {
      slot = (slot + 1) & mask;
    }
    scope_slots[slot] = i;
  }
}

/// Walks back to the latest node of the same operation; together linear in the nodes of the scope
/// times the number of operations.
std::uint32_t ArchBuilder::State::ordinal(const OpSchema& op, std::uint32_t scope) const {
  for (std::uint32_t node = last_in_scope[scope]; node != kNone; node = previous_in_scope[node]) {
    if (data.nodes[node].op == &op) {
      return data.nodes[node].ordinal + 1;
    }
  }
  return 0;
}

void ArchBuilder::State::gather_inputs(std::span<const Value> inputs) {
  input_types.clear();
  for (const Value& value : inputs) {
    if (value.node >= data.nodes.size() || value.port >= data.nodes[value.node].output_count) {
      throw Error(ErrorKind::kUsage, "input " + std::to_string(input_types.size()) +
                                         " reads output " + std::to_string(value.port) +
                                         " of node " + std::to_string(value.node) +
                                         ", which does not exist");
    }
    input_types.push_back(data.type({value.node, value.port}));
  }
}

/// Appends completed attributes and output types to `data`.
void ArchBuilder::State::infer(const OpSchema& op, std::span<const AttrValue> attrs) {
  const std::size_t first_attr = data.attrs.size();
  const std::size_t first_type = data.types.size();
  data.attrs.insert(data.attrs.end(), attrs.begin(), attrs.end());
  op.infer({op, std::span(data.attrs).subspan(first_attr), input_types}, data.types);
  for (std::size_t i = first_type; i < data.types.size(); ++i) {
    check_type(data.types[i]);
  }
}

Value ArchBuilder::State::link(const OpSchema& op, std::size_t input_count,
                               std::size_t output_count, std::uint32_t scope) {
  const auto begin = [](std::size_t size, std::size_t count) {
    return static_cast<std::uint32_t>(size - count);
  };
  const auto id = static_cast<std::uint32_t>(data.nodes.size());
  data.nodes.push_back({.op = &op,
                        .attrs = begin(data.attrs.size(), op.attrs.size()),
                        .inputs = begin(data.inputs.size(), input_count),
                        .input_count = static_cast<std::uint32_t>(input_count),
                        .outputs = begin(data.types.size(), output_count),
                        .output_count = static_cast<std::uint32_t>(output_count),
                        .scope = scope,
                        .ordinal = ordinal(op, scope)});
  previous_in_scope.push_back(last_in_scope[scope]);
  last_in_scope[scope] = id;
  return {id, 0};
}

/// The error with the path that the node would have had: "conv2d 'cells.3/conv2d': ...".
void ArchBuilder::State::fail(const Error& error, const OpSchema& op, const ScopeRef& scope) const {
  std::string_view text = error.what();
  const std::string prefix = std::string(op.name) + ": ";
  if (text.starts_with(prefix)) {
    text.remove_prefix(prefix.size());
  }
  const std::uint32_t index = scope_slots[find_slot(scope.text, scope.hash)];
  const std::string path = node_path(scope.text, op.name, index == kNone ? 0 : ordinal(op, index));
  throw Error(error.kind(), std::string(op.name) + " '" + path + "': " + std::string(text));
}

Value ArchBuilder::State::append(const OpSchema& op, std::span<const Value> inputs,
                                 std::span<const AttrValue> attrs, const ScopeRef& scope) {
  const std::size_t attr_count = data.attrs.size();
  const std::size_t type_count = data.types.size();
  try {
    op.check_input_count(inputs.size());
    for (std::size_t i = 0; i < attrs.size(); ++i) {
      op.check_attr(i, attrs[i]);
    }
    gather_inputs(inputs);
    infer(op, attrs);
  } catch (const Error& error) {
    data.attrs.resize(attr_count);
    data.types.resize(type_count);
    fail(error, op, scope);
  }
  for (const Value& value : inputs) {
    data.inputs.push_back({value.node, value.port});
  }
  return link(op, inputs.size(), data.types.size() - type_count, intern(scope));
}

ArchBuilder::ArchBuilder() : state_(std::make_unique<State>()) {}

ArchBuilder::~ArchBuilder() = default;

Value ArchBuilder::State::append_input(const TensorType& type, const ScopeRef& scope) {
  const OpSchema& op = input_op;
  try {
    check_type(type);
  } catch (const Error& error) {
    fail(error, op, scope);
  }
  data.types.push_back(type);
  const Value value = link(op, 0, 1, intern(scope));
  data.graph_inputs.push_back(value.node);
  return value;
}

Value ArchBuilder::input(const TensorType& type) {
  return state_->append_input(type, state_->current_scope());
}

Value ArchBuilder::input_in_scope(const TensorType& type, std::string_view scope) {
  std::uint32_t index = kNone;
  return state_->append_input(type, explicit_scope(scope, index));
}

Value ArchBuilder::choose(const ElasticValue& selector, std::span<const Alternative> alternatives) {
  if (!selector.is_constant()) {
    throw Error(ErrorKind::kUsage, "a choice in '" + state_->scope_text +
                                       "' depends on a decision; build a blueprint instead of a "
                                       "graph, or give a constant");
  }
  const std::int64_t index = selector.values().front().as_int();
  if (index < 0 || static_cast<std::uint64_t>(index) >= alternatives.size()) {
    throw Error(ErrorKind::kUsage, "choice " + std::to_string(index) + " in '" +
                                       state_->scope_text + "' must be < " +
                                       std::to_string(alternatives.size()));
  }
  return alternatives[static_cast<std::size_t>(index)]();
}

void ArchBuilder::push_scope(std::string_view name) {
  check_graph_name(name);
  State& s = *state_;
  std::uint64_t hash = s.open.back().hash;
  if (!s.scope_text.empty()) {
    s.scope_text += '/';
    hash = hash_more(hash, "/");
  }
  s.scope_text += name;
  s.open.push_back({s.scope_text.size(), hash_more(hash, name), kNone});
}

void ArchBuilder::pop_scope() {
  State& s = *state_;
  if (s.open.size() > 1) {
    s.open.pop_back();
    s.scope_text.resize(s.open.back().length);
  }
}

std::string_view ArchBuilder::current_scope() const {
  return state_->scope_text;
}

const TensorType& ArchBuilder::type(Value value) const {
  const ArchGraph::Data& data = state_->data;
  if (value.node >= data.nodes.size() || value.port >= data.nodes[value.node].output_count) {
    throw Error(ErrorKind::kUsage, "output " + std::to_string(value.port) + " of node " +
                                       std::to_string(value.node) + " does not exist");
  }
  return data.type({value.node, value.port});
}

ElasticValue ArchBuilder::channels(Value value) const {
  const TensorType& of = type(value);
  if (of.shape.rank() == 0) {
    throw Error(ErrorKind::kUsage, to_string(of) + " has no channels");
  }
  return of.shape[0];
}

void ArchBuilder::output(std::string_view name, Value value) {
  check_graph_name(name);
  type(value);
  for (const GraphOutput& other : state_->data.graph_outputs) {
    if (other.name == name) {
      throw Error(ErrorKind::kUsage, "there are two outputs named '" + other.name + "'");
    }
  }
  state_->data.graph_outputs.push_back({std::string(name), {value.node, value.port}});
}

Value ArchBuilder::add_primitive(const OpSchema& op, std::span<const Value> inputs,
                                 std::span<const ElasticValue> attrs) {
  std::array<AttrValue, kMaxAttrs> values;
  for (std::size_t i = 0; i < attrs.size(); ++i) {
    if (!attrs[i].is_constant()) {
      const Error error(ErrorKind::kUsage,
                        std::string(op.attrs[i].name) +
                            " depends on a decision; build a blueprint instead of a graph");
      state_->fail(error, op, state_->current_scope());
    }
    values[i] = attrs[i].values().front();
  }
  return state_->append(op, inputs, std::span(values).first(attrs.size()), state_->current_scope());
}

Value ArchBuilder::add_in_scope(const OpSchema& op, std::span<const Value> inputs,
                                std::span<const AttrValue> attrs, std::string_view scope) {
  if (op.is_macro() || attrs.size() != op.attrs.size()) {
    throw Error(ErrorKind::kUsage, std::string(op.name) + ": expected a primitive with " +
                                       std::to_string(op.attrs.size()) + " attributes, got " +
                                       std::to_string(attrs.size()));
  }
  std::uint32_t index = kNone;
  return state_->append(op, inputs, attrs, explicit_scope(scope, index));
}

std::size_t ArchBuilder::open_region() {
  ArchGraph::Data& data = state_->data;
  data.regions.push_back({.begin = static_cast<NodeId>(data.nodes.size())});
  return data.regions.size() - 1;
}

void ArchBuilder::close_region(std::size_t place, const MacroUse& use) {
  ArchGraph::Data& data = state_->data;
  ArchGraph::Data::RegionRecord& region = data.regions[place];
  region.end = static_cast<NodeId>(data.nodes.size());
  region.output = {use.output.node, use.output.port};
  if (!region.makes_output()) return;  // nor was it closed
  region.op = &use.op;
  region.attrs = static_cast<std::uint32_t>(data.region_attrs.size());
  region.inputs = static_cast<std::uint32_t>(data.region_inputs.size());
  region.input_count = static_cast<std::uint32_t>(use.inputs.size());
  for (const ElasticValue& value : use.attrs) data.region_attrs.push_back(value.values().front());
  for (const Value& value : use.inputs) data.region_inputs.push_back({value.node, value.port});
}

void ArchBuilder::add_region(const Region& region) {
  ArchGraph::Data& data = state_->data;
  const ArchGraph::Data::RegionRecord record{
      .op = region.op,
      .begin = region.begin,
      .end = region.end,
      .output = region.output,
      .attrs = static_cast<std::uint32_t>(data.region_attrs.size()),
      .inputs = static_cast<std::uint32_t>(data.region_inputs.size()),
      .input_count = static_cast<std::uint32_t>(region.inputs.size())};
  if (!record.makes_output()) return;
  data.regions.push_back(record);
  data.region_attrs.insert(data.region_attrs.end(), region.attrs.begin(), region.attrs.end());
  data.region_inputs.insert(data.region_inputs.end(), region.inputs.begin(), region.inputs.end());
}

ArchGraph ArchBuilder::finish() {
  if (state_->data.graph_outputs.empty()) {
    throw Error(ErrorKind::kUsage, "a graph needs at least one output");
  }
  state_->data.link_regions();
  state_->data.index_consumers();
  ArchGraph graph(std::make_shared<const ArchGraph::Data>(std::move(state_->data)));
  *state_ = State{};
#ifdef NAS_CHECK_GRAPHS
  graph.check();
#endif
  return graph;
}

}  // namespace nas
