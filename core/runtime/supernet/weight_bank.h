#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/ir/blueprint/shared_tensors.h"
#include "core/runtime/model.h"
#include "core/util/safetensors.h"

namespace nas {

struct WeightBankImpl;  // weight_bank_torch.h

/// The weights of a supernet: one tensor for each tensor of a blueprint's nodes, at its largest. A
/// subnet uses parts of them: the first channels (by group where its graph works by group), the
/// centre of a larger window, transformed by a matrix that belongs to the bank and starts as the
/// identity (Once-for-All, ICLR 2020, section 3.2). Works for every blueprint; knows no space.
/// Movable; not thread-safe.
class WeightBank {
 public:
  /// Initial weights are drawn by tensor name from (key.seed, ..., kInit). Throws
  /// Error(kUnsupported) where the blueprint's weights cannot be shared (`shared_tensors`).
  WeightBank(Blueprint blueprint, const RngKey& key);
  WeightBank(WeightBank&&) noexcept = default;
  WeightBank& operator=(WeightBank&&) noexcept = default;

  const Blueprint& blueprint() const { return *blueprint_; }
  const SharedTensors& tensors() const { return *tensors_; }
  /// Trainable numbers, without the matrices of elastic windows.
  std::int64_t parameter_count() const;

  /// A stand-alone network that computes what the subnet does: copies of its parts.
  Model extract(Choices choices) const;

  /// Puts the channels that matter most first in every block of elastic width, before smaller
  /// widths are trained: by the size (L1 norm) of the weights that read them. Channels stay on
  /// their side of the widths that `choices` (by decision; empty: all) already allow, whose subnets
  /// and the largest subnet compute what they did before (Once-for-All, section 3.2).
  void sort_channels(const std::vector<std::vector<std::uint16_t>>& choices);

  /// All tensors by name, for a file; `metadata` is the caller's to fill.
  TensorFile weights() const;
  /// Throws Error(kData), starting with `name`, for tensors that do not fit; the bank is then as it
  /// was.
  void restore(const TensorFile& file, const std::string& name);

  WeightBankImpl& impl() { return *impl_; }
  const WeightBankImpl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Blueprint> blueprint_;
  std::shared_ptr<const SharedTensors> tensors_;
  std::shared_ptr<WeightBankImpl> impl_;  // shared only because it then knows how to destroy itself
};

}  // namespace nas
