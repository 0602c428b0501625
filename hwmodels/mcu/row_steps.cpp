#include "hwmodels/mcu/row_steps.h"

#include <cstring>

namespace nas {
namespace {

using Dims = std::vector<std::int64_t>;

const MicroTensor& tensor_at(const MicroProgram& program, int index) {
  return program.tensors[static_cast<std::size_t>(index)];
}

/// What a row is to the operands of one step.
class StepRows {
 public:
  StepRows(const MicroProgram& program, const MicroStep& step, std::size_t axis)
      : program_(program),
        step_(step),
        axis_(static_cast<int>(axis)),
        out_(tensor_at(program, step.outputs.front()).dims) {
    needs_.axis.assign(step.inputs.size(), RowNeeds::kWhole);
  }

  std::optional<RowNeeds> find() {
    if (micro_op_info(step_.op).sharing == MicroSharing::kElementwise) return elementwise();
    switch (step_.op) {
      case MicroOp::kConv2d:
      case MicroOp::kDepthwiseConv2d:
        return pointwise();
      case MicroOp::kFullyConnected:
        return step_.options.keep_dims && !is_last() ? same_axis() : std::nullopt;
      case MicroOp::kSoftmax:
        return is_last() ? std::nullopt : same_axis();
      case MicroOp::kBatchMatmul:
        return product();
      case MicroOp::kReshape:
        return view();
      case MicroOp::kTranspose:
        return transposed();
      default:
        return std::nullopt;
    }
  }

 private:
  const Dims& dims(std::size_t operand) const {
    return tensor_at(program_, step_.inputs[operand]).dims;
  }
  bool is_last() const { return axis_ + 1 == static_cast<int>(out_.size()); }
  std::optional<RowNeeds> at(std::size_t operand, int axis) {
    needs_.axis[operand] = axis;
    return needs_;
  }
  std::optional<RowNeeds> same_axis() { return at(0, axis_); }

  /// Dimensions are matched from the last; an operand that is repeated along the rows is whole.
  std::optional<RowNeeds> elementwise() {
    for (std::size_t i = 0; i < step_.inputs.size(); ++i) {
      const int axis = axis_ - static_cast<int>(out_.size()) + static_cast<int>(dims(i).size());
      const bool repeated = axis < 0 || dims(i)[static_cast<std::size_t>(axis)] == 1;
      needs_.axis[i] = repeated ? RowNeeds::kWhole : axis;
    }
    return needs_;
  }

  /// A convolution of single positions.
  std::optional<RowNeeds> pointwise() {
    const Dims& weights = dims(1);
    const bool single = weights[1] == 1 && weights[2] == 1 && step_.options.stride_h == 1 &&
                        step_.options.stride_w == 1;
    return single && (axis_ == 1 || axis_ == 2) ? same_axis() : std::nullopt;
  }

  /// Rows of the left operand, columns of the right one, or both where they are a batch.
  std::optional<RowNeeds> product() {
    const int rank = static_cast<int>(out_.size()), rows = rank - 2, columns = rank - 1;
    const MicroOptions& options = step_.options;
    if (axis_ == rows) return at(0, options.adj_x ? columns : rows);
    if (axis_ == columns) return at(1, options.adj_y ? rows : columns);
    for (std::size_t i = 0; i < 2; ++i) {
      const bool repeated =
          dims(i).size() != out_.size() || dims(i)[static_cast<std::size_t>(axis_)] == 1;
      needs_.axis[i] = repeated ? RowNeeds::kWhole : axis_;
    }
    return needs_;
  }

  /// The dimension of the input with as many numbers before and in it.
  std::optional<RowNeeds> view() {
    const auto place = static_cast<std::size_t>(axis_);
    std::int64_t before = 1, seen = 1;
    for (std::size_t i = 0; i < place; ++i) before *= out_[i];
    for (std::size_t i = 0; i < dims(0).size(); ++i) {
      if (seen == before && dims(0)[i] == out_[place]) return at(0, static_cast<int>(i));
      seen *= dims(0)[i];
    }
    return std::nullopt;
  }

  std::optional<RowNeeds> transposed() {
    const MicroTensor& order = tensor_at(program_, step_.inputs[1]);
    constexpr std::size_t kBytes = sizeof(std::int32_t);
    const auto place = static_cast<std::size_t>(axis_) * kBytes;
    if (order.element != MicroElement::kInt32 || order.data.size() < place + kBytes) {
      return std::nullopt;
    }
    std::int32_t from = 0;
    std::memcpy(&from, order.data.data() + place, kBytes);
    return at(0, from);
  }

  const MicroProgram& program_;
  const MicroStep& step_;
  int axis_;
  const Dims& out_;
  RowNeeds needs_;
};

}  // namespace

std::optional<RowNeeds> row_needs(const MicroProgram& program, const MicroStep& step,
                                  std::size_t axis) {
  return StepRows(program, step, axis).find();
}

}  // namespace nas
