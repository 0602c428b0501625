#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/runtime/model_torch.h"
#include "core/runtime/problems/loss_head_torch.h"
#include "core/runtime/supernet/weight_bank.h"

namespace nas {

/// Whose running statistics the batch normalisations of a subnet use.
enum class Statistics : std::uint8_t {
  kShared,  ///< the bank's, which a training of the subnet moves on
  kOwn,     ///< copies
};

/// A network on the bank's tensors. Gradients reach the bank's own tensors; those of alternatives
/// that it does not have stay undefined. To be made anew after a training step: where channels are
/// not the first ones, and where windows are transformed, tensors are copies.
struct BorrowedModel {
  std::unique_ptr<ModelImpl> model;
  /// Running statistics that had to be copied, with the places that they came from.
  struct Copied {
    at::Tensor own;
    std::size_t shared = 0;
    Places places;
  };
  std::vector<Copied> copied;
};

struct WeightBankImpl {
  WeightBankImpl(std::shared_ptr<const Blueprint> blueprint,
                 std::shared_ptr<const SharedTensors> shared, const RngKey& key);

  /// The network of a graph that was made of the bank's blueprint (`resolve_traced`, `mixture`).
  /// The weights of a "mix" are ones; the caller puts its own into `model->tensors[node][0]`.
  BorrowedModel borrow(const TracedGraph& traced, Statistics statistics) const;
  /// Puts copied running statistics back after a step of training.
  void keep_statistics(const BorrowedModel& borrowed);
  std::shared_ptr<ModelImpl> extract(const TracedGraph& traced) const;

  /// Calls visit(name, tensor, spec) for all tensors, those of windows ("....window_7_to_5") after
  /// the tensor that they transform.
  void visit(const ModelImpl::Visitor& visitor);
  std::vector<at::Tensor> parameters();  ///< trainable ones in this order

  std::shared_ptr<const Blueprint> blueprint;
  std::shared_ptr<const SharedTensors> shared;
  std::vector<at::Tensor> tensors;  ///< by SharedTensors::list
  /// By SharedTensors::list: [w, w] from each window to the next smaller one, w its number of
  /// places.
  std::vector<std::vector<at::Tensor>> windows;
  /// What the loss learned beside the subnets (class weights of AAM-softmax), which the next
  /// training of the bank begins with; stands in its file as "head.NAME".
  NamedTensors head;
  at::Device device = at::kCPU;

 private:
  at::Tensor part(const TensorPart& part) const;
  at::Tensor smaller_window(at::Tensor tensor, const TensorPart& part) const;
};

}  // namespace nas
