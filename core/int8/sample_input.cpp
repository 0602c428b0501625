#include "core/int8/sample_input.h"

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Dims = std::vector<std::int64_t>;

/// The dimensions without the batch and others of 1.
Dims without_ones(std::span<const std::int64_t> dims) {
  Dims kept;
  for (const std::int64_t dim : dims) {
    if (dim != 1) kept.push_back(dim);
  }
  return kept;
}

Dims channels_last(const Shape& shape) {
  Dims dims(shape.dims().begin(), shape.dims().end());
  if (!dims.empty()) {
    dims.push_back(dims.front());
    dims.erase(dims.begin());
  }
  return dims;
}

}  // namespace

std::vector<float> as_program_input(std::span<const float> sample, const Shape& shape,
                                    const MicroTensor& input) {
  const bool image = input.dims.size() == 4 && shape.rank() >= 2;
  const Dims expected =
      image ? channels_last(shape) : Dims(shape.dims().begin(), shape.dims().end());
  if (without_ones(expected) != without_ones(input.dims)) {
    throw Error(ErrorKind::kUsage, "samples are " + to_string(shape) + ", but the input '" +
                                       printable(input.name) + "' is " +
                                       to_string(Shape(input.dims)));
  }
  if (!image) return {sample.begin(), sample.end()};
  const auto channels = static_cast<std::size_t>(shape[0]);
  const std::size_t positions = sample.size() / channels;
  std::vector<float> result(sample.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t i = 0; i < positions; ++i) {
      result[i * channels + c] = sample[c * positions + i];
    }
  }
  return result;
}

}  // namespace nas
