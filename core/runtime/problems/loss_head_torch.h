#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/problem.h"

namespace nas {

/// Tensors that are trained beside a network and are no part of it, by name.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// The loss of a problem: what stands between a network's output and the labels. It may learn
/// tensors of its own. Not safe from several threads.
class LossHead {
 public:
  virtual ~LossHead() = default;
  /// Mean over the batch. outputs: [N, F] with a gradient; labels: [N].
  virtual at::Tensor loss(const at::Tensor& outputs, const at::Tensor& labels) const = 0;
  /// How much each output is of each class: [N, classes], the highest is the answer.
  virtual at::Tensor class_scores(const at::Tensor& outputs) const = 0;
  /// Trained along with the network, and part of its training's checkpoint.
  const NamedTensors& tensors() const { return tensors_; }

 protected:
  NamedTensors tensors_;
};

struct LossSetup {
  const Recipe& recipe;
  OptionMap options;         ///< fields of the problem's own, all of them
  std::int64_t outputs = 0;  ///< length of the network's output
  std::int64_t classes = 0;  ///< that labels name
  at::Device device = at::kCPU;
};

/// The record of a loss head, one for each file of this folder.
struct LossHeadKind {
  std::string_view name;
  std::unique_ptr<LossHead> (*make)(const LossSetup& setup);
};
/// Those in the list of core/runtime/CMakeLists.txt.
std::span<const LossHeadKind* const> loss_heads();

/// The head that the problem's record names, for a network with this output.
std::unique_ptr<LossHead> make_loss_head(const Problem& problem, const Recipe& recipe,
                                         std::int64_t outputs, at::Device device);

}  // namespace nas
