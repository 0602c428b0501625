#include "core/runtime/trainer.h"

#include <utility>

#include "core/runtime/entries.h"

namespace nas {

TrainReport train(Model& model, const TrainSetup& setup, bool with_test) {
  return torch_table<RuntimeTorch>().train(model, setup, with_test);
}

Accuracy evaluate(Model& model, const std::shared_ptr<const ImageDataset>& dataset,
                  const ImageSet& images, std::vector<std::uint32_t> indices, std::int64_t batch) {
  return torch_table<RuntimeTorch>().evaluate(model, dataset, images, std::move(indices), batch);
}

void recalibrate_batch_norm(Model& model, const std::shared_ptr<const ImageDataset>& dataset,
                            std::int64_t samples, std::int64_t batch) {
  torch_table<RuntimeTorch>().recalibrate_batch_norm(model, dataset, samples, batch);
}

std::string training_text(std::string_view dataset_id, const Recipe& recipe,
                          const DistillSetup* distill) {
  std::string text = fidelity_text(dataset_id, recipe);
  if (distill != nullptr) {
    text += "; distill=" + distill_text(distill->choice) + "; teacher=" + distill->teacher_text;
  }
  return text;
}

Task task_for(const SearchSpace& space, const ImageDataset& dataset, const Recipe& recipe) {
  return task_for(space, dataset.train.shape, static_cast<std::int64_t>(dataset.classes.size()),
                  recipe);
}

}  // namespace nas
