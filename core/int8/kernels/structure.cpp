#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/int8/kernel.h"

// Operators that move bytes.

namespace nas {
namespace {

using Dims = std::vector<std::int64_t>;

/// Row-major: how many elements lie between neighbours along each axis.
Dims steps_of(const Dims& dims) {
  Dims steps(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) steps[i - 1] = steps[i] * dims[i];
  return steps;
}

/// A walk through a box of `extent`, that starts `offset` elements into each side and goes by
/// `from` and `to` elements along each axis.
struct BoxWalk {
  Dims extent, from, to;
  std::int64_t from_offset = 0, to_offset = 0;
};

void copy_box(const BoxWalk& walk, std::size_t element, const std::byte* in, std::byte* out) {
  const std::size_t rank = walk.extent.size();
  if (std::ranges::any_of(walk.extent, [](std::int64_t extent) { return extent <= 0; })) return;
  const auto size = static_cast<std::int64_t>(element);
  std::int64_t source = walk.from_offset, target = walk.to_offset;
  Dims at(rank, 0);
  while (true) {
    std::memcpy(out + target * size, in + source * size, element);
    std::size_t axis = rank;
    while (true) {
      if (axis == 0) return;
      --axis;
      source += walk.from[axis];
      target += walk.to[axis];
      if (++at[axis] < walk.extent[axis]) break;
      source -= walk.from[axis] * walk.extent[axis];
      target -= walk.to[axis] * walk.extent[axis];
      at[axis] = 0;
    }
  }
}

std::size_t element_size(const KernelCall& call) {
  call.expect(call.input(0).element == call.output().element,
              "input and output hold other elements");
  return static_cast<std::size_t>(bytes_of(call.output().element));
}

MicroRun prepare_reshape(const KernelCall& call) {
  const auto bytes = static_cast<std::size_t>(call.input(0).bytes());
  call.expect(call.input(0).bytes() == call.output().bytes(), "input and output have other sizes");
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    std::memmove(at<std::byte>(memory, to), at<std::byte>(memory, from), bytes);
  };
}

/// Zeros around a tensor: PAD's are real zeros, PADV2's the number that it reads.
MicroRun prepare_pad(const KernelCall& call) {
  const MicroTensor &input = call.input(0), &output = call.output();
  const std::size_t size = element_size(call), rank = input.dims.size();
  const std::vector<std::int64_t> pads = call.ints(1);
  call.expect(pads.size() == 2 * rank && output.dims.size() == rank, "its pads are not [rank, 2]");
  BoxWalk walk{input.dims, steps_of(input.dims), steps_of(output.dims)};
  for (std::size_t i = 0; i < rank; ++i) {
    const auto possible = [&](std::int64_t pad) { return pad >= 0 && pad <= output.dims[i]; };
    call.expect(possible(pads[2 * i]) && possible(pads[2 * i + 1]) &&
                    output.dims[i] == input.dims[i] + pads[2 * i] + pads[2 * i + 1],
                "its output has another size than input and pads");
    walk.to_offset += pads[2 * i] * walk.to[i];
  }
  std::string border(size, '\0');
  if (call.has_input(2)) {
    border = call.constant(2);
    call.expect(border.size() == size, "it pads with a number of another element");
  } else if (size == 1 || output.element == MicroElement::kInt16) {
    const std::int32_t zero = zero_point_of(output);
    std::memcpy(border.data(), &zero, size);  // little-endian: the low bytes come first
  }
  const auto count = static_cast<std::size_t>(output.elements());
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    std::byte* out = at<std::byte>(memory, to);
    for (std::size_t i = 0; i < count; ++i) std::memcpy(out + i * size, border.data(), size);
    copy_box(walk, size, at<std::byte>(memory, from), out);
  };
}

MicroRun prepare_transpose(const KernelCall& call) {
  const MicroTensor &input = call.input(0), &output = call.output();
  const std::size_t size = element_size(call), rank = input.dims.size();
  const std::vector<std::int64_t> axes = call.ints(1);
  std::vector<std::int64_t> sorted = axes, all(rank);
  std::ranges::sort(sorted);
  std::iota(all.begin(), all.end(), 0);
  call.expect(sorted == all && output.dims.size() == rank, "its axes are no permutation");
  const Dims steps = steps_of(input.dims);
  BoxWalk walk{output.dims, {}, steps_of(output.dims)};
  for (std::size_t i = 0; i < rank; ++i) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    call.expect(output.dims[i] == input.dims[axis], "its output has other dimensions");
    walk.from.push_back(steps[axis]);
  }
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    copy_box(walk, size, at<std::byte>(memory, from), at<std::byte>(memory, to));
  };
}

MicroRun prepare_concatenation(const KernelCall& call) {
  const MicroTensor& output = call.output();
  const std::size_t size = element_size(call), rank = output.dims.size();
  call.expect(call.options().activation == MicroActivation::kNone, "ends in an activation");
  const std::int64_t given = call.options().axis;
  const std::int64_t axis = given < 0 ? given + static_cast<std::int64_t>(rank) : given;
  call.expect(axis >= 0 && axis < static_cast<std::int64_t>(rank), "its axis is out of range");
  struct Part {
    int tensor;
    std::size_t bytes;
  };
  std::vector<Part> parts;
  std::int64_t total = 0, rows = 1;
  const auto place = static_cast<std::size_t>(axis);
  for (std::size_t i = 0; i < place; ++i) rows *= output.dims[i];
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    const MicroTensor& part = call.input(i);
    Dims expected = output.dims;
    call.expect(part.dims.size() == rank && part.element == output.element,
                "its parts have other ranks or elements");
    call.expect(part.quantisation == output.quantisation, "its parts have other scales");
    expected[place] = part.dims[place];
    call.expect(part.dims == expected && rows >= 1, "its parts have shapes that do not fit");
    total += part.dims[place];
    parts.push_back({call.input_at(i), static_cast<std::size_t>(part.elements() / rows) * size});
  }
  call.expect(total == output.dims[place], "its parts do not make up the output");
  return [=, to = call.output_at()](MicroMemory memory) {
    std::byte* out = at<std::byte>(memory, to);
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row) {
      for (const Part& part : parts) {
        std::memcpy(out, at<std::byte>(memory, part.tensor) + row * part.bytes, part.bytes);
        out += part.bytes;
      }
    }
  };
}

/// Which indices of an axis a slice takes: Python's [begin:end:stride], cut to the axis.
struct AxisSlice {
  std::int64_t begin = 0, stride = 1, count = 0;
};
AxisSlice axis_slice(const KernelCall& call, std::size_t axis, std::int64_t extent) {
  const MicroOptions& options = call.options();
  const auto bit = [&](std::int32_t mask) { return ((mask >> axis) & 1) != 0; };
  const std::int64_t stride = call.ints(3)[axis];
  call.expect(stride != 0, "its stride is 0");
  std::int64_t begin = call.ints(1)[axis], end = call.ints(2)[axis];
  if (begin < 0) begin += extent;
  if (end < 0) end += extent;
  if (bit(options.shrink_axis_mask)) {
    call.expect(begin >= 0 && begin < extent, "its index is out of range");
    return {begin, 1, 1};
  }
  const std::int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? extent : extent - 1;
  begin = bit(options.begin_mask) ? (stride > 0 ? low : high) : std::clamp(begin, low, high);
  end = bit(options.end_mask) ? (stride > 0 ? high : low) : std::clamp(end, low, high);
  const std::int64_t length = stride > 0 ? end - begin : begin - end;
  if (length <= 0) return {begin, 1, 0};
  // A stride beyond the axis takes its first place; its sum with a length may not be a number.
  const std::int64_t step = stride > 0 ? std::min(stride, extent) : -std::max(stride, -extent);
  return {begin, stride > 0 ? step : -step, (length - 1) / step + 1};
}

MicroRun prepare_strided_slice(const KernelCall& call) {
  const MicroTensor &input = call.input(0), &output = call.output();
  const std::size_t size = element_size(call), rank = input.dims.size();
  call.expect(rank < 31 && call.ints(1).size() == rank && call.ints(2).size() == rank &&
                  call.ints(3).size() == rank,
              "its bounds are not one for each dimension");
  call.expect(call.options().ellipsis_mask == 0 && call.options().new_axis_mask == 0,
              "it makes dimensions");
  const Dims steps = steps_of(input.dims);
  BoxWalk walk;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const AxisSlice slice = axis_slice(call, axis, input.dims[axis]);
    walk.extent.push_back(slice.count);
    walk.from.push_back(slice.stride * steps[axis]);
    walk.from_offset += slice.begin * steps[axis];
  }
  walk.to = steps_of(walk.extent);
  const std::int64_t count =
      std::accumulate(walk.extent.begin(), walk.extent.end(), std::int64_t{1}, std::multiplies<>());
  call.expect(count == output.elements(), "its output has another size");
  return [=, from = call.input_at(0), to = call.output_at()](MicroMemory memory) {
    copy_box(walk, size, at<std::byte>(memory, from), at<std::byte>(memory, to));
  };
}

constexpr MicroKernel kKernels[] = {{MicroOp::kReshape, prepare_reshape},
                                    {MicroOp::kPad, prepare_pad},
                                    {MicroOp::kPadV2, prepare_pad},
                                    {MicroOp::kTranspose, prepare_transpose},
                                    {MicroOp::kConcatenation, prepare_concatenation},
                                    {MicroOp::kStridedSlice, prepare_strided_slice}};

}  // namespace

extern constinit const MicroKernels structure_kernels{kKernels};

}  // namespace nas
