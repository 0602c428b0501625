#include "app/study/study.h"

#include "app/session/data_spec.h"
#include "app/study/device_origin.h"
#include "app/study/evaluators.h"
#include "app/study/study_check.h"
#include "app/study/study_data.h"
#include "app/study/study_devices.h"
#include "app/study/study_edit.h"
#include "app/study/study_engine.h"
#include "app/study/study_lead.h"
#include "app/study/study_owner.h"
#include "app/study/study_preparation.h"
#include "core/api/worker_registry.h"
#include "core/runtime/model.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool over(StudyState state) {
  return state == StudyState::kFinished || state == StudyState::kInfeasible;
}

StudyReport make_report(const Store& store, std::string_view name) {
  const StudyData study = load_study(store, name);
  StudyReport report;
  report.name = std::string(name);
  report.state = study.row.state;
  for (const TrialRow& trial : study.trials) {
    report.complete += trial.state == TrialState::kComplete ? 1 : 0;
    report.infeasible += trial.state == TrialState::kInfeasible ? 1 : 0;
    report.failed += trial.state == TrialState::kFailed ? 1 : 0;
    report.reused += trial.reused_from.empty() ? 0 : 1;
  }
  const std::vector<TrialSummary> best = leaders(study, "", 1);
  if (!best.empty()) report.best = best.front();
  if (best.empty()) report.closest = closest_trial(study);
  return report;
}

StudyState state_after(const Store& store, const StudyRow& study, StopReason reason) {
  if (reason == StopReason::kRequested || reason == StopReason::kFailures) {
    return StudyState::kPaused;
  }
  const StudyRow now = find_study_or_throw(store, study.spec.name);
  const bool none = now.trials_complete == 0 && now.trials_infeasible > 0;
  return none ? StudyState::kInfeasible : StudyState::kFinished;
}

void add_event(Store& store, const StudyRow& study, std::string_view kind,
               const std::string& text) {
  EventRow event;
  event.study_id = study.id;
  event.kind = std::string(kind);
  event.text = text;
  store.add_event(event);
}

/// A device of another machine is measured by the worker that has it.
Measuring measuring(const std::optional<QueueChoice>& queue) {
  return queue ? Measuring::kByWorkers : Measuring::kHere;
}

/// Everything a study that runs is made of.
EngineResult run_here(Session& session, const StudyLead& lead, const StudyRow& study,
                      const StudyConfig& config, const std::optional<QueueChoice>& queue) {
  Store& store = session.writer();
  const StudyPlan plan = make_plan(session, config, measuring(queue));
  const EarlierResults earlier(store, study, config, plan);
  const std::unique_ptr<Searcher> searcher = study_searcher(session, config, study, plan);
  note_owner(store, study);
  store.set_study_state(study.id, StudyState::kRunning);
  const EngineSetup setup{store,  plan,    *searcher,          study,
                          config, earlier, session.progress(), session.stop()};
  if (!queue) return run_engine(setup);
  const TrialCheckpoints checkpoints(session.models_directory(), study, version_text());
  QueuePlace place(setup, lead, checkpoints, worker_devices(session), *queue);
  return run_engine(setup, place);
}

/// What is kept of an error before the user sees it.
void pause_after(Store& store, const StudyRow& study, const Error& error) {
  // When the store itself is the trouble, its own error is the one to see.
  try {
    store.reclaim(study.id, process_name());
    store.set_study_state(study.id, StudyState::kPaused);
    add_event(store, study, "error", error.what());
  } catch (const Error&) {
  }
}

/// Throws Error(kUsage) while another process runs the study.
StudyLead lead_study(Session& session, const StudyRow& study, const StudyConfig& config,
                     const std::optional<QueueChoice>& queue) {
  Store& store = session.writer();
  // Workers of the queue may well be alive.
  if (queue) {
    reclaim_gone(store, study);
  } else {
    require_idle(store, study);
  }
  return StudyLead(store, study, needed_devices(config),
                   queue ? queue->lease_seconds : kLeaseSeconds);
}

StudyReport continue_study(Session& session, const StudyLead& lead, const StudyRow& study,
                           const StudyConfig& config, const std::optional<QueueChoice>& queue) {
  Store& store = session.writer();
  // What waits was proposed by an earlier run, perhaps of another version; this one proposes anew.
  trial_queue(store).withdraw(lead.lead());
  const auto threads = static_cast<int>(session.environment().threads);
  worker_registry(store).judge_in(session.environment());
  EngineResult result;
  try {
    result = run_here(session, lead, study, config, queue);
  } catch (const StudyLost&) {
    throw;  // the study's state is another process's business
  } catch (const ScoringStopped&) {
    result = {StopReason::kRequested, "stopped on request", 0, 0};
  } catch (const PreparationStopped& stopped) {
    result = {StopReason::kRequested, stopped.what(), 0, 0};
  } catch (const Error& error) {
    pause_after(store, study, error);
    throw;
  }
  set_intra_op_threads(threads);
  store.reclaim(study.id, process_name());
  store.set_study_state(study.id, state_after(store, study, result.reason));
  add_event(store, study, "stop", result.text);
  StudyReport report = make_report(store, config.name);
  report.stop_reason = result.reason;
  report.reason = result.text;
  report.replayed = result.replayed;
  report.seconds = result.seconds;
  return report;
}

StudyReport finished_report(const Store& store, std::string_view name) {
  StudyReport report = make_report(store, name);
  report.reason = "the study is finished";
  report.replayed = report.complete + report.infeasible + report.failed;
  return report;
}

StudyRow create(Session& session, const StudyConfig& config) {
  const SearchSpace& space = session.space(config.space);
  StudySpec spec;
  spec.name = config.name;
  spec.space = config.space.name;
  spec.space_version = space.info().version;
  spec.searcher = config.searcher.name;
  spec.config = to_toml(config);
  // What could not be read back (a path that is not UTF-8) could not be resumed.
  (void)parse_study_config(spec.config, "configuration of study '" + config.name + "'");
  spec.seed = config.seed;
  spec.budget_trials = config.budget_trials;
  for (const std::string& text : config.objectives) {
    spec.objectives.push_back(parse_objective(text));
  }
  spec.environment = session.environment();
  return session.writer().create_study(spec);
}

}  // namespace

StudyConfig stored_config(Session& session, const StudyRow& row) {
  const StudyConfig config = parse_study_config(row.spec.config, "study '" + row.spec.name + "'");
  return resolve(config, data_spec(session, config.data));
}

void require_same_space(Session& session, const StudyRow& row, const StudyConfig& config) {
  const std::string version = session.space(config.space).info().version;
  if (version == row.spec.space_version) return;
  throw Error(ErrorKind::kData, "study '" + row.spec.name + "' was made with version " +
                                    row.spec.space_version + " of space '" + row.spec.space +
                                    "', this program has version " + version +
                                    "; start a study of another name");
}

StudyReport run_study(Session& session, const StudyConfig& stated,
                      const std::optional<QueueChoice>& queue) {
  const StudyConfig given = with_device_origins(session, stated);
  const StudyConfig config = resolve(given, data_spec(session, given.data));
  // Whatever cannot work is said before anything is stored.
  check_study(session, config, measuring(queue));
  const std::optional<StudyRow> row = session.writer().find_study(config.name);
  if (!row) {
    const StudyRow made = create(session, config);
    const StudyLead lead = lead_study(session, made, config, queue);
    return continue_study(session, lead, made, config, queue);
  }
  const StudyConfig stored = stored_config(session, *row);
  const std::vector<std::string> changed = differences(stored, with_budget_of(config, stored));
  if (!changed.empty()) {
    throw Error(ErrorKind::kUsage, "study '" + config.name +
                                       "' exists with other settings (stored -> now): " +
                                       join(changed, "; ") + "; choose another name");
  }
  return resume_study(session, config.name, {config.budget_trials, config.budget_seconds}, queue);
}

bool ranks_by_scores(Session& session, const StudyConfig& config) {
  const StudyScores scores(session, config, StudyScores::Mode::kCheck);
  session.searcher(config.searcher)
      ->start(searcher_setup(session.space(config.space), config, &scores));
  return scores.asked();
}

StudyReport resume_study(Session& session, std::string_view name, const BudgetChange& budget,
                         const std::optional<QueueChoice>& queue) {
  Store& store = session.writer();
  StudyRow row = find_study_or_throw(store, name);
  const StudyConfig stored = stored_config(session, row);
  const Extension extension = extended(stored, budget);
  if (over(row.state) && extension.event.empty()) return finished_report(store, name);
  require_same_space(session, row, stored);
  const StudyLead lead = lead_study(session, row, extension.config, queue);
  if (!extension.event.empty()) {
    row.spec.config = to_toml(extension.config);
    row.spec.budget_trials = extension.config.budget_trials;
    study_editor(store).change_study(
        row.id, {row.spec.name, row.spec.config, row.spec.budget_trials, extension.event});
    session.progress().message("study '" + row.spec.name + "': " + extension.event);
    if (!extension.note.empty()) session.progress().message(extension.note);
  }
  return continue_study(session, lead, row, extension.config, queue);
}

std::string StudyReport::brief() const {
  std::string text = "study '" + name + "': " + std::to_string(complete) + " complete, " +
                     std::to_string(infeasible) + " infeasible, " + std::to_string(failed) +
                     " failed";
  if (reused > 0) text += ", " + std::to_string(reused) + " reused";
  if (!reason.empty()) text += "; " + reason;
  return text;
}

}  // namespace nas
