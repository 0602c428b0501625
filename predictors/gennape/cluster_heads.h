#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"
#include "predictors/gennape/encoder.h"
#include "predictors/nasflat/tape.h"

namespace nas {

struct ClusterHeadsShape {
  std::size_t inputs = 1;
  std::size_t clusters = 1;
  std::size_t hidden = 64;  ///< of each head
};

/// Samples of a step or of a training.
struct HeadBatch {
  CgMatrix<float> inputs;             ///< [samples, inputs]
  CgMatrix<float> shares;             ///< [samples, clusters]: memberships; ones for one cluster
  std::vector<double> targets;        ///< one for each sample
  std::vector<std::uint32_t> groups;  ///< only samples of one group are compared
  HeadBatch rows(std::span<const std::size_t> which) const;
};

/// What heads learn: a number, by the squared error; or which of two is better, by the
/// cross-entropy of sigmoid(y_i - y_j) over all pairs of a batch and group whose targets differ.
enum class HeadLoss : std::uint8_t { kSquared, kPairs };

/// GENNAPE's regressors: y_i = sum_j U_ij f_j(x_i), where f_j is the perceptron inputs-hidden-1 of
/// cluster j. All are trained together through the sum; one cluster is a plain perceptron. Single
/// precision, one thread.
class ClusterHeads {
 public:
  ClusterHeads() = default;
  ClusterHeads(const ClusterHeadsShape& shape, Rng rng);

  std::vector<double> predict(const CgMatrix<float>& inputs, const CgMatrix<float>& shares) const;
  /// Of a batch, and its gradient by parameter. Pairs: 0 without a pair.
  double loss(const HeadBatch& batch, HeadLoss kind, std::vector<float>& gradient) const;

  const std::vector<float>& parameters() const { return parameters_; }
  std::vector<float>& parameters() { return parameters_; }

 private:
  Tape::Value run(Tape& tape, const CgMatrix<float>& inputs, const CgMatrix<float>& shares) const;

  ClusterHeadsShape shape_;
  TensorPlace first_, first_bias_, second_, second_bias_;
  std::vector<float> parameters_;
};

struct HeadTraining {
  HeadLoss loss = HeadLoss::kSquared;
  int epochs = 60;
  std::size_t batch = 128;
  double learning_rate = 1e-3;  ///< of AdamW, cosine to 0
  double weight_decay = 1e-3;
};
/// `each_epoch` is called before each epoch and may throw.
void train(ClusterHeads& heads, const HeadBatch& samples, const HeadTraining& training, Rng rng,
           const std::function<void()>& each_epoch);

}  // namespace nas
