#include "core/runtime/training_loop_torch.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/runtime/evaluate_torch.h"
#include "core/runtime/training_state_torch.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr const char* kTrainLoss = "train_loss";

/// The loop around the steps: schedule, stop, checkpoint, progress and curve.
class Training {
 public:
  Training(const TrainingParts& parts, const TrainSetup& setup)
      : trainee_(parts.trainee),
        setup_(setup),
        problem_(*setup.problem),
        recipe_(setup.recipe),
        split_(problem_.split(recipe_)),
        head_(parts.head),
        rule_(parts.rule),
        optimizer_(recipe_, trained_tensors(), trainee_.absent_gradient()),
        average_(all_tensors(), recipe_.ema_decay),
        state_{trainee_, rule_, optimizer_, average_, parts.fidelity, tensors_beside(), 0, {}},
        progress_(setup.progress == nullptr ? no_progress() : *setup.progress) {}

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

  /// Under the names that they have in a checkpoint.
  NamedTensors tensors_beside() const {
    NamedTensors all;
    for (const auto& [name, tensor] : rule_.tensors()) all.emplace_back("distill." + name, tensor);
    for (const auto& [name, tensor] : head_.tensors()) all.emplace_back("head." + name, tensor);
    return all;
  }

  std::vector<at::Tensor> all_tensors() const {
    std::vector<at::Tensor> tensors;
    trainee_.visit([&](const std::string&, at::Tensor& tensor, const ParamSpec&) {
      tensors.push_back(tensor);
    });
    return tensors;
  }

  std::vector<at::Tensor> trained_tensors() const {
    std::vector<at::Tensor> tensors;
    trainee_.visit([&](const std::string&, at::Tensor& tensor, const ParamSpec& spec) {
      if (spec.trainable) tensors.push_back(tensor);
    });
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
    const auto all = static_cast<double>(recipe_.epochs * steps_per_epoch_);
    const StepContext context{
        state_.epochs_done, step, static_cast<double>(step) / all, rate, chance, &optimizer_,
        steps_per_epoch_};
    const StepOutcome outcome =
        rule_.accumulate(tensor_batch(batch, trainee_.input(), trainee_.device()), context);
    if (!std::isfinite(outcome.loss)) throw not_finite("loss", outcome.loss, step, rate);
    if (recipe_.gradient_clip > 0) {
      const double norm = optimizer_.clip(recipe_.gradient_clip);
      if (!std::isfinite(norm)) throw not_finite("gradient norm", norm, step, rate);
    }
    optimizer_.step(rate);
    rule_.finish_step();
    if (average_.on()) average_.update();
    sums.loss += outcome.loss * static_cast<double>(batch.size());
    sums.samples += batch.size();
    if (sums.judge != nullptr && outcome.scores.defined()) {
      judge_outputs(*sums.judge, batch, outcome.scores);
    }
  }

  Error not_finite(const std::string& what, double value, std::int64_t step, double rate) const {
    return Error(ErrorKind::kNumeric, what + " is " + format_double(value) + " in epoch " +
                                          std::to_string(state_.epochs_done + 1) + ", step " +
                                          std::to_string(step % steps_per_epoch_ + 1) +
                                          " (learning rate " + format_short(rate) + ")");
  }

  /// False when the stop token ended it.
  bool train_epoch(BatchSource& source) {
    const Stopwatch watch;
    steps_per_epoch_ = source.batches();
    source.start_epoch(state_.epochs_done);
    rule_.start_epoch(state_.epochs_done);
    std::int64_t step = state_.epochs_done * steps_per_epoch_;
    EpochSums sums{.judge = problem_.training_judge(recipe_)};
    double rate = 0;
    for (Batch batch; !setup_.stop.stop_requested() && source.next(batch);) {
      rate = rule_.rate(recipe_, step, steps_per_epoch_);
      train_step(batch, step, rate, sums);
      ++step;
      progress_.update(step, "epoch " + std::to_string(state_.epochs_done + 1) + ", loss " +
                                 format_short(sums.mean_loss()));
    }
    seconds_ += watch.seconds();
    samples_ += sums.samples;
    if (step != (state_.epochs_done + 1) * steps_per_epoch_) return false;
    ++state_.epochs_done;
    record("learning_rate", rate);
    record(kTrainLoss, sums.mean_loss());
    if (sums.judge != nullptr) {
      const NamedValue hits = sums.judge->values().front();
      record(train_name(hits.name), hits.value);
    }
    for (const NamedValue& value : rule_.epoch_values()) record(value.name, value.value);
    return true;
  }

  void record(const std::string& name, double value) {
    state_.curve.push_back({state_.epochs_done, name, value});
  }

  void finish_epoch() {
    if (!split_.validation.empty() &&
        (setup_.evaluate_each_epoch || state_.epochs_done == recipe_.epochs)) {
      if (average_.on()) average_.swap();
      const std::vector<NamedValue> values = trainee_.judge(Part::kTraining, split_.validation);
      if (average_.on()) average_.swap();
      for (std::size_t i = 0; i < std::min(values.size(), problem_.record().metrics.size()); ++i) {
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
    report_.test = trainee_.judge(Part::kTest, all_samples(problem_, Part::kTest));
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

  Trainee& trainee_;
  const TrainSetup& setup_;
  const Problem& problem_;
  const Recipe& recipe_;
  TrainSplit split_;
  const LossHead& head_;
  StepRule& rule_;
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

TrainReport run_training(const TrainingParts& parts, const TrainSetup& setup, bool with_test) {
  return Training(parts, setup).run(with_test);
}

}  // namespace nas
