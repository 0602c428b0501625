#include "core/runtime/trainer.h"

#include "core/runtime/entries.h"

namespace nas {

TrainReport train(Model& model, const TrainSetup& setup, bool with_test) {
  return torch_table<RuntimeTorch>().train(model, setup, with_test);
}

std::vector<NamedValue> evaluate(Model& model, const EvaluationSetup& setup) {
  return torch_table<RuntimeTorch>().evaluate(model, setup);
}

std::vector<float> answers(Model& model, const EvaluationSetup& setup) {
  return torch_table<RuntimeTorch>().answers(model, setup);
}

void observe_nodes(Model& model, const EvaluationSetup& setup, const NodeObserver& observer) {
  torch_table<RuntimeTorch>().observe_nodes(model, setup, observer);
}

void recalibrate_batch_norm(Model& model, const Problem& problem, const Recipe& recipe,
                            const Recalibration& options) {
  torch_table<RuntimeTorch>().recalibrate_batch_norm(model, problem, recipe, options);
}

std::string training_text(const Problem& problem, const Recipe& recipe,
                          const DistillSetup* distill) {
  std::string text = fidelity_text(problem, recipe);
  if (distill != nullptr) {
    text += "; distill=" + distill_text(distill->choice) + "; teacher=" + distill->teacher_text;
  }
  return text;
}

}  // namespace nas
