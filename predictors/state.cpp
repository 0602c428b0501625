#include "predictors/state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {

void check_samples(std::string_view who, const Samples& samples, std::span<const double> targets) {
  const std::string name(who);
  if (samples.architectures.size() != targets.size()) {
    throw Error(ErrorKind::kData, name + ": " + std::to_string(samples.architectures.size()) +
                                      " architectures, but " + std::to_string(targets.size()) +
                                      " targets");
  }
  if (targets.size() < 2) {
    throw Error(ErrorKind::kData, name + ": needs at least two samples to learn from, got " +
                                      std::to_string(targets.size()));
  }
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!std::isfinite(targets[i])) {
      throw Error(ErrorKind::kData, name + ": target " + std::to_string(i) +
                                        " is not finite; leave such samples out");
    }
  }
}

void check_stop(std::string_view who, const FitContext& context) {
  if (context.stop.stop_requested()) {
    throw Error(ErrorKind::kUsage, std::string(who) + ": interrupted");
  }
}

const PredictorTensor& state_tensor(const PredictorState& state, std::string_view name) {
  const auto found = std::find_if(state.tensors.begin(), state.tensors.end(),
                                  [name](const auto& tensor) { return tensor.name == name; });
  if (found == state.tensors.end()) {
    throw Error(ErrorKind::kData,
                "fitted predictor: tensor '" + std::string(name) + "' is missing");
  }
  std::size_t size = 1;
  for (const std::int64_t extent : found->shape) size *= static_cast<std::size_t>(extent);
  if (size != found->data.size()) {
    throw Error(ErrorKind::kData, "fitted predictor: tensor '" + std::string(name) + "' holds " +
                                      std::to_string(found->data.size()) + " values, its shape " +
                                      std::to_string(size));
  }
  return *found;
}

PredictorTensor make_tensor(std::string name, std::vector<std::int64_t> shape,
                            std::vector<double> data) {
  return {std::move(name), std::move(shape), std::move(data)};
}

TargetScale target_scale(std::span<const double> targets) {
  const double deviation = sample_deviation(targets);
  return {mean(targets), deviation > 0 ? deviation : 1};
}

}  // namespace nas
