#include <span>

#include "core/tflite/graph_reader.h"
#include "core/tflite/program_checks.h"
#include "core/util/error.h"

namespace nas {

StepReader::Dims StepReader::ints(std::size_t input) const {
  return constant_ints(reader_.program, step_.inputs.at(input));
}

Value StepReader::image_of(int tensor) {
  GraphValue& held = reader_.values[static_cast<std::size_t>(tensor)];
  if (held.image) return *held.image;
  if (!held.stored) unsupported("reads a constant where a graph needs a computed tensor");
  // [H, W, C] -> [C, W, H] -> [C, H, W]; one channel, or one place, is only another shape.
  const Shape shape = reader_.builder.type(*held.stored).shape;
  if (shape.rank() != 3) unsupported("reads an image of another number of dimensions");
  if (shape[2] == 1 || shape[0] * shape[1] == 1) {
    held.image = add("reshape", {*held.stored},
                     {{"dim0", shape[2]}, {"dim1", shape[0]}, {"dim2", shape[1]}});
  } else {
    held.image = add("swap_axes", {add("swap_axes", {*held.stored}, {{"first", 0}, {"second", 2}})},
                     {{"first", 1}, {"second", 2}});
  }
  return *held.image;
}

Value StepReader::stored_of(int tensor) {
  GraphValue& held = reader_.values[static_cast<std::size_t>(tensor)];
  if (held.stored) return *held.stored;
  if (!held.image) unsupported("reads a constant where a graph needs a computed tensor");
  const Shape shape = reader_.builder.type(*held.image).shape;
  if (shape[0] == 1 || shape[1] * shape[2] == 1) {
    held.stored =
        add("reshape", {*held.image}, {{"dim0", shape[1]}, {"dim1", shape[2]}, {"dim2", shape[0]}});
  } else {
    held.stored = add("swap_axes", {add("swap_axes", {*held.image}, {{"first", 1}, {"second", 2}})},
                      {{"first", 0}, {"second", 2}});
  }
  return *held.stored;
}

Value StepReader::add(std::string_view op, std::initializer_list<Value> inputs,
                      std::initializer_list<NamedAttr> attrs) {
  return reader_.builder.add(op, std::span(inputs.begin(), inputs.size()),
                             NamedAttrs(attrs.begin(), attrs.size()));
}

void StepReader::weight(Value of, std::string_view param, std::size_t input, WeightOrder order) {
  if (!tensor(input).constant) unsupported("has weights that are computed");
  reader_.weights.push_back(
      {.node = of.node, .param = param, .tensor = step_.inputs.at(input), .order = order});
}

Value StepReader::activated(Value value) {
  switch (options().activation) {
    case MicroActivation::kNone:
      return value;
    case MicroActivation::kRelu:
      return add("relu", {value});
    case MicroActivation::kRelu6:
      return add("relu6", {value});
    case MicroActivation::kReluN1To1:
      break;
  }
  unsupported("ends in a clamp to [-1, 1]");
}

void StepReader::check_shape(Value value, Dims expected) const {
  if (expected.empty() || expected.front() != 1) unsupported("has a batch that is not 1");
  const Shape& shape = reader_.builder.type(value).shape;
  if (!std::ranges::equal(shape.dims(), std::span(expected).subspan(1))) {
    unsupported("gives " + to_string(shape) + " in a graph, another shape than in the file");
  }
}

void StepReader::give_image(Value value) {
  const Dims& dims = output_dims();
  if (dims.size() != 4) unsupported("gives no image");
  check_shape(value, {dims[0], dims[3], dims[1], dims[2]});
  reader_.values[static_cast<std::size_t>(step_.outputs.at(0))].image = activated(value);
}

void StepReader::give_stored(Value value) {
  check_shape(value, output_dims());
  reader_.values[static_cast<std::size_t>(step_.outputs.at(0))].stored = activated(value);
}

void StepReader::give_any(Value value) {
  if (output_dims().size() == 4) {
    give_image(value);
  } else {
    give_stored(value);
  }
}

void StepReader::unsupported(const std::string& what) const {
  throw Error(ErrorKind::kUnsupported, what);
}

}  // namespace nas
