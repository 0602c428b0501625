#include "predictors/transfer/transfer_base.h"

#include <string>

#include "core/util/error.h"
#include "predictors/state.h"

namespace nas {

void TransferBase::fit(const SearchSpace& space, const Samples& samples,
                       std::span<const double> targets, const FitContext& context) {
  check_samples(who_, samples, targets);
  check_stop(who_, context);
  if (!samples.feature_names.empty()) {
    throw Error(
        ErrorKind::kUsage,
        std::string(who_) + " reads architectures, not features; leave --features away, or use gp");
  }
  fit_alone(space, subjects_of(space, samples.architectures), targets, context);
}

std::vector<Prediction> TransferBase::predict(const SearchSpace& space,
                                              const Samples& samples) const {
  std::vector<Prediction> result;
  for (const Forecast& one : forecast(subjects_of(space, samples.architectures))) {
    result.push_back({one.mean, one.deviation});
  }
  return result;
}

void TransferBase::fit_to_pool(const SearchSpace& space, std::size_t size,
                               std::span<const Subject> subjects, std::span<const double> targets,
                               const FitContext& context) {
  Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
  std::vector<Architecture> pool;
  while (pool.size() < size) pool.push_back(sample(space, rng));
  fit_tasks({}, subjects_of(space, pool), context);
  adapt(subjects, targets);
}

}  // namespace nas
