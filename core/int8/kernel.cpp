#include "core/int8/kernel.h"

#include <cmath>
#include <cstring>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

bool KernelCall::has_input(std::size_t index) const {
  return index < step_.inputs.size() && step_.inputs[index] != MicroStep::kAbsent;
}

int KernelCall::input_at(std::size_t index) const {
  if (!has_input(index)) fail("operand " + std::to_string(index) + " is missing");
  return step_.inputs[index];
}

const MicroTensor& KernelCall::input(std::size_t index) const {
  return program_.tensors[static_cast<std::size_t>(input_at(index))];
}

int KernelCall::output_at() const {
  return step_.outputs[0];
}

const MicroTensor& KernelCall::output() const {
  return program_.tensors[static_cast<std::size_t>(output_at())];
}

const std::string& KernelCall::constant(std::size_t index) const {
  const MicroTensor& tensor = input(index);
  if (!tensor.constant || tensor.data.empty()) {
    fail("operand " + std::to_string(index) + " '" + printable(tensor.name) +
         "' has no constant numbers");
  }
  return tensor.data;
}

std::vector<std::int64_t> KernelCall::ints(std::size_t index) const {
  const std::string& data = constant(index);
  const MicroElement element = input(index).element;
  const auto size = static_cast<std::size_t>(bytes_of(element));
  if (element != MicroElement::kInt32 && element != MicroElement::kInt64) {
    fail("operand " + std::to_string(index) + " is not made of integers");
  }
  std::vector<std::int64_t> values;
  for (std::size_t i = 0; i + size <= data.size(); i += size) {
    std::int32_t narrow = 0;
    std::int64_t wide = 0;
    if (size == sizeof narrow) {
      std::memcpy(&narrow, data.data() + i, size);
      wide = narrow;
    } else {
      std::memcpy(&wide, data.data() + i, size);
    }
    values.push_back(wide);
  }
  return values;
}

void KernelCall::fail(const std::string& text) const {
  const bool other = step_.op == MicroOp::kOther || step_.name.empty();
  throw Error(ErrorKind::kUnsupported, printable(nas::name_of(step_)) +
                                           (other ? "" : " '" + printable(step_.name) + "'") +
                                           ": " + text);
}

const MicroKernel* find_kernel(MicroOp op) {
  for (const MicroKernels* kernels : micro_kernels()) {
    for (const MicroKernel& kernel : *kernels) {
      if (kernel.op == op) return &kernel;
    }
  }
  return nullptr;
}

FixedMultiplier multiplier(const KernelCall& call, double factor) {
  call.expect(std::isfinite(factor) && factor >= 0 && factor < 2147483648.0,
              "a scale is not a number, or its ratio to the others is out of range");
  return fixed_multiplier(factor);
}

float scale_of(const KernelCall& call, const MicroTensor& tensor) {
  call.expect(tensor.quantisation.scales.size() == 1,
              "'" + printable(tensor.name) + "' has no scale");
  const float scale = tensor.quantisation.scale();
  call.expect(std::isfinite(scale) && scale > 0,
              "the scale of '" + printable(tensor.name) + "' is not above 0");
  return scale;
}

std::int32_t zero_point_of(const MicroTensor& tensor) {
  return tensor.quantisation.zero_point();
}

ClampRange clamp_range(const KernelCall& call, const MicroTensor& tensor,
                       MicroActivation activation) {
  const bool narrow = tensor.element == MicroElement::kInt8;
  ClampRange range = narrow ? ClampRange{-128, 127} : ClampRange{-32768, 32767};
  if (activation == MicroActivation::kNone) return range;
  const float scale = scale_of(call, tensor);
  const auto place = [&](float value) {
    const float steps = std::clamp(std::round(value / scale), -1e6F, 1e6F);
    return static_cast<std::int32_t>(steps) + zero_point_of(tensor);
  };
  switch (activation) {
    case MicroActivation::kRelu:
      range.low = std::max(range.low, place(0));
      break;
    case MicroActivation::kReluN1To1:
      range = {std::max(range.low, place(-1)), std::min(range.high, place(1))};
      break;
    case MicroActivation::kRelu6:
      range = {std::max(range.low, place(0)), std::min(range.high, place(6))};
      break;
    case MicroActivation::kNone:
      break;
  }
  return range;
}

}  // namespace nas
