#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/study/study.h"
#include "app/study/study_engine.h"
#include "core/util/file.h"

namespace nas::test {

/// NAS-Bench-201, evolution, objectives params and macs: a real study without any training.
StudyConfig cheap_config(std::int64_t trials, std::int64_t workers);

/// Requests a stop once `trials` trials are settled.
class StopAfter final : public ProgressSink {
 public:
  explicit StopAfter(std::int64_t trials) : trials_(trials) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t done, std::string_view) override {
    if (done >= trials_) source_.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::int64_t trials_;
  std::stop_source source_;
};

/// Every trial of a study as text, without times and worker names.
std::vector<std::string> study_lines(const Store& store, std::string_view name);

/// Runs `config` in a new store of its own and returns its lines.
std::vector<std::string> lines_of_fresh_run(const StudyConfig& config);

/// Stands for a training: "accuracy" is a fixed function of the architecture's digest, and it
/// counts its calls.
class FakeTraining final : public Evaluator {
 public:
  using Function = std::function<double(const EvalRequest&)>;
  explicit FakeTraining(Function function = {}, std::string fidelity = "fake");
  const Info& info() const override { return info_; }
  EvalResult evaluate(const EvalRequest& request) const override;
  int calls() const { return calls_; }

 private:
  Info info_;
  Function function_;
  mutable std::atomic<int> calls_ = 0;
};

/// A study on the engine itself, with evaluators of the test's choice; trainings of fewer epochs
/// are fake ones of fidelity "fake; epochs=N" that give the digest's accuracy less one point an
/// epoch missing.
struct EngineRun {
  EngineResult result;
  std::vector<TrialRow> trials;
};
EngineRun run_with(Session& session, const StudyConfig& config,
                   std::vector<std::unique_ptr<Evaluator>> evaluators,
                   Searcher* searcher = nullptr);

/// The text of the nas::Error that `action` throws, or "" when it throws none.
std::string error_of(const std::function<void()>& action);

bool contains(std::string_view text, std::string_view part);

}  // namespace nas::test
