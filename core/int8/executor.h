#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/int8/kernel.h"
#include "core/int8/program.h"

namespace nas {

/// Where the tensors of a program lie in one piece of memory, as a planner places them.
struct MicroArena {
  std::vector<std::int64_t> offsets{};  ///< by tensor, in bytes; of constants unused
  std::int64_t bytes = 0;
};

/// Runs a program with the integer arithmetic of TensorFlow Lite Micro: the answers are the
/// device's to the bit. (softmax, sigmoid and tanh as its fixed-point reference; engines with
/// tables may differ by one step.)
///
/// Copies share the prepared steps and have memory of their own: one copy for each thread.
class MicroExecutor {
 public:
  /// Every tensor keeps its own memory, so that all can be read afterwards. Throws
  /// Error(kUnsupported) that names all steps that cannot be executed, Error(kData) for a program
  /// without numbers or with zero points out of range.
  explicit MicroExecutor(MicroProgram program);
  /// In the memory of a plan: only tensors that are alive can be read. Throws Error(kData) where a
  /// tensor does not lie inside.
  MicroExecutor(MicroProgram program, const MicroArena& arena);
  MicroExecutor(const MicroExecutor& other);
  MicroExecutor& operator=(const MicroExecutor& other);
  ~MicroExecutor();

  const MicroProgram& program() const;

  /// The bytes of a tensor: of an input to be filled, of an output to be read.
  std::span<std::byte> bytes(int tensor);
  std::span<std::int8_t> int8(int tensor);
  /// Once through all steps. `done`: called after each, with its index.
  void run(const std::function<void(std::size_t step)>& done = {});

  /// Of one input: real numbers become integers, cut to their range. Throws Error(kUsage) for
  /// another number of them.
  void set_input(std::size_t input, std::span<const float> values);
  /// Of one output, as real numbers.
  std::vector<float> output(std::size_t output);

 private:
  struct Prepared;
  void place();

  std::shared_ptr<const Prepared> prepared_;
  std::vector<std::byte> memory_;
  std::vector<std::byte*> tensors_;
};

}  // namespace nas
