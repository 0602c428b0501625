#pragma once

#include <optional>

#include "core/runtime/step_rule_torch.h"
#include "core/runtime/supernet/relaxation.h"
#include "core/runtime/supernet/weight_bank_torch.h"

namespace nas {

/// A supernet whose open choices are mixtures with given weights.
class MixedNetwork {
 public:
  /// `keep_statistics`: passes move the bank's running statistics. Both outlive it.
  MixedNetwork(WeightBankImpl& bank, const ChoiceGroups& groups, bool keep_statistics);

  /// The first output of a pass that trains the bank's weights: the draw's weights are constants.
  at::Tensor forward(const at::Tensor& inputs, const MixDraw& draw, Rng& chance);

  /// The loss of a batch and its gradient with respect to the draw's weights; that of the bank's
  /// own tensors is neither computed nor changed. `all_gates`: of all alternatives of a choice of
  /// which one runs: the others run one after the other without gradient. A loss that is not
  /// finite comes without a gradient.
  MixedLoss loss(const TensorBatch& batch, const LossHead& head, const MixDraw& draw, Rng& chance,
                 bool all_gates = false);

  /// The same, with the gradient of some tensors of the bank, undefined where there is none.
  MixedLoss loss_of_both(const TensorBatch& batch, const LossHead& head, const MixDraw& draw,
                         Rng& chance, std::span<const at::Tensor> tensors,
                         std::vector<at::Tensor>& gradients);

 private:
  struct Leaves {
    std::vector<at::Tensor> alphas, betas;  ///< by group and sum
    std::vector<at::Tensor> list() const;
  };
  struct Pass {
    at::Tensor output;
    Leaves leaves;
  };
  Leaves make_leaves(const MixDraw& draw, bool gradient) const;
  void put(const Leaves& leaves, const TracedGraph& traced, ModelImpl& model) const;
  Pass pass(const at::Tensor& inputs, const MixDraw& draw, bool gradient,
            const ForwardOptions& options);
  MixedLoss loss_of_all_gates(const TensorBatch& batch, const LossHead& head, const MixDraw& draw,
                              Rng& chance);
  /// dL/dg of every alternative, from that of the choices' outputs.
  void add_gates(const TensorBatch& batch, const MixDraw& draw, Rng& chance,
                 const std::vector<at::Tensor>& by_node, ArchVectors& gradient);
  bool is_whole(const MixDraw& draw) const;

  /// A graph on the bank's tensors, and where it comes from.
  struct Network {
    TracedGraph traced;
    BorrowedModel borrowed;
  };
  Network build(const MixDraw& draw, bool gradient) const;

  WeightBankImpl& bank_;
  const ChoiceGroups& groups_;
  const Statistics statistics_;
  std::optional<Network> whole_;  ///< with all alternatives, made once
};

}  // namespace nas
