#include "core/problems/angle_bank.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/quantum/circuit_graph.h"
#include "core/quantum/gradient.h"
#include "core/util/adam.h"
#include "core/util/error.h"
#include "core/util/interruption.h"

namespace nas {
namespace {

constexpr const char* kTensor = "angles";

/// Adds the gradient of one circuit to that of the bank, and returns the circuit's value.
double add_gradient(const AngleBank& bank, const CircuitProblem& problem,
                    const Architecture& architecture, std::span<float> gradient) {
  const Circuit circuit = to_circuit(bank.graph(architecture));
  const std::vector<double> angles = circuit.angles();
  std::vector<double> own(angles.size());
  CircuitObjective objective(circuit, problem.observable());
  const double value = objective.value_and_gradient(angles, own);
  const std::vector<std::size_t> numbers = bank.numbers(architecture.choices);
  for (std::size_t i = 0; i < own.size(); ++i) gradient[numbers[i]] += static_cast<float>(own[i]);
  return value;
}

}  // namespace

AngleBank::AngleBank(const SearchSpace& space, std::uint64_t seed)
    : space_(&space), sharing_(dynamic_cast<const AngleSharing*>(&space)) {
  if (sharing_ == nullptr) {
    throw Error(ErrorKind::kUnsupported,
                "space '" + space.info().name + "' has no circuits that share angles");
  }
  angles_.resize(sharing_->shared_angles());
  Rng rng({.seed = seed, .study = stable_hash("shared angles"), .purpose = Purpose::kInit});
  for (float& angle : angles_) angle = static_cast<float>(rng.uniform(0, 2 * std::numbers::pi));
}

ArchGraph AngleBank::graph(const Architecture& architecture) const {
  std::vector<double> own;
  for (const std::size_t number : numbers(architecture.choices)) own.push_back(angles_[number]);
  return with_angles(space_->build(architecture, space_->info().default_task), own);
}

TensorFile AngleBank::weights() const {
  TensorFile file;
  file.tensors[kTensor] = store_floats({static_cast<std::int64_t>(angles_.size())}, angles_);
  return file;
}

void AngleBank::restore(const TensorFile& file, const std::string& name) {
  std::vector<float> angles;
  try {
    angles = read_floats(file, kTensor);
  } catch (const Error& error) {
    throw error.with_context(name);
  }
  if (angles.size() != angles_.size()) {
    throw Error(ErrorKind::kData, name + ": has " + std::to_string(angles.size()) +
                                      " angles, the space " + std::to_string(angles_.size()));
  }
  for (const float angle : angles) {
    if (!std::isfinite(angle)) {
      throw Error(ErrorKind::kData, name + ": has an angle that is not finite");
    }
  }
  angles_ = std::move(angles);
}

void train_angles(AngleBank& bank, const CircuitProblem& problem, const AngleTraining& training) {
  Adam<float> adam({.rate = training.rate});
  std::vector<float> gradient(bank.angles().size());
  double sum = 0;
  std::int64_t circuits = 0, epoch = 0;
  for (std::int64_t step = 0; step < training.steps; ++step) {
    check_interruption();
    Rng rng({.seed = training.seed,
             .study = stable_hash("shared angles"),
             .trial = static_cast<std::uint64_t>(step),
             .purpose = Purpose::kPaths});
    const std::vector<Architecture> drawn = training.draw(rng);
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    for (const Architecture& one : drawn) sum += add_gradient(bank, problem, one, gradient);
    circuits += static_cast<std::int64_t>(drawn.size());
    if (!std::isfinite(sum)) {
      throw Error(ErrorKind::kNumeric,
                  "the expectation is not finite in step " + std::to_string(step + 1));
    }
    for (float& slope : gradient) slope /= static_cast<float>(drawn.size());
    const double part = static_cast<double>(step) / static_cast<double>(training.steps);
    adam.set_rate(training.rate * (1 + std::cos(std::numbers::pi * part)) / 2);
    adam.step(bank.angles(), gradient);
    if ((step + 1) * training.epochs / training.steps == epoch) continue;
    training.on_epoch(++epoch, sum / static_cast<double>(circuits));
    sum = 0;
    circuits = 0;
  }
}

}  // namespace nas
