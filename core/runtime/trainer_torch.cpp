#include <ATen/ops/cross_entropy_loss.h>

#include <chrono>
#include <cmath>

#include "core/runtime/cpu_features.h"
#include "core/runtime/distill/distiller_torch.h"
#include "core/runtime/entries_torch.h"
#include "core/runtime/evaluate_torch.h"
#include "core/runtime/schedule.h"
#include "core/runtime/trainer.h"
#include "core/runtime/training_state_torch.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kMeanReduction = 1;  // at::Reduction::Mean
constexpr std::int64_t kIgnoreNothing = -100;

LoaderOptions loader_options(const TrainSetup& setup, std::size_t images) {
  const Recipe& recipe = setup.recipe;
  const auto remainder = static_cast<std::int64_t>(images) % recipe.batch;
  return {.batch = recipe.batch,
          .shuffle = true,
          // A batch of one image may leave batch norm without a variance.
          .drop_last = remainder == 1 && static_cast<std::int64_t>(images) > recipe.batch,
          .augmentation = {recipe.crop_padding, recipe.flip, recipe.cutout},
          .threads = setup.loader_threads,
          .seed = static_cast<std::uint64_t>(recipe.seed)};
}

void check_setup(const Model& model, const TrainSetup& setup, const TrainSplit& split) {
  const Recipe& recipe = setup.recipe;
  check_fits(model.impl(), *setup.dataset);
  if (split.train.empty()) {
    throw Error(ErrorKind::kUsage, "no training images are left: validation_fraction = " +
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

class Training {
 public:
  Training(Model& model, const TrainSetup& setup)
      : model_(model),
        impl_(model.impl()),
        setup_(setup),
        recipe_(setup.recipe),
        split_(split_training_set(setup.dataset->train, recipe_.validation_fraction,
                                  recipe_.train_samples, recipe_.validation_samples,
                                  static_cast<std::uint64_t>(recipe_.seed))),
        distiller_(make_distiller(impl_, setup)),
        optimizer_(recipe_, trained_tensors()),
        average_(impl_, recipe_.ema_decay),
        state_{impl_,
               optimizer_,
               average_,
               training_text(setup.dataset->id, recipe_, setup.distill),
               distiller_ ? &distiller_->adapters() : nullptr,
               0,
               {}},
        progress_(setup.progress == nullptr ? no_progress() : *setup.progress) {
    check_setup(model, setup, split_);
    impl_.set_precision(recipe_.precision == "bfloat16" ? at::kBFloat16 : at::kFloat);
    find_auxiliary();
  }

  TrainReport run(bool with_test) {
    if (!setup_.checkpoint.empty() && std::filesystem::exists(setup_.checkpoint)) {
      resume_training(state_, setup_.checkpoint);
    }
    BatchLoader loader(setup_.dataset, setup_.dataset->train, split_.train,
                       loader_options(setup_, split_.train.size()));
    progress_.begin("training", recipe_.epochs * loader.batches());
    while (state_.epochs_done < recipe_.epochs && !report_.stopped) {
      if (!train_epoch(loader)) {
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
  static std::optional<Distiller> make_distiller(const ModelImpl& student,
                                                 const TrainSetup& setup) {
    if (setup.distill == nullptr) return std::nullopt;
    check_fits(setup.distill->teacher->impl(), *setup.dataset);
    return Distiller(student, *setup.distill, static_cast<std::uint64_t>(setup.recipe.seed));
  }

  std::vector<at::Tensor> trained_tensors() {
    std::vector<at::Tensor> tensors = impl_.parameters();
    if (distiller_) {
      for (const auto& adapter : distiller_->adapters()) tensors.push_back(adapter.second);
    }
    return tensors;
  }

  void find_auxiliary() {
    const auto outputs = impl_.graph.graph_outputs();
    for (std::size_t i = 1; i < outputs.size(); ++i) {
      if (outputs[i].name == "auxiliary") auxiliary_ = i;
    }
    if (recipe_.auxiliary_weight > 0 && auxiliary_ == 0) {
      throw Error(
          ErrorKind::kUsage,
          "auxiliary_weight = " + format_double(recipe_.auxiliary_weight) +
              ", but the network has no output 'auxiliary'; build it with an auxiliary head");
    }
  }

  at::Tensor loss_of(const at::Tensor& logits, const at::Tensor& labels) const {
    return at::cross_entropy_loss(logits, labels, {}, kMeanReduction, kIgnoreNothing,
                                  recipe_.label_smoothing);
  }

  /// One optimiser step; adds to `sums`.
  void train_step(const Batch& batch, std::int64_t step, double rate, AccuracySums& sums) {
    const at::Tensor labels = label_tensor(batch, impl_.device);
    Rng chance =
        Rng({.seed = static_cast<std::uint64_t>(recipe_.seed), .purpose = Purpose::kDropout})
            .stream(static_cast<std::uint64_t>(step));
    optimizer_.zero_grad();
    const at::Tensor images = batch_tensor(batch, setup_.dataset->train.shape, impl_.device);
    DistillFeatures features;
    const std::vector<at::Tensor> outputs =
        impl_.forward(images, {.training = true,
                               .batch_statistics = true,
                               .chance = &chance,
                               .tap = distiller_ ? distiller_->collect(features) : Tap{}});
    at::Tensor loss = loss_of(outputs[0], labels);
    if (recipe_.auxiliary_weight > 0) {
      loss = loss.add(loss_of(outputs[auxiliary_], labels), recipe_.auxiliary_weight);
    }
    if (distiller_) {
      features.logits = outputs[0];
      loss = distiller_->loss(features, images, labels, loss);
    }
    const auto value = loss.item<double>();
    if (!std::isfinite(value)) throw not_finite("loss", value, step, rate);
    loss.backward();
    if (recipe_.gradient_clip > 0) {
      const double norm = optimizer_.clip(recipe_.gradient_clip);
      if (!std::isfinite(norm)) throw not_finite("gradient norm", norm, step, rate);
    }
    optimizer_.step(rate);
    if (average_.on()) average_.update();
    sums.loss += value * static_cast<double>(batch.size());
    count_hits(sums, outputs[0], labels);
  }

  Error not_finite(const std::string& what, double value, std::int64_t step, double rate) const {
    return Error(ErrorKind::kNumeric, what + " is " + format_double(value) + " in epoch " +
                                          std::to_string(state_.epochs_done + 1) + ", step " +
                                          std::to_string(step % steps_per_epoch_ + 1) +
                                          " (learning rate " + format_short(rate) + ")");
  }

  /// False when the stop token ended it.
  bool train_epoch(BatchLoader& loader) {
    const auto start = std::chrono::steady_clock::now();
    steps_per_epoch_ = loader.batches();
    loader.start_epoch(state_.epochs_done);
    std::int64_t step = state_.epochs_done * steps_per_epoch_;
    AccuracySums sums;
    double rate = 0;
    for (Batch batch; !setup_.stop.stop_requested() && loader.next(batch);) {
      rate = learning_rate(recipe_, step, steps_per_epoch_);
      train_step(batch, step, rate, sums);
      ++step;
      progress_.update(step, "epoch " + std::to_string(state_.epochs_done + 1) + ", loss " +
                                 format_short(sums.mean().loss));
    }
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    images_ += sums.images;
    if (step != (state_.epochs_done + 1) * steps_per_epoch_) return false;
    ++state_.epochs_done;
    record("learning_rate", rate);
    record("train_loss", sums.mean().loss);
    record("train_accuracy", sums.mean().top1);
    return true;
  }

  void record(const std::string& name, double value) {
    state_.curve.push_back({state_.epochs_done, name, value});
  }

  void finish_epoch() {
    if (!split_.validation.empty() &&
        (setup_.evaluate_each_epoch || state_.epochs_done == recipe_.epochs)) {
      if (average_.on()) average_.swap();
      const Accuracy accuracy = on_torch::evaluate(model_, setup_.dataset, setup_.dataset->train,
                                                   split_.validation, kEvaluationBatch);
      if (average_.on()) average_.swap();
      record("accuracy", accuracy.top1);
    }
    if (!setup_.checkpoint.empty()) save_training(state_, setup_.checkpoint);
  }

  /// The report, and the averaged weights as the model's own.
  void finish(bool with_test) {
    report_.epochs_done = state_.epochs_done;
    report_.curve = state_.curve;
    report_.images_per_second = seconds_ > 0 ? static_cast<double>(images_) / seconds_ : 0;
    for (const CurvePoint& point : state_.curve) {
      if (point.name == "train_loss") report_.train_loss = point.value;
      if (point.name == "train_accuracy") report_.train_accuracy = point.value;
      if (point.name == "accuracy") report_.accuracy = point.value;
    }
    if (report_.stopped) return;
    if (average_.on()) average_.swap();
    if (!with_test || setup_.dataset->test.size() == 0) return;
    std::vector<std::uint32_t> all(setup_.dataset->test.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
    report_.test_accuracy = on_torch::evaluate(model_, setup_.dataset, setup_.dataset->test,
                                               std::move(all), kEvaluationBatch)
                                .top1;
  }

  Model& model_;
  ModelImpl& impl_;
  const TrainSetup& setup_;
  const Recipe& recipe_;
  TrainSplit split_;
  std::optional<Distiller> distiller_;
  Optimizer optimizer_;
  AveragedWeights average_;
  TrainingState state_;
  ProgressSink& progress_;
  std::size_t auxiliary_ = 0;
  std::int64_t steps_per_epoch_ = 1;
  std::int64_t images_ = 0;
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
