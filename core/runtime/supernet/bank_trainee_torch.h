#pragma once

#include "core/runtime/supernet/supernet_trainer.h"
#include "core/runtime/supernet/weight_bank_torch.h"
#include "core/runtime/training_loop_torch.h"

namespace nas {

/// A bank of shared weights in a training. Tensors that a step does not reach stay as they are.
class BankTrainee final : public Trainee {
 public:
  /// Judged by the mean over the graphs of `probes`, with the statistics of each batch.
  BankTrainee(WeightBankImpl& bank, const TrainSetup& setup, const LossHead& head,
              std::vector<TracedGraph> probes);

  void visit(const ModelImpl::Visitor& visitor) override { bank_.visit(visitor); }
  std::string identity() const override;
  const Shape& input() const override;
  at::Device device() const override { return bank_.device; }
  AbsentGradient absent_gradient() const override { return AbsentGradient::kSkip; }
  std::vector<NamedValue> judge(Part part, std::vector<std::uint32_t> samples) override;

 private:
  WeightBankImpl& bank_;
  const TrainSetup& setup_;
  const LossHead& head_;
  std::vector<TracedGraph> probes_;
};

}  // namespace nas
