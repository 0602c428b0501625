#include "core/ir/forms/text_form.h"
#include "core/runtime/cpu_features.h"
#include "core/runtime/entries_torch.h"
#include "core/runtime/evaluate_torch.h"
#include "core/runtime/step_rule_torch.h"
#include "core/runtime/trainer.h"
#include "core/runtime/training_loop_torch.h"
#include "core/util/text.h"

namespace nas {

void check_trainable(const ArchGraph& graph, const TrainSetup& setup) {
  const Recipe& recipe = setup.recipe;
  check_fits(graph, *setup.problem, recipe);
  if (setup.problem->split(recipe).train.empty()) {
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

namespace {

class NetworkTrainee final : public Trainee {
 public:
  NetworkTrainee(ModelImpl& model, const TrainSetup& setup, const LossHead& head)
      : model_(model), setup_(setup), head_(head) {
    model_.set_precision(setup.recipe.precision == "bfloat16" ? at::kBFloat16 : at::kFloat);
  }

  void visit(const ModelImpl::Visitor& visitor) override { model_.visit(visitor); }
  std::string identity() const override { return to_text(model_.graph); }
  const Shape& input() const override {
    return model_.graph.output_types(model_.graph.graph_inputs()[0])[0].shape;
  }
  at::Device device() const override { return model_.device; }
  std::vector<NamedValue> judge(Part part, std::vector<std::uint32_t> samples) override {
    return judge_network(model_, {*setup_.problem, setup_.recipe, part, std::move(samples)},
                         &head_);
  }

 private:
  ModelImpl& model_;
  const TrainSetup& setup_;
  const LossHead& head_;
};

std::unique_ptr<StepRule> make_rule(const TrainedNetwork& network, const TrainSetup& setup) {
  if (setup.distill == nullptr) return plain_rule(network);
  check_fits(setup.distill->teacher->graph(), *setup.problem, setup.recipe);
  return distilled_rule(network, *setup.distill, static_cast<std::uint64_t>(setup.recipe.seed));
}

TrainReport train_network(ModelImpl& model, const TrainSetup& setup, bool with_test) {
  check_trainable(model.graph, setup);
  const Problem& problem = *setup.problem;
  const Shape& output = model.graph.type(model.graph.graph_outputs()[0].value).shape;
  const auto head = make_loss_head(problem, setup.recipe, output[0], model.device);
  const auto rule = make_rule({model, *head, setup.recipe.auxiliary_weight}, setup);
  NetworkTrainee trainee(model, setup, *head);
  return run_training({trainee, *rule, *head, training_text(problem, setup.recipe, setup.distill)},
                      setup, with_test);
}

}  // namespace

TrainReport on_torch::train(Model& model, const TrainSetup& setup, bool with_test) {
  TrainReport report;
  translate_torch_errors("training",
                         [&] { report = train_network(model.impl(), setup, with_test); });
  return report;
}

}  // namespace nas
