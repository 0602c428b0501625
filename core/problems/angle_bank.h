#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/api/shared_angles.h"
#include "core/problems/circuit_problem.h"
#include "core/util/rng.h"
#include "core/util/safetensors.h"

namespace nas {

/// The angles that all circuits of a space share: a supernet of circuits. Copyable.
class AngleBank {
 public:
  /// Angles drawn from [0, 2 pi). Throws Error(kUnsupported) for a space whose circuits share none.
  /// The space must outlive the bank.
  AngleBank(const SearchSpace& space, std::uint64_t seed);

  std::span<float> angles() { return angles_; }
  std::span<const float> angles() const { return angles_; }
  /// Which of them the parameters of an architecture's circuit are, in program order.
  std::vector<std::size_t> numbers(Choices choices) const {
    return sharing_->angle_numbers(choices);
  }
  /// The circuit of an architecture with its angles of the bank.
  ArchGraph graph(const Architecture& architecture) const;

  TensorFile weights() const;
  /// Throws Error(kData), starting with `name`, for another number of angles.
  void restore(const TensorFile& file, const std::string& name);

 private:
  const SearchSpace* space_;
  const AngleSharing* sharing_;  ///< *space_
  std::vector<float> angles_;
};

/// How a bank is trained.
struct AngleTraining {
  /// The circuits of a step, whose gradients are averaged.
  std::function<std::vector<Architecture>(Rng&)> draw;
  std::int64_t steps = 0;
  double rate = 0.1;  ///< of Adam; falls to 0 as half a cosine
  std::uint64_t seed = 0;
  std::int64_t epochs = 1;  ///< parts of the steps
  /// After every epoch, from 1 on: the mean expectation of what its steps drew.
  std::function<void(std::int64_t epoch, double mean)> on_epoch;
};

/// Trains the angles by circuits that are drawn in each step (Guo et al., Single Path One-Shot,
/// arXiv 1904.00420, with angles for weights). Throws Error(kNumeric) for a value that is not
/// finite, Interrupted.
void train_angles(AngleBank& bank, const CircuitProblem& problem, const AngleTraining& training);

}  // namespace nas
