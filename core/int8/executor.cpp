#include "core/int8/executor.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kAlignment = 16;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 32;  // of one program's memory

[[noreturn]] void fail(ErrorKind kind, const MicroProgram& program, const std::string& text) {
  throw Error(kind, (program.name.empty() ? "the program" : program.name) + ": " + text);
}

void check_numbers(const MicroProgram& program) {
  for (const MicroTensor& tensor : program.tensors) {
    if (tensor.constant && tensor.data.empty() && tensor.bytes() > 0) {
      fail(ErrorKind::kData, program, "tensor '" + printable(tensor.name) + "' has no numbers yet");
    }
    const std::int64_t limit = tensor.element == MicroElement::kInt8 ? 128 : 32768;
    for (const std::int64_t zero : tensor.quantisation.zero_points) {
      if (zero < -limit || zero >= limit) {
        fail(ErrorKind::kData, program,
             "the zero point of tensor '" + printable(tensor.name) + "' is " +
                 std::to_string(zero) + ", out of its range");
      }
    }
  }
}

/// Memory for every tensor by itself.
MicroArena separate_arena(const MicroProgram& program) {
  MicroArena arena;
  for (const MicroTensor& tensor : program.tensors) {
    arena.offsets.push_back(arena.bytes);
    const std::int64_t bytes = tensor.constant ? 0 : tensor.bytes();
    if (bytes > kMostBytes || arena.bytes > kMostBytes) {
      fail(ErrorKind::kUnsupported, program, "its tensors need more than 4 GB");
    }
    arena.bytes += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }
  return arena;
}

void check_arena(const MicroProgram& program, const MicroArena& arena) {
  if (arena.offsets.size() != program.tensors.size()) {
    fail(ErrorKind::kData, program, "the memory plan is for another number of tensors");
  }
  for (std::size_t i = 0; i < program.tensors.size(); ++i) {
    const MicroTensor& tensor = program.tensors[i];
    if (tensor.constant) continue;
    if (arena.offsets[i] < 0 || arena.offsets[i] > arena.bytes - tensor.bytes()) {
      fail(ErrorKind::kData, program,
           "the memory plan puts tensor '" + printable(tensor.name) + "' outside of its memory");
    }
  }
}

/// What every step does, or one error that names all that cannot be executed.
std::vector<MicroRun> prepare(const MicroProgram& program) {
  std::vector<MicroRun> runs;
  std::vector<std::string> reasons;
  for (const MicroStep& step : program.steps) {
    const KernelCall call(program, step);
    try {
      const MicroKernel* kernel = find_kernel(step.op);
      if (kernel == nullptr) call.fail("is not executed");
      runs.push_back(kernel->prepare(call));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUnsupported) throw;
      if (std::ranges::find(reasons, error.what()) == reasons.end())
        reasons.push_back(error.what());
    }
  }
  if (!reasons.empty()) {
    std::string text = reasons.front();
    for (std::size_t i = 1; i < reasons.size(); ++i) text += "; " + reasons[i];
    fail(ErrorKind::kUnsupported, program, text);
  }
  return runs;
}

}  // namespace

struct MicroExecutor::Prepared {
  MicroProgram program;
  MicroArena arena;
  std::vector<MicroRun> runs;
};

MicroExecutor::MicroExecutor(MicroProgram program)
    : MicroExecutor(std::move(program), MicroArena{}) {}

MicroExecutor::MicroExecutor(MicroProgram program, const MicroArena& arena) {
  program.check();
  check_numbers(program);
  const bool separate = arena.offsets.empty() && arena.bytes == 0;
  MicroArena placed = separate ? separate_arena(program) : arena;
  check_arena(program, placed);
  std::vector<MicroRun> runs = prepare(program);
  prepared_ = std::make_shared<const Prepared>(
      Prepared{std::move(program), std::move(placed), std::move(runs)});
  place();
}

MicroExecutor::MicroExecutor(const MicroExecutor& other)
    : prepared_(other.prepared_), memory_(other.memory_) {
  place();
}

MicroExecutor& MicroExecutor::operator=(const MicroExecutor& other) {
  prepared_ = other.prepared_;
  memory_ = other.memory_;
  place();
  return *this;
}

MicroExecutor::~MicroExecutor() = default;

void MicroExecutor::place() {
  const MicroProgram& program = prepared_->program;
  memory_.resize(static_cast<std::size_t>(prepared_->arena.bytes));
  tensors_.clear();
  for (std::size_t i = 0; i < program.tensors.size(); ++i) {
    const MicroTensor& tensor = program.tensors[i];
    // Kernels only read constants.
    auto* constant = reinterpret_cast<std::byte*>(const_cast<char*>(tensor.data.data()));
    tensors_.push_back(tensor.constant ? constant : memory_.data() + prepared_->arena.offsets[i]);
  }
}

const MicroProgram& MicroExecutor::program() const {
  return prepared_->program;
}

std::span<std::byte> MicroExecutor::bytes(int tensor) {
  const auto index = static_cast<std::size_t>(tensor);
  return {tensors_.at(index), static_cast<std::size_t>(program().tensors[index].bytes())};
}

std::span<std::int8_t> MicroExecutor::int8(int tensor) {
  const std::span<std::byte> raw = bytes(tensor);
  return {reinterpret_cast<std::int8_t*>(raw.data()), raw.size()};
}

void MicroExecutor::run(const std::function<void(std::size_t)>& done) {
  for (std::size_t step = 0; step < prepared_->runs.size(); ++step) {
    prepared_->runs[step](tensors_);
    if (done) done(step);
  }
}

void MicroExecutor::set_input(std::size_t input, std::span<const float> values) {
  const int place = program().inputs.at(input);
  const MicroTensor& tensor = program().tensors[static_cast<std::size_t>(place)];
  if (static_cast<std::int64_t>(values.size()) != tensor.elements()) {
    fail(ErrorKind::kUsage, program(),
         "input '" + printable(tensor.name) + "' has " + std::to_string(tensor.elements()) +
             " numbers, not " + std::to_string(values.size()));
  }
  if (tensor.element == MicroElement::kFloat32) {
    std::memcpy(bytes(place).data(), values.data(), values.size_bytes());
    return;
  }
  if (tensor.element != MicroElement::kInt8 || tensor.quantisation.scales.empty()) {
    fail(ErrorKind::kUnsupported, program(), "input '" + printable(tensor.name) + "' is not int8");
  }
  const std::span<std::int8_t> integers = int8(place);
  const float scale = tensor.quantisation.scale();
  const auto zero = static_cast<float>(tensor.quantisation.zero_point());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float rounded = std::round(values[i] / scale) + zero;
    // What is not a number becomes the smallest one.
    integers[i] = static_cast<std::int8_t>(rounded > -128 ? std::min(rounded, 127.0F) : -128.0F);
  }
}

std::vector<float> MicroExecutor::output(std::size_t output) {
  const int place = program().outputs.at(output);
  const MicroTensor& tensor = program().tensors[static_cast<std::size_t>(place)];
  std::vector<float> values(static_cast<std::size_t>(tensor.elements()));
  if (tensor.element == MicroElement::kFloat32) {
    std::memcpy(values.data(), bytes(place).data(), values.size() * sizeof(float));
    return values;
  }
  if (tensor.element != MicroElement::kInt8 || tensor.quantisation.scales.empty()) {
    fail(ErrorKind::kUnsupported, program(),
         "output '" + printable(tensor.name) + "' is not made of int8");
  }
  const std::span<const std::int8_t> integers = int8(place);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = tensor.quantisation.scale() *
                static_cast<float>(integers[i] - tensor.quantisation.zero_point());
  }
  return values;
}

}  // namespace nas
