#include "core/int8/lower/node_lowering.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "core/util/error.h"

namespace nas {
namespace {

using Kind = MicroOrigin::Kind;

std::size_t at(int tensor) {
  return static_cast<std::size_t>(tensor);
}

bool is_network_output(const ArchGraph& graph, PortRef value) {
  return std::ranges::any_of(graph.graph_outputs(),
                             [&](const GraphOutput& output) { return output.value == value; });
}

}  // namespace

std::vector<std::int64_t> micro_dims(const Shape& shape, MicroLayout layout) {
  std::vector<std::int64_t> dims{1};
  if (layout == MicroLayout::kChannelsLast) {
    if (shape.rank() == 2) dims.push_back(1);
    dims.insert(dims.end(), shape.dims().begin() + 1, shape.dims().end());
    dims.push_back(shape[0]);
  } else {
    dims.insert(dims.end(), shape.dims().begin(), shape.dims().end());
  }
  return dims;
}

std::int64_t NodeLowering::integer(std::string_view attr) const {
  return state_.result.graph.get_int(node_, attr);
}
bool NodeLowering::flag(std::string_view attr) const {
  return state_.result.graph.get_bool(node_, attr);
}
double NodeLowering::real(std::string_view attr) const {
  return state_.result.graph.get_real(node_, attr);
}
std::size_t NodeLowering::input_count() const {
  return state_.result.graph.inputs(node_).size();
}
const TensorType& NodeLowering::input_type(std::size_t index) const {
  return state_.result.graph.type(state_.result.graph.inputs(node_)[index]);
}
const Shape& NodeLowering::input_shape(std::size_t index) const {
  return input_type(index).shape;
}
const Shape& NodeLowering::output_shape() const {
  return state_.result.graph.output_types(node_)[0].shape;
}
std::span<const Consumer> NodeLowering::consumers() const {
  return state_.result.graph.consumers(node_);
}
const OpSchema& NodeLowering::op_of(NodeId node) const {
  return state_.result.graph.op(node);
}
const NodeLowering::Form& NodeLowering::form(std::size_t index) const {
  return state_.forms.at(state_.result.graph.inputs(node_)[index]);
}
const NodeLowering::Dims& NodeLowering::dims(int tensor) const {
  return state_.result.program.tensors[at(tensor)].dims;
}
std::string NodeLowering::path() const {
  return state_.result.graph.path(node_);
}
std::string NodeLowering::part_name(std::string_view part) const {
  return path() + "." + std::string(part);
}

int NodeLowering::input(std::size_t index, MicroLayout layout) {
  const PortRef value = state_.result.graph.inputs(node_)[index];
  const Form from = state_.forms.at(value);
  if (from.layout == layout) return from.tensor;
  const auto found = state_.turned.find({value, layout});
  if (found != state_.turned.end()) return found->second;
  const int tensor = turn(from.tensor, from, input_type(index), layout);
  state_.turned[{value, layout}] = tensor;
  return tensor;
}

int NodeLowering::turn(int tensor, const Form& from, const TensorType& type, MicroLayout to) {
  NAS_CHECK(to != MicroLayout::kFlattened, "no rule asks for a flattened form");
  const Shape& shape = type.shape;
  const bool flattened = from.layout == MicroLayout::kFlattened;
  NAS_CHECK(flattened || shape.rank() == 2 || shape.rank() == 3, "only images have two layouts");
  const std::int64_t channels = flattened ? from.channels : shape[0];
  const std::int64_t positions = channels == 0 ? 0 : shape.elements() / channels;
  const Dims result = micro_dims(shape, to);
  if (channels == 1 || positions == 1) return viewed(tensor, result, "view");
  const bool last = to == MicroLayout::kChannelsLast;
  const int matrix =
      viewed(tensor, last ? Dims{1, channels, positions} : Dims{1, positions, channels}, "matrix");
  constexpr std::int32_t kSwap[] = {0, 2, 1};
  const int turned =
      moved(last ? Dims{1, positions, channels} : Dims{1, channels, positions}, "turned");
  step(MicroOp::kTranspose, {matrix, ints("axes", kSwap)}, turned);
  return viewed(turned, result, "layout");
}

int NodeLowering::add_tensor(MicroTensor tensor, MicroOrigin origin) {
  state_.result.program.tensors.push_back(std::move(tensor));
  state_.result.origins.push_back(std::move(origin));
  return static_cast<int>(state_.result.program.tensors.size()) - 1;
}

int NodeLowering::value(Dims dims) {
  return add_tensor({.name = path(), .dims = std::move(dims)},
                    {.kind = Kind::kValue, .value = {node_, 0}});
}
int NodeLowering::moved(Dims dims, std::string_view part) {
  return add_tensor({.name = part_name(part), .dims = std::move(dims)}, {.kind = Kind::kAsInput});
}
int NodeLowering::ranged(Dims dims, std::string_view part, float min, float max) {
  return add_tensor({.name = part_name(part), .dims = std::move(dims)},
                    {.kind = Kind::kFixedRange, .min = min, .max = max});
}
int NodeLowering::row_part(Dims dims, std::string_view part, RowPart which) {
  return add_tensor({.name = part_name(part), .dims = std::move(dims)},
                    {.kind = Kind::kRowPart, .value = {node_, 0}, .part = which});
}
int NodeLowering::parameter(Dims dims, std::string_view part, Arrange arrange, int like) {
  return add_tensor(
      {.name = part_name(part), .dims = std::move(dims), .constant = true},
      {.kind = Kind::kParameter, .value = {node_, 0}, .like = like, .arrange = std::move(arrange)});
}
int NodeLowering::weight(Dims dims, std::int64_t flattened_channels) {
  return add_tensor(
      {.name = part_name("weight"), .dims = std::move(dims), .constant = true},
      {.kind = Kind::kWeight, .value = {node_, 0}, .flattened_channels = flattened_channels});
}
int NodeLowering::bias(std::int64_t channels) {
  return add_tensor({.name = part_name("bias"),
                     .element = MicroElement::kInt32,
                     .dims = {channels},
                     .constant = true},
                    {.kind = Kind::kBias, .value = {node_, 0}});
}

int NodeLowering::ints(std::string_view part, std::span<const std::int32_t> values, Dims dims) {
  if (dims.empty()) dims = {static_cast<std::int64_t>(values.size())};
  MicroTensor tensor{.name = part_name(part),
                     .element = MicroElement::kInt32,
                     .dims = std::move(dims),
                     .constant = true};
  tensor.data.resize(values.size_bytes());
  std::memcpy(tensor.data.data(), values.data(), values.size_bytes());
  return add_tensor(std::move(tensor), {});
}

int NodeLowering::reals(std::string_view part, std::vector<float> values, Dims dims) {
  return add_tensor({.name = part_name(part), .dims = std::move(dims), .constant = true},
                    {.kind = Kind::kReals, .reals = std::move(values)});
}

int NodeLowering::rescalable(int tensor, std::string_view part) {
  const MicroProgram& program = state_.result.program;
  int source = tensor;
  while (true) {
    if (std::ranges::find(program.inputs, source) != program.inputs.end()) break;
    const auto maker = std::ranges::find_if(program.steps, [&](const MicroStep& made) {
      return std::ranges::find(made.outputs, source) != made.outputs.end();
    });
    NAS_CHECK(maker != program.steps.end(), "a tensor is an input or made by a step");
    const bool known = micro_op_info(maker->op).known_range ||
                       state_.result.origins[at(source)].kind == Kind::kFixedRange;
    if (known) break;
    if (state_.result.origins[at(source)].kind != Kind::kAsInput) return tensor;
    source = maker->inputs[0];
  }
  const int copy = add_tensor({.name = part_name(part), .dims = dims(tensor)},
                              {.kind = Kind::kSameValue, .like = tensor});
  step(MicroOp::kQuantize, {tensor}, copy);
  return copy;
}

int NodeLowering::lowest(int of) {
  return add_tensor({.name = part_name("lowest"), .constant = true},
                    {.kind = Kind::kLowest, .like = of});
}

void NodeLowering::step(MicroOp op, std::vector<int> inputs, int output,
                        const MicroOptions& options) {
  state_.result.program.steps.push_back({.op = op,
                                         .name = path(),
                                         .inputs = std::move(inputs),
                                         .outputs = {output},
                                         .options = options});
}

namespace {

std::vector<std::int32_t> as_ints(std::span<const std::int64_t> dims) {
  return {dims.begin(), dims.end()};
}

}  // namespace

int NodeLowering::viewed(int tensor, Dims shape, std::string_view part) {
  if (dims(tensor) == shape) return tensor;
  const int shape_tensor = ints(std::string(part) + "_shape", as_ints(shape));
  const int view = moved(std::move(shape), part);
  step(MicroOp::kReshape, {tensor, shape_tensor}, view);
  return view;
}

void NodeLowering::give_view(int tensor, Dims shape, MicroLayout layout, std::int64_t channels) {
  give(viewed(tensor, std::move(shape), "view"), layout, channels);
}

void NodeLowering::give(int tensor, MicroLayout layout, std::int64_t channels) {
  state_.forms[{node_, 0}] = {tensor, layout, channels};
}

bool NodeLowering::is_output() const {
  return is_network_output(state_.result.graph, {node_, 0});
}

bool NodeLowering::fuse(MicroActivation activation) {
  Lowering& lowering = state_.result;
  const PortRef source = lowering.graph.inputs(node_)[0];
  if (is_network_output(lowering.graph, source) ||
      lowering.graph.consumers(source.node).size() != 1) {
    return false;
  }
  const Form from = state_.forms.at(source);
  // A tensor that was passed on is another node's value, which others may read.
  const MicroOrigin& origin = lowering.origins[at(from.tensor)];
  if (origin.kind != Kind::kValue || !(origin.value == source)) return false;
  const auto maker = std::ranges::find_if(lowering.program.steps, [&](const MicroStep& made) {
    return std::ranges::find(made.outputs, from.tensor) != made.outputs.end();
  });
  if (maker == lowering.program.steps.end() || !micro_op_info(maker->op).fuses ||
      micro_op_info(maker->op).same_scale || maker->options.activation != MicroActivation::kNone) {
    return false;
  }
  maker->options.activation = activation;
  lowering.program.tensors[at(from.tensor)].name = path();
  lowering.origins[at(from.tensor)] = {.kind = Kind::kValue, .value = {node_, 0}};
  give(from.tensor, from.layout, from.channels);
  return true;
}

}  // namespace nas
