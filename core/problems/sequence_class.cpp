#include "core/problems/sequence_class.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "core/data/batch_loader.h"
#include "core/data/split.h"
#include "core/problems/class_judge.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// What a recipe says of sequences alone.
struct SequenceRecipe {
  std::int64_t frames = 0;
};

constexpr std::array kFields = {
    Field<SequenceRecipe>{"frames", &SequenceRecipe::frames,
                          "length that networks read: longer sequences are cut, shorter ones "
                          "repeated; 0 = that of the longest one to train on",
                          "frames", 0, 1e6},
};

SequenceRecipe sequence_recipe(const OptionMap& own) {
  return parse_own<SequenceRecipe, kFields>(own);
}

/// Mean and deviation of each feature over all frames that are trained on.
struct FeatureScale {
  std::vector<float> mean, deviation;
};

FeatureScale scale_of(const SequenceDataset& dataset) {
  const std::size_t width = dataset.features.size();
  std::vector<double> sums(width), squares(width);
  double frames = 0;
  for (const std::uint32_t i : dataset.split.train) {
    const std::span<const float> values = dataset.sequence(i);
    for (std::size_t k = 0; k < values.size(); ++k) {
      sums[k % width] += values[k];
      squares[k % width] += static_cast<double>(values[k]) * values[k];
    }
    frames += static_cast<double>(dataset.frames(i));
  }
  FeatureScale scale;
  for (std::size_t f = 0; f < width; ++f) {
    const double mean = sums[f] / frames;
    const double variance = std::max(0.0, squares[f] / frames - mean * mean);
    scale.mean.push_back(static_cast<float>(mean));
    // A constant feature says nothing: any deviation maps it to 0.
    scale.deviation.push_back(variance > 0 ? static_cast<float>(std::sqrt(variance)) : 1.0F);
  }
  return scale;
}

class FrameReader final : public SampleReader {
 public:
  FrameReader(std::shared_ptr<const SequenceDataset> dataset,
              const std::vector<std::uint32_t>& sequences, const FeatureScale& scale,
              std::size_t frames, bool training)
      : dataset_(std::move(dataset)),
        sequences_(sequences),
        scale_(scale),
        frames_(frames),
        training_(training) {}

  std::size_t samples() const override { return sequences_.size(); }
  std::size_t elements() const override { return frames_ * dataset_->features.size(); }
  std::int64_t label(std::uint32_t sample) const override {
    return dataset_->labels[sequences_[sample]];
  }

  /// [F, frames], from a random start in training, else from the middle.
  void read(std::uint32_t sample, Rng& chance, std::span<float> rows) const override {
    const std::uint32_t number = sequences_[sample];
    const std::span<const float> values = dataset_->sequence(number);
    const std::size_t length = dataset_->frames(number);
    const std::size_t spare = length > frames_ ? length - frames_ : 0;
    const std::size_t start =
        training_ ? static_cast<std::size_t>(chance.below(spare + 1)) : spare / 2;
    const std::size_t width = scale_.mean.size();
    for (std::size_t f = 0; f < width; ++f) {
      for (std::size_t t = 0; t < frames_; ++t) {
        const float value = values[(start + t) % length * width + f];
        rows[f * frames_ + t] = (value - scale_.mean[f]) / scale_.deviation[f];
      }
    }
  }

 private:
  const std::shared_ptr<const SequenceDataset> dataset_;
  const std::vector<std::uint32_t>& sequences_;  ///< part of *dataset_
  const FeatureScale& scale_;                    ///< of the problem, which outlives its batches
  const std::size_t frames_;
  const bool training_;
};

class SequenceClassProblem final : public Problem {
 public:
  explicit SequenceClassProblem(std::shared_ptr<const SequenceDataset> dataset)
      : dataset_(std::move(dataset)), scale_(scale_of(*dataset_)) {
    data_.id = dataset_->id;
    data_.source = dataset_->source;
    data_.classes = dataset_->classes;
    for (const Part part : {Part::kTraining, Part::kTest}) {
      for (const std::uint32_t i : sequences_of(part)) {
        data_.labels[static_cast<std::size_t>(part)].push_back(
            static_cast<std::uint16_t>(dataset_->labels[i]));
      }
    }
    for (const std::uint32_t i : dataset_->split.train) {
      longest_ = std::max(longest_, dataset_->frames(i));
    }
    data_.facts = {{"features", static_cast<std::int64_t>(dataset_->features.size())},
                   {"longest", static_cast<std::int64_t>(longest_), "longest (frames)"}};
  }

  const ProblemRecord& record() const override { return sequence_class_problem; }
  const ProblemData& data() const override { return data_; }

  Task poses(const Recipe& recipe) const override {
    Task task;
    task.input = {static_cast<std::int64_t>(dataset_->features.size()),
                  static_cast<std::int64_t>(frames_by(recipe))};
    task.classes = static_cast<std::int64_t>(dataset_->classes.size());
    return task;
  }

  TrainSplit split(const Recipe& recipe) const override {
    return split_training_set(data_.labels_of(Part::kTraining), recipe.validation_fraction,
                              recipe.train_samples, recipe.validation_samples,
                              static_cast<std::uint64_t>(recipe.seed));
  }

  std::unique_ptr<BatchSource> batches(Part part, std::vector<std::uint32_t> samples,
                                       const Recipe& recipe,
                                       const BatchOptions& options) const override {
    auto reader = std::make_unique<FrameReader>(dataset_, sequences_of(part), scale_,
                                                frames_by(recipe), options.augment);
    return std::make_unique<BatchLoader>(std::move(reader), std::move(samples), options);
  }

  std::unique_ptr<Judge> judge(Part part, const Recipe&) const override {
    return judge_classes(data_.labels_of(part));
  }

  std::unique_ptr<Judge> training_judge(const Recipe& recipe) const override {
    return judge(Part::kTraining, recipe);
  }

 private:
  const std::vector<std::uint32_t>& sequences_of(Part part) const {
    return part == Part::kTraining ? dataset_->split.train : dataset_->split.test;
  }

  std::size_t frames_by(const Recipe& recipe) const {
    const std::int64_t frames = sequence_recipe(recipe.problem).frames;
    return frames > 0 ? static_cast<std::size_t>(frames) : longest_;
  }

  std::shared_ptr<const SequenceDataset> dataset_;
  FeatureScale scale_;
  ProblemData data_;
  std::size_t longest_ = 0;
};

constexpr std::array kMetrics = {kAccuracy};

/// Tables of frames.
DataKind sequences_kind() {
  return {{"sequences",
           "frames.csv (or .gz) with the columns split (train or test), utterance, a label of any "
           "name, frame, then the features",
           "tables of frames: sequences of different lengths, each of one class",
           true,
           // Small sets of small sequences want small steps.
           {{"optimizer", "adam"}, {"learning_rate", "0.001"}, {"batch", "32"}}},
          &sequence_class_problem,
          [](std::string_view spec) {
            return pose_sequences(load_sequences(directory_of(sequences_kind().info, spec)));
          }};
}

}  // namespace

constinit const ProblemRecord sequence_class_problem{
    .name = "sequence_class",
    .summary = "name the class of a sequence",
    .samples = "sequences",
    .loss = "cross_entropy",
    .metrics = kMetrics,
    .fields = own_fields<SequenceRecipe, kFields>(),
};

extern constinit const DataKinds sequence_class_kinds{
    [] { return std::vector<DataKind>{sequences_kind()}; }};

std::shared_ptr<const Problem> pose_sequences(std::shared_ptr<const SequenceDataset> dataset) {
  NAS_CHECK(dataset != nullptr, "a problem needs data");
  return std::make_shared<SequenceClassProblem>(std::move(dataset));
}

}  // namespace nas
