#include <utility>

#include "core/api/resumable_evaluator.h"
#include "core/runtime/trainer.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// Trains the graph from scratch. The randomness depends on the recipe's seed and on parameter
/// paths only, so that the value of an architecture does not depend on when it was proposed.
class TrainingEvaluator final : public Evaluator, public ResumableEvaluator {
 public:
  TrainingEvaluator(std::shared_ptr<const Problem> problem, const Recipe& recipe,
                    const SearchSpace& space)
      : problem_(std::move(problem)), recipe_(recipe) {
    for (const MetricInfo& metric : problem_->record().metrics) {
      info_.metrics.emplace_back(metric.name);
    }
    if (recipe_.validation_fraction <= 0) {
      throw Error(ErrorKind::kUsage, "the metric '" + info_.metrics.front() + "' needs held-out " +
                                         std::string(problem_->record().samples) +
                                         ": validation_fraction = 0, must be > 0");
    }
    info_.name = "training";
    info_.expense = 100;
    info_.trains = true;
    info_.task = task_for(space, *problem_, recipe_);
    info_.network = network_text(space, info_.task);
    info_.fidelity = fidelity_text(*problem_, recipe_);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override { return resume(request, {}); }

  EvalResult resume(const EvalRequest& request,
                    const std::filesystem::path& checkpoint) const override {
    Model model(request.graph, RngKey{.seed = static_cast<std::uint64_t>(recipe_.seed)});
    const TrainSetup setup{.problem = problem_,
                           .recipe = recipe_,
                           .checkpoint = checkpoint,
                           .progress = &request.progress,
                           .stop = request.stop};
    const TrainReport report = train(model, setup, /*with_test=*/false);
    EvalResult result;
    result.stopped = report.stopped;
    result.curve = report.curve;
    if (report.stopped) return result;
    NAS_CHECK(report.validation.size() == info_.metrics.size(),
              "a finished training is judged by all metrics");
    for (const NamedValue& value : report.validation) {
      result.metrics.push_back({.name = value.name,
                                .value = value.value,
                                .source = MetricSource::kMeasured,
                                .fidelity = info_.fidelity,
                                .device = std::nullopt});
    }
    return result;
  }

 private:
  std::shared_ptr<const Problem> problem_;
  Recipe recipe_;
  Info info_;
};

}  // namespace

std::unique_ptr<Evaluator> make_training_evaluator(std::shared_ptr<const Problem> problem,
                                                   const Recipe& recipe, const SearchSpace& space) {
  return std::make_unique<TrainingEvaluator>(std::move(problem), recipe, space);
}

}  // namespace nas
