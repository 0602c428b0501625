#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/util/rng.h"
#include "predictors/help/checkpoint.h"

namespace nas {

/// A device whose latencies are known.
struct HelpTask {
  std::vector<double> embedding;               ///< of its references, in [0, 1]
  std::vector<std::vector<double>> encodings;  ///< of its pool, without extremes
  std::vector<double> labels;
};

/// Defaults: the released code, NAS-Bench-201.
struct HelpMetaOptions {
  std::size_t episodes = 2000;
  std::size_t devices = 8;  ///< of an episode; at most those that are trained on
  std::size_t support = 10, queries = 200;
  std::size_t steps = 2;        ///< inner ones
  double learning_rate = 1e-4;  ///< of Adam
  double inner_rate = 1e-3;     ///< that all learned rates start from
  double kl = 0.1;              ///< weight of the divergence; see `HelpMetaTraining::episode`
  std::size_t evaluate_every = 50;
  std::size_t validation = 0;  ///< the last ones of the tasks only choose the checkpoint
};

/// What meta-training minimises in one episode, and its derivatives.
struct HelpEpisode {
  double loss = 0;  ///< mean of the devices' query losses
  HelpLayers<float>::Vector theta, rates;
  std::vector<double> modulator;
};

/// HELP's meta-training (sheet of Lee et al., section 3.4): the query loss after `steps` inner
/// steps with a learned rate for each parameter, differentiated through the steps (second order) by
/// Hessian-vector products; single precision, one thread. 2,000 episodes on NAS-Bench-201: a few
/// minutes.
class HelpMetaTraining {
 public:
  /// Borrows the tasks. Requires a task beside those of validation; two labels each.
  HelpMetaTraining(HelpEncoder encoder, std::span<const HelpTask> tasks,
                   const HelpMetaOptions& options, Rng rng);

  /// Loss and gradient of the episode at the current weights. The released code adds the
  /// divergence of the last device alone, times the number of devices; followed here.
  HelpEpisode episode(std::size_t number) const;
  /// All episodes; `each` is told after every one (and may throw to stop).
  void run(const std::function<void(std::size_t done)>& each);

  /// One evaluation: mean Spearman over the devices that are trained on, and over the others.
  struct Evaluation {
    std::size_t episode = 0;
    double training = 0, validation = 0;
  };
  const std::vector<Evaluation>& evaluations() const { return evaluations_; }
  std::size_t kept_episode() const { return kept_episode_; }
  /// The weights of the evaluation at which either mean exceeded the best value of both so far.
  HelpTensors checkpoint() const;

  /// For tests: the weights that the next episode starts from.
  const HelpLayers<float>& layers() const { return layers_; }
  HelpLayers<float>::Vector& theta() { return theta_; }
  HelpLayers<float>::Vector& rates() { return rates_; }
  std::vector<double>& modulator() { return modulator_; }

 private:
  using Layers = HelpLayers<float>;
  struct Draw;
  /// What one device adds to an episode; scratch is kept between them.
  struct Scratch;
  Draw draw(const HelpTask& task, std::size_t support, std::size_t queries, Rng& rng) const;
  void add_device(const HelpTask& task, Rng rng, bool last, float share, Scratch& scratch,
                  HelpEpisode& episode) const;
  double step_gradient(const Layers::Vector& theta, const Draw& draw, bool support, float share,
                       Layers::Trace& trace, Layers::Vector& gradient) const;
  double spearman_of(const HelpTask& task, Rng rng) const;
  void evaluate(std::size_t done);

  Layers layers_;
  std::span<const HelpTask> tasks_;
  HelpMetaOptions options_;
  Rng rng_;
  Layers::Vector theta_, rates_;
  std::vector<double> modulator_;
  std::vector<Evaluation> evaluations_;
  double best_ = -2;
  std::size_t kept_episode_ = 0;
  HelpWeights kept_;
};

}  // namespace nas
