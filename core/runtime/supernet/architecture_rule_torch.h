#pragma once

#include "core/runtime/optimizer_torch.h"
#include "core/runtime/supernet/collapse.h"
#include "core/runtime/supernet/differentiable.h"
#include "core/runtime/supernet/mixed_network_torch.h"

namespace nas {

/// Held-out batches without end, in an order that depends on seed and epoch alone.
class SearchBatches {
 public:
  /// Throws Error(kUsage) where no samples are held out.
  /// `batch`: samples of one.
  SearchBatches(const TrainSetup& setup, std::int64_t batch, at::Device device);
  void start_epoch(std::int64_t epoch);
  TensorBatch next();

 private:
  Shape input_;
  at::Device device_;
  std::unique_ptr<BatchSource> source_;
  std::int64_t epoch_ = 0, round_ = 0;
};

/// The step of a differentiable search: an architecture step on held-out samples, and a weight step
/// on the batch, in the order that the search asks for.
class ArchitectureRule final : public StepRule {
 public:
  /// `search_head`: the loss on held-out samples.
  ArchitectureRule(WeightBankImpl& bank, const LossHead& head, const LossHead& search_head,
                   const ArchitectureSearch& search, const TrainSetup& setup);

  void start_epoch(std::int64_t epoch) override;
  double rate(const Recipe& recipe, std::int64_t step, std::int64_t epoch_steps) const override {
    return weight_rate(search_.schedule, recipe, step, epoch_steps);
  }
  StepOutcome accumulate(const TensorBatch& batch, const StepContext& context) override;
  void finish_step() override;
  std::vector<NamedValue> epoch_values() override;
  void visit_state(bool prepare, const StateVisitor& visitor) override;

  /// What the parameters mean now.
  ArchVectors shares() const { return relaxation_->shares(parameters_); }
  const ChoiceGroups& groups() const { return groups_; }

 private:
  void search_step(const TensorBatch& training, const StepContext& context);
  ArchVectors sampled_gradient(const StepContext& context, MixDraw& draw);
  ArchVectors policy_step_gradient(const StepContext& context);
  ArchVectors unrolled_gradient(const TensorBatch& training, const StepContext& context);
  void check(const std::string& what, double value) const;
  void check_parameters() const;
  double largest_eigenvalue();
  double progress() const;
  void say(const NamedValue& value) const;

  WeightBankImpl& bank_;
  const LossHead& head_;
  const LossHead& search_head_;
  const ArchitectureSearch& search_;
  const Recipe& recipe_;
  const ChoiceGroups groups_;
  const std::unique_ptr<Relaxation> relaxation_;
  const AlternativeCosts cost_;  ///< by group; for the policy's rewards
  MixedNetwork network_;
  SearchBatches batches_;
  CollapseWatch watch_;
  const Rng random_;

  ArchVectors parameters_;
  ArchAdam adam_;
  std::vector<double> baseline_{0, 0};  ///< of the policy: its value, and whether there is one

  std::int64_t epoch_ = 0, steps_ = 0;  ///< steps of this epoch, the one under way among them
  double search_loss_ = 0, weight_loss_ = 0;
  std::int64_t search_steps_ = 0;
  TensorBatch last_;  ///< held-out batch of the last architecture step
  /// Of the step under way, where the weights come first.
  std::optional<StepContext> pending_;
  TensorBatch pending_batch_;
};

}  // namespace nas
