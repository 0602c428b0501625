#include "core/problems/images.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/data/image_loader.h"
#include "core/data/split.h"
#include "core/problems/class_judge.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// What a recipe says of images alone.
struct ImageRecipe {
  std::int64_t crop_padding = 4;
  bool flip = true;
  std::int64_t cutout = 0;
  std::string normalisation = "dataset";
};

constexpr std::string_view kNb201 = "NAS-Bench-201 (arXiv 2001.00326)";

constexpr std::array kFields = {
    Field<ImageRecipe>{"crop_padding", &ImageRecipe::crop_padding,
                       "zeros added at each border before a random crop; 0 = no crop", "pixels", 0,
                       1024, kNb201},
    Field<ImageRecipe>{"flip", &ImageRecipe::flip, "random horizontal flips"},
    Field<ImageRecipe>{"cutout", &ImageRecipe::cutout, "side of the square set to zero; 0 = off",
                       "pixels", 0, 1024},
    Field<ImageRecipe>{.name = "normalisation",
                       .member = &ImageRecipe::normalisation,
                       .meaning = "by the data set's mean and deviation, or by 0.5 and 0.5",
                       .choices = "dataset|half",
                       .before = "dataset"},
};

ImageRecipe image_recipe(const OptionMap& own) {
  return parse_own<ImageRecipe, kFields>(own);
}

/// Images that come normalised by mean and deviation of their data set, from there to 0.5 and 0.5.
class HalfNormalised final : public BatchSource {
 public:
  HalfNormalised(std::unique_ptr<BatchSource> source, std::shared_ptr<const ImageDataset> dataset)
      : source_(std::move(source)), dataset_(std::move(dataset)) {}

  std::int64_t batches() const override { return source_->batches(); }
  void start_epoch(std::int64_t epoch) override { source_->start_epoch(epoch); }

  bool next(Batch& batch) override {
    if (!source_->next(batch)) return false;
    const Shape& shape = dataset_->train.shape;
    const auto plane = static_cast<std::size_t>(shape[1] * shape[2]);
    const std::size_t channels = dataset_->mean.size();
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      const std::size_t c = i / plane % channels;
      const float value = batch.inputs[i] * dataset_->deviation[c] + dataset_->mean[c];
      batch.inputs[i] = (value - 0.5F) / 0.5F;
    }
    return true;
  }

 private:
  std::unique_ptr<BatchSource> source_;
  std::shared_ptr<const ImageDataset> dataset_;
};

class ImagesProblem final : public Problem {
 public:
  explicit ImagesProblem(std::shared_ptr<const ImageDataset> dataset)
      : dataset_(std::move(dataset)) {
    data_.id = dataset_->id;
    data_.source = dataset_->source;
    data_.classes = dataset_->classes;
    data_.labels = {dataset_->train.labels, dataset_->test.labels};
    data_.facts.push_back({"image", to_string(dataset_->train.shape)});
    for (std::size_t c = 0; c < dataset_->mean.size(); ++c) {
      const std::string number = std::to_string(c);
      const auto add = [&](const std::string& what, float value) {
        data_.facts.push_back({"channel_" + number + "_" + what, static_cast<double>(value),
                               "channel " + number + " " + what});
      };
      add("mean", dataset_->mean[c]);
      add("deviation", dataset_->deviation[c]);
    }
  }

  const ProblemRecord& record() const override { return images_problem; }
  const ProblemData& data() const override { return data_; }

  Task poses(const Recipe&) const override {
    Task task;
    task.input = dataset_->train.shape;
    task.classes = static_cast<std::int64_t>(dataset_->classes.size());
    return task;
  }

  TrainSplit split(const Recipe& recipe) const override {
    return split_training_set(dataset_->train.labels, recipe.validation_fraction,
                              recipe.train_samples, recipe.validation_samples,
                              static_cast<std::uint64_t>(recipe.seed));
  }

  std::unique_ptr<BatchSource> batches(Part part, std::vector<std::uint32_t> samples,
                                       const Recipe& recipe,
                                       const BatchOptions& options) const override {
    const ImageRecipe own = image_recipe(recipe.problem);
    const ImageSet& set = part == Part::kTraining ? dataset_->train : dataset_->test;
    std::unique_ptr<BatchSource> source = load_images(dataset_, set, std::move(samples), options,
                                                      {own.crop_padding, own.flip, own.cutout});
    if (own.normalisation == "dataset") return source;
    return std::make_unique<HalfNormalised>(std::move(source), dataset_);
  }

  std::unique_ptr<Judge> judge(Part part, const Recipe&) const override {
    return judge_classes(data_.labels_of(part));
  }

  std::unique_ptr<Judge> training_judge(const Recipe& recipe) const override {
    return judge(Part::kTraining, recipe);
  }

 private:
  std::shared_ptr<const ImageDataset> dataset_;
  ProblemData data_;
};

constexpr std::array kMetrics = {kAccuracy};

}  // namespace

constinit const ProblemRecord images_problem{
    .name = "images",
    .summary = "name the class of an image",
    .samples = "images",
    .loss = "cross_entropy",
    .metrics = kMetrics,
    .fields = own_fields<ImageRecipe, kFields>(),
};

extern constinit const DataKinds images_kinds{[] {
  std::vector<DataKind> kinds;
  for (const DatasetInfo& info : dataset_kinds()) {
    kinds.push_back({info, &images_problem,
                     [](std::string_view spec) { return pose_images(load_dataset(spec)); }});
  }
  return kinds;
}};

std::shared_ptr<const Problem> pose_images(std::shared_ptr<const ImageDataset> dataset) {
  NAS_CHECK(dataset != nullptr, "a problem needs data");
  return std::make_shared<ImagesProblem>(std::move(dataset));
}

}  // namespace nas
