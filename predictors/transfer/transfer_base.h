#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "core/api/transfer_predictor.h"

namespace nas {

/// What every transfer predictor does as a plain predictor: it reads architectures alone, and
/// predicts what it forecasts.
class TransferBase : public Predictor, public TransferPredictor {
 public:
  /// `who` is "predictor 'help'" and outlives the predictor.
  explicit TransferBase(std::string_view who) : who_(who) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) final;
  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const final;

 protected:
  /// Learns from the samples, which were checked, without any other task.
  virtual void fit_alone(const SearchSpace& space, std::span<const Subject> subjects,
                         std::span<const double> targets, const FitContext& context) = 0;
  /// No task and a pool of `size` random architectures; then adapts to the samples.
  void fit_to_pool(const SearchSpace& space, std::size_t size, std::span<const Subject> subjects,
                   std::span<const double> targets, const FitContext& context);

 private:
  std::string_view who_;
};

}  // namespace nas
