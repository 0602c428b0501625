#include <memory>

#include "core/int8/kernels/layer.h"
#include "core/int8/kernels/products.h"

namespace nas {
namespace {

std::vector<std::int16_t> widened(const std::int8_t* values, std::size_t count, std::int32_t zero) {
  std::vector<std::int16_t> wide(count);
  for (std::size_t i = 0; i < count; ++i) wide[i] = static_cast<std::int16_t>(values[i] - zero);
  return wide;
}

void scale_rows(const LayerOutput& output, const std::vector<std::int32_t>& sums,
                std::size_t columns, std::int8_t* out) {
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t channel = i % columns;
    const std::int32_t bias = static_cast<std::int32_t>(output.biases[channel]);
    out[i] = static_cast<std::int8_t>(output(sums[i] + bias, channel));
  }
}

MicroRun prepare_fully_connected(const KernelCall& call) {
  const MicroTensor &data = call.input(0), &weights = call.input(1), &output = call.output();
  call.expect(data.element == MicroElement::kInt8, "only int8 data are executed");
  call.expect(weights.dims.size() == 2 && weights.dims[1] >= 1 && weights.dims[0] >= 1,
              "its weights are not [out, in]");
  const std::int64_t in = weights.dims[1], out = weights.dims[0];
  call.expect(data.elements() % in == 0 && output.elements() == data.elements() / in * out,
              "data and weights have shapes that do not fit");
  struct Layer {
    LayerOutput output;
    std::vector<std::int16_t> weights;
  };
  const bool one_scale = weights.quantisation.scales.size() == 1;
  const auto layer = std::make_shared<Layer>();
  layer->output = layer_output(call, {}, out, one_scale);
  const std::vector<std::int8_t> values = int8_weights(call, 1);
  const std::int32_t weight_zero = one_scale ? zero_point_of(weights) : 0;
  layer->weights = widened(values.data(), values.size(), weight_zero);
  const auto length = static_cast<std::size_t>(in);
  expect_sums_fit(call, layer->output, layer->weights, [&](std::size_t i) { return i / length; });
  const auto count = static_cast<std::size_t>(data.elements());
  return [=, zero = zero_point_of(data), from = call.input_at(0),
          to = call.output_at()](MicroMemory memory) {
    const auto wide = widened(at<std::int8_t>(memory, from), count, zero);
    std::vector<std::int32_t> sums(count / static_cast<std::size_t>(in) *
                                   static_cast<std::size_t>(out));
    int16_products(wide, layer->weights, in, sums);
    scale_rows(layer->output, sums, static_cast<std::size_t>(out), at<std::int8_t>(memory, to));
  };
}

/// The last two dimensions change places where an operand is given transposed.
std::vector<std::int16_t> turned(std::vector<std::int16_t> matrix, std::size_t rows,
                                 std::size_t columns) {
  std::vector<std::int16_t> result(matrix.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) result[c * rows + r] = matrix[r * columns + c];
  }
  return result;
}

MicroRun prepare_batch_matmul(const KernelCall& call) {
  const MicroTensor &left = call.input(0), &right = call.input(1), &output = call.output();
  const std::size_t rank = left.dims.size();
  call.expect(left.element == MicroElement::kInt8 && right.element == MicroElement::kInt8 &&
                  output.element == MicroElement::kInt8,
              "only int8 data are executed");
  call.expect(rank >= 2 && right.dims.size() == rank && output.dims.size() == rank,
              "its operands have other ranks");
  const MicroOptions& options = call.options();
  const auto size = [&](const MicroTensor& tensor, bool turned_over, std::size_t axis) {
    return static_cast<std::size_t>(tensor.dims[rank - 2 + (turned_over ? 1 - axis : axis)]);
  };
  const std::size_t rows = size(left, options.adj_x, 0), inner = size(left, options.adj_x, 1);
  const std::size_t columns = size(right, options.adj_y, 1);
  bool fits = size(right, options.adj_y, 0) == inner && size(output, false, 0) == rows &&
              size(output, false, 1) == columns && inner > 0;
  std::size_t count = 1;
  for (std::size_t i = 0; i + 2 < rank; ++i) {
    fits = fits && left.dims[i] == right.dims[i] && left.dims[i] == output.dims[i];
    count *= static_cast<std::size_t>(left.dims[i]);
  }
  call.expect(fits, "its operands have shapes that do not fit");
  const double product = static_cast<double>(scale_of(call, left) * scale_of(call, right));
  LayerOutput scaling{
      .biases = std::vector<std::int64_t>(columns, 0),
      .multipliers = {multiplier(call, product / static_cast<double>(scale_of(call, output)))},
      .zero_point = zero_point_of(output),
      .clamp = clamp_range(call, output)};
  return [=, left_zero = zero_point_of(left), right_zero = zero_point_of(right),
          a = call.input_at(0), b = call.input_at(1), to = call.output_at()](MicroMemory memory) {
    for (std::size_t n = 0; n < count; ++n) {
      auto x = widened(at<std::int8_t>(memory, a) + n * rows * inner, rows * inner, left_zero);
      auto y =
          widened(at<std::int8_t>(memory, b) + n * inner * columns, inner * columns, right_zero);
      if (options.adj_x) x = turned(std::move(x), inner, rows);
      if (!options.adj_y) y = turned(std::move(y), inner, columns);
      std::vector<std::int32_t> sums(rows * columns);
      int16_products(x, y, static_cast<std::int64_t>(inner), sums);
      scale_rows(scaling, sums, columns, at<std::int8_t>(memory, to) + n * rows * columns);
    }
  };
}

constexpr MicroKernel kKernels[] = {{MicroOp::kFullyConnected, prepare_fully_connected},
                                    {MicroOp::kBatchMatmul, prepare_batch_matmul}};

}  // namespace

extern constinit const MicroKernels matrix_kernels{kKernels};

}  // namespace nas
