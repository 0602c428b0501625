#include "core/ops/shape_rules.h"

#include <string>

namespace nas {

const TensorType& expect_float(const OpCall& call, std::size_t index) {
  const TensorType& type = call.inputs[index];
  if (type.element != Element::kFloat) {
    call.fail("input " + std::to_string(index) + " is " + to_string(type) +
              ", expected float elements");
  }
  return type;
}

const Shape& expect_image(const OpCall& call, std::size_t index) {
  const TensorType& type = call.inputs[index];
  if (type.element != Element::kFloat || type.shape.rank() != 3) {
    call.fail("input " + std::to_string(index) + " is " + to_string(type) +
              ", expected float[channels,height,width]");
  }
  return type.shape;
}

const Shape& expect_sequence(const OpCall& call, std::size_t index) {
  const TensorType& type = call.inputs[index];
  if (type.element != Element::kFloat || type.shape.rank() != 2) {
    call.fail("input " + std::to_string(index) + " is " + to_string(type) +
              ", expected float[channels,frames]");
  }
  return type.shape;
}

std::int64_t window_positions(const OpCall& call, std::string_view axis, std::int64_t extent,
                              const Window& window) {
  const std::int64_t covered = window.dilation * (window.kernel - 1) + 1;
  const std::int64_t room = extent + 2 * window.padding - covered;
  // Rounded up, a window may reach beyond the border by less than a stride, as in LibTorch.
  const std::int64_t extra = window.ceil_mode ? window.stride - 1 : 0;
  if (room + extra < 0) {
    call.fail("a window of " + std::to_string(covered) + " does not fit into " + std::string(axis) +
              " = " + std::to_string(extent) + " with padding = " + std::to_string(window.padding));
  }
  std::int64_t positions = (room + extra) / window.stride + 1;
  if (window.ceil_mode && (positions - 1) * window.stride >= extent + window.padding) {
    --positions;
  }
  return positions;
}

void expect_weight_fits(const OpCall& call, const Shape& weight) {
  if (weight.elements() > kMaxExtent) {
    call.fail("weight " + to_string(weight) + " has more than 2147483648 elements");
  }
}

void infer_as_input(const OpCall& call, std::vector<TensorType>& outputs) {
  outputs.push_back(expect_float(call));
}

}  // namespace nas
