#include "app/study/study_preparation.h"

#include <memory>

#include "app/study/additive_latency.h"
#include "app/study/recipe_choice.h"
#include "app/study/study_log.h"
#include "core/api/prepared_searcher.h"
#include "core/runtime/model.h"
#include "core/util/file_name.h"

namespace nas {
namespace {

class PreparedFirst final : public Searcher {
 public:
  PreparedFirst(std::unique_ptr<Searcher> searcher, Preparation preparation,
                std::shared_ptr<StudyLog> log, int threads)
      : searcher_(std::move(searcher)),
        preparation_(std::move(preparation)),
        log_(std::move(log)),
        threads_(threads) {}

  void start(const SearchSetup& setup) override {
    searcher_->start(setup);
    set_intra_op_threads(threads_);
    bool whole = false;
    try {
      whole = dynamic_cast<PreparedSearcher&>(*searcher_).prepare(preparation_);
    } catch (...) {
      log_->flush();  // what led to the error is worth a look
      throw;
    }
    log_->flush();
    if (whole) return;
    throw PreparationStopped(ErrorKind::kUsage, "stopped on request before the first trial");
  }
  std::optional<Proposal> ask(std::int64_t number) override { return searcher_->ask(number); }
  void tell(const Told& told) override { searcher_->tell(told); }

 private:
  std::unique_ptr<Searcher> searcher_;
  Preparation preparation_;
  std::shared_ptr<StudyLog> log_;  // the preparation's functions write to it
  int threads_;
};

}  // namespace

std::filesystem::path preparation_file(const Session& session, const std::string& study) {
  return session.models_directory() / (file_stem(study) + ".search.safetensors");
}

namespace {

PreparationInputs preparation_inputs(Session& session, const StudyConfig& config,
                                     std::span<const std::unique_ptr<Evaluator>> evaluators) {
  PreparationInputs inputs{.problem = nullptr, .latencies = additive_latencies(evaluators, config)};
  if (config.data.empty()) return inputs;
  inputs.problem = session.problem(config.data);
  inputs.problem_options = make_recipe(config.recipe).problem;
  return inputs;
}

}  // namespace

std::unique_ptr<Searcher> study_searcher(Session& session, const StudyConfig& config,
                                         const StudyRow& study, const StudyPlan& plan) {
  std::unique_ptr<Searcher> searcher = session.searcher(config.searcher);
  if (dynamic_cast<const PreparedSearcher*>(searcher.get()) == nullptr) return searcher;
  Preparation preparation{.inputs = preparation_inputs(session, config, plan.evaluators),
                          .checkpoint = preparation_file(session, config.name),
                          .progress = session.progress(),
                          .curve = {},
                          .event = {},
                          .stop = session.stop()};
  make_directory(session.models_directory());
  const auto log = std::make_shared<StudyLog>(session.writer(), study.id);
  preparation.curve = [log](const CurvePoint& point) {
    log->point(point.epoch, point.name, point.value);
  };
  preparation.event = [&session, log](const std::string& text) {
    log->event("search", text);
    log->flush();  // the checkpoint of this epoch comes next, and no epoch says it again
    session.progress().message(text);
  };
  return std::make_unique<PreparedFirst>(std::move(searcher), std::move(preparation), log,
                                         static_cast<int>(config.workers));
}

void check_preparation(Session& session, const StudyConfig& config, const Searcher& searcher,
                       std::span<const std::unique_ptr<Evaluator>> evaluators) {
  const auto* prepared = dynamic_cast<const PreparedSearcher*>(&searcher);
  if (prepared == nullptr) return;
  if (config.data.empty() && prepared->needs_data()) {
    throw Error(ErrorKind::kUsage, "searcher '" + config.searcher.name +
                                       "' trains a supernet and needs a data set, such as "
                                       "'cifar10:DIR' (also where accuracy is looked up)");
  }
  prepared->check_preparation(preparation_inputs(session, config, evaluators));
  check_can_write(preparation_file(session, config.name));
}

}  // namespace nas
