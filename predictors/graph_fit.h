#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/predictor.h"
#include "predictors/graph_net.h"
#include "predictors/state.h"

namespace nas {

struct GraphFitOptions {
  std::string who;
  GraphNetShape shape;  ///< the vocabulary is set by the space
  GraphReading reading;
  /// false: absolute error of a linear read-out. true: cross-entropy of sigmoid(u e_i + v e_j + c)
  /// with the softmax of two standardised targets, over all ordered pairs of a batch (BRP-NAS).
  bool pairs = false;
  int epochs = 100;
  std::size_t batch = 16;
  double learning_rate = 1e-3;  ///< cosine to 0
  double weight_decay = 0;
};

/// The options that predictors over cell graphs have in common. As they stand here a fit of 100
/// samples takes a second; the predictors' own defaults are the published ones.
struct GraphOptions {
  std::int64_t layers = 4;
  std::int64_t width = 48;
  std::int64_t head = 0;
  std::int64_t epochs = 120;
  std::int64_t batch = 16;
  double learning_rate = 2e-3;
  double weight_decay = 0;
  double dropout = 0;
};
/// How a fit with these options begins; how graphs are read and compared is the predictor's own.
GraphFitOptions fit_options(std::string_view who, const GraphOptions& options);

/// Graph convolutions over the cell of an architecture (a chain of its choices in spaces without
/// cells) as a predictor.
class GraphPredictor final : public Predictor {
 public:
  explicit GraphPredictor(GraphFitOptions options) : options_(std::move(options)) {}
  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override;
  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override;
  PredictorState save() const override;
  void restore(const PredictorState& state) override;

 private:
  void make_net(std::size_t vocabulary, Rng rng);
  std::vector<GraphInput> inputs(const SearchSpace& space, const Samples& samples) const;
  /// Slopes of the loss by embedding; adds those of the read-out to `gradient`.
  std::vector<float> slopes(std::span<const float> embeddings, std::span<const float> targets,
                            std::span<float> gradient) const;

  GraphFitOptions options_;
  TargetScale scale_;
  GraphNet net_;
  std::size_t vocabulary_ = 0;
  std::vector<float> readout_;  // u and bias; for pairs u, v and bias
};

}  // namespace nas
