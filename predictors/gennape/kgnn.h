#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "core/util/rng.h"
#include "predictors/gennape/colouring.h"
#include "predictors/gennape/comp_graph.h"

namespace nas {

/// The k-GNN of GENNAPE (baseline of the paper, the one predictor of the released code): the graph
/// encoder (encoder.h), mean over the nodes after its six layers, five linear layers. T: float, or
/// double to compare with the released values. Const methods are safe from several threads.
template <class T>
class KGnn {
 public:
  /// Embeddings N(0, 1), layers U(+-1/sqrt(fan in)), as the released code starts.
  explicit KGnn(Rng rng);
  /// The tensors of a state, under the released names ("encoder.gnn_layers.0.lin_l.weight").
  /// Throws Error(kData) for one that is missing or of another size.
  explicit KGnn(const PredictorState& state);

  /// One number for each graph.
  std::vector<T> predict(std::span<const CompGraph* const> graphs) const;
  /// Mean over the nodes, [graphs, 32] row-major.
  std::vector<T> embed(std::span<const CompGraph* const> graphs) const;

  /// Mean squared error of a batch and its gradient by parameter.
  double loss(std::span<const CompGraph* const> graphs, std::span<const double> targets,
              std::vector<T>& gradient) const;

  const std::vector<T>& parameters() const { return parameters_; }
  std::vector<T>& parameters() { return parameters_; }
  std::vector<PredictorTensor> tensors() const;

 private:
  struct Pass;
  Pass forward(std::span<const CompGraph* const> graphs) const;
  void backward(const Pass& pass, std::span<const double> targets, std::vector<T>& gradient) const;

  std::vector<T> parameters_;
};

extern template class KGnn<float>;
extern template class KGnn<double>;

/// As the released code trains: Adam, squared error, gradients clipped to a norm of 5.
struct KGnnTraining {
  int epochs = 40;
  std::size_t batch = 32;
  double learning_rate = 1e-4;
  double largest_norm = 5;
};
/// `each_epoch` is called after each epoch with the mean loss and may throw.
void train(KGnn<float>& net, std::span<const CompGraph> graphs, std::span<const double> targets,
           const KGnnTraining& training, Rng rng,
           const std::function<void(int epoch, double loss)>& each_epoch);

}  // namespace nas
