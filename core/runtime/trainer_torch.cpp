#include <chrono>
#include <cmath>
#include <set>

#include "core/runtime/cpu_features.h"
#include "core/runtime/entries_torch.h"
#include "core/runtime/evaluate_torch.h"
#include "core/runtime/schedule.h"
#include "core/runtime/step_rule_torch.h"
#include "core/runtime/trainer.h"
#include "core/runtime/training_state_torch.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr const char* kTrainLoss = "train_loss";

void check_setup(const Model& model, const TrainSetup& setup, const TrainSplit& split) {
  const Recipe& recipe = setup.recipe;
  check_fits(model.graph(), *setup.problem, recipe);
  if (split.train.empty()) {
    throw Error(ErrorKind::kUsage, "no training " + std::string(setup.problem->record().samples) +
                                       " are left: validation_fraction = " +
                                       format_double(recipe.validation_fraction));
  }
  if (recipe.precision == "bfloat16" && !has_native_bfloat16()) {
    throw Error(
        ErrorKind::kUnsupported,
        "precision = bfloat16: this processor has neither AVX512_BF16 nor AMX; use float32");
  }
  if (recipe.precision != "bfloat16" && recipe.precision != "float32") {
    const std::string known[] = {"float32", "bfloat16"};
    throw Error(ErrorKind::kUsage, unknown_name("precision", recipe.precision, known));
  }
}

/// The loop around the steps: schedule, stop, checkpoint, progress and curve.
class Training {
 public:
  Training(Model& model, const TrainSetup& setup)
      : model_(model),
        impl_(model.impl()),
        setup_(setup),
        problem_(*setup.problem),
        recipe_(setup.recipe),
        split_(problem_.split(recipe_)),
        head_(checked_head()),
        rule_(make_rule()),
        optimizer_(recipe_, trained_tensors()),
        average_(impl_, recipe_.ema_decay),
        state_{impl_,
               optimizer_,
               average_,
               training_text(problem_, recipe_, setup.distill),
               tensors_beside(),
               0,
               {}},
        progress_(setup.progress == nullptr ? no_progress() : *setup.progress) {
    impl_.set_precision(recipe_.precision == "bfloat16" ? at::kBFloat16 : at::kFloat);
  }

  TrainReport run(bool with_test) {
    if (!setup_.checkpoint.empty() && std::filesystem::exists(setup_.checkpoint)) {
      resume_training(state_, setup_.checkpoint);
    }
    const auto source = problem_.batches(Part::kTraining, split_.train, recipe_,
                                         batch_options(split_.train.size()));
    progress_.begin("training", recipe_.epochs * source->batches());
    while (state_.epochs_done < recipe_.epochs && !report_.stopped) {
      if (!train_epoch(*source)) {
        report_.stopped = true;
        break;
      }
      finish_epoch();
    }
    progress_.end();
    finish(with_test);
    return report_;
  }

 private:
  BatchOptions batch_options(std::size_t samples) const {
    const auto count = static_cast<std::int64_t>(samples);
    return {.batch = recipe_.batch,
            .shuffle = true,
            // A batch of one sample may leave batch norm without a variance.
            .drop_last = count % recipe_.batch == 1 && count > recipe_.batch,
            .augment = true,
            .threads = setup_.loader_threads,
            .seed = static_cast<std::uint64_t>(recipe_.seed)};
  }

  std::unique_ptr<LossHead> checked_head() const {
    check_setup(model_, setup_, split_);
    const Shape& output = impl_.graph.type(impl_.graph.graph_outputs()[0].value).shape;
    return make_loss_head(problem_, recipe_, output[0], impl_.device);
  }

  std::unique_ptr<StepRule> make_rule() const {
    const TrainedNetwork network{impl_, *head_, recipe_.auxiliary_weight};
    if (setup_.distill == nullptr) return plain_rule(network);
    check_fits(setup_.distill->teacher->graph(), problem_, recipe_);
    return distilled_rule(network, *setup_.distill, static_cast<std::uint64_t>(recipe_.seed));
  }

  /// Under the names that they have in a checkpoint.
  NamedTensors tensors_beside() const {
    NamedTensors all;
    for (const auto& [name, tensor] : rule_->tensors()) all.emplace_back("distill." + name, tensor);
    for (const auto& [name, tensor] : head_->tensors()) all.emplace_back("head." + name, tensor);
    return all;
  }

  std::vector<at::Tensor> trained_tensors() const {
    std::vector<at::Tensor> tensors = impl_.parameters();
    for (const auto& beside : tensors_beside()) tensors.push_back(beside.second);
    return tensors;
  }

  /// What an epoch adds up.
  struct EpochSums {
    double loss = 0;  ///< over samples
    std::int64_t samples = 0;
    std::unique_ptr<Judge> judge;  ///< null: the problem has no class scores
    double mean_loss() const { return samples == 0 ? 0 : loss / static_cast<double>(samples); }
  };

  void train_step(const Batch& batch, std::int64_t step, double rate, EpochSums& sums) {
    Rng chance =
        Rng({.seed = static_cast<std::uint64_t>(recipe_.seed), .purpose = Purpose::kDropout})
            .stream(static_cast<std::uint64_t>(step));
    optimizer_.zero_grad();
    const StepOutcome outcome = rule_->accumulate(tensor_batch(batch, impl_), chance);
    if (!std::isfinite(outcome.loss)) throw not_finite("loss", outcome.loss, step, rate);
    if (recipe_.gradient_clip > 0) {
      const double norm = optimizer_.clip(recipe_.gradient_clip);
      if (!std::isfinite(norm)) throw not_finite("gradient norm", norm, step, rate);
    }
    optimizer_.step(rate);
    if (average_.on()) average_.update();
    sums.loss += outcome.loss * static_cast<double>(batch.size());
    sums.samples += batch.size();
    if (sums.judge != nullptr) judge_outputs(*sums.judge, batch, outcome.scores);
  }

  Error not_finite(const std::string& what, double value, std::int64_t step, double rate) const {
    return Error(ErrorKind::kNumeric, what + " is " + format_double(value) + " in epoch " +
                                          std::to_string(state_.epochs_done + 1) + ", step " +
                                          std::to_string(step % steps_per_epoch_ + 1) +
                                          " (learning rate " + format_short(rate) + ")");
  }

  /// False when the stop token ended it.
  bool train_epoch(BatchSource& source) {
    const auto start = std::chrono::steady_clock::now();
    steps_per_epoch_ = source.batches();
    source.start_epoch(state_.epochs_done);
    std::int64_t step = state_.epochs_done * steps_per_epoch_;
    EpochSums sums{.judge = problem_.training_judge(recipe_)};
    double rate = 0;
    for (Batch batch; !setup_.stop.stop_requested() && source.next(batch);) {
      rate = learning_rate(recipe_, step, steps_per_epoch_);
      train_step(batch, step, rate, sums);
      ++step;
      progress_.update(step, "epoch " + std::to_string(state_.epochs_done + 1) + ", loss " +
                                 format_short(sums.mean_loss()));
    }
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    samples_ += sums.samples;
    if (step != (state_.epochs_done + 1) * steps_per_epoch_) return false;
    ++state_.epochs_done;
    record("learning_rate", rate);
    record(kTrainLoss, sums.mean_loss());
    if (sums.judge != nullptr) {
      const NamedValue hits = sums.judge->values().front();
      record(train_name(hits.name), hits.value);
    }
    return true;
  }

  void record(const std::string& name, double value) {
    state_.curve.push_back({state_.epochs_done, name, value});
  }

  std::vector<NamedValue> judged(Part part, std::vector<std::uint32_t> samples) {
    return judge_network(model_, {problem_, recipe_, part, std::move(samples)}, head_.get());
  }

  void finish_epoch() {
    if (!split_.validation.empty() &&
        (setup_.evaluate_each_epoch || state_.epochs_done == recipe_.epochs)) {
      if (average_.on()) average_.swap();
      const std::vector<NamedValue> values = judged(Part::kTraining, split_.validation);
      if (average_.on()) average_.swap();
      for (std::size_t i = 0; i < problem_.record().metrics.size(); ++i) {
        record(values[i].name, values[i].value);
      }
    }
    if (!setup_.checkpoint.empty()) save_training(state_, setup_.checkpoint);
  }

  /// The report, and the averaged weights as the model's own.
  void finish(bool with_test) {
    report_.epochs_done = state_.epochs_done;
    report_.curve = state_.curve;
    report_.samples_per_second = seconds_ > 0 ? static_cast<double>(samples_) / seconds_ : 0;
    read_curve();
    if (report_.stopped) return;
    if (average_.on()) average_.swap();
    if (!with_test || problem_.data().samples(Part::kTest) == 0) return;
    report_.test = judged(Part::kTest, all_samples(problem_, Part::kTest));
  }

  /// Last values of the curve, which a resumed training has from its checkpoint.
  void read_curve() {
    const auto last = [this](const std::string& name) {
      std::optional<double> value;
      for (const CurvePoint& point : state_.curve) {
        if (point.name == name) value = point.value;
      }
      return value;
    };
    report_.train_loss = last(kTrainLoss).value_or(0);
    std::set<std::string> train;
    for (const CurvePoint& point : state_.curve) {
      if (point.name.starts_with(kTrainPrefix) && point.name != kTrainLoss)
        train.insert(point.name);
    }
    for (const std::string& name : train) {
      report_.train.push_back({name.substr(kTrainPrefix.size()), *last(name)});
    }
    for (const MetricInfo& metric : problem_.record().metrics) {
      const std::string name(metric.name);
      if (const auto value = last(name)) report_.validation.push_back({name, *value});
    }
  }

  Model& model_;
  ModelImpl& impl_;
  const TrainSetup& setup_;
  const Problem& problem_;
  const Recipe& recipe_;
  TrainSplit split_;
  std::unique_ptr<LossHead> head_;
  std::unique_ptr<StepRule> rule_;
  Optimizer optimizer_;
  AveragedWeights average_;
  TrainingState state_;
  ProgressSink& progress_;
  std::int64_t steps_per_epoch_ = 1;
  std::int64_t samples_ = 0;
  double seconds_ = 0;
  TrainReport report_;
};

}  // namespace

TrainReport on_torch::train(Model& model, const TrainSetup& setup, bool with_test) {
  TrainReport report;
  translate_torch_errors("training", [&] { report = Training(model, setup).run(with_test); });
  return report;
}

}  // namespace nas
