#include "app/study/study_scores.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "app/scoring/proxy_evaluator.h"
#include "app/session/candidate.h"
#include "core/runtime/model.h"
#include "core/util/parallel_jobs.h"
#include "core/util/text.h"
#include "predictors/zerocost/proxy.h"

namespace nas {
namespace {

constexpr double kFailed = -std::numeric_limits<double>::infinity();

}  // namespace

/// Proxies that are computed together, since one call asked for them.
struct StudyScores::Panel {
  std::unique_ptr<ProxyEngine> engine;
  Task task;
  std::string network;  ///< its text
  std::vector<std::string> names;
  std::vector<bool> sees_dead_nodes;
  std::vector<std::string> fidelities;  ///< by score
  bool by_text = false;                 ///< some score is not that of an equal digest

  /// Under what a network's score is stored.
  std::string fidelity(std::size_t score, const std::string& text) const {
    if (!sees_dead_nodes[score]) return fidelities[score];
    return fidelities[score] + ",architecture=" + std::to_string(stable_hash(text));
  }
};

/// A network to score.
struct StudyScores::Pending {
  Candidate candidate;
  std::vector<std::string> sharers;  ///< texts of an equal digest
  Row row;
  std::string failure;
};

ProxyChoice proxy_choice(const StudyScoring& scores, const std::string& name) {
  for (const std::string& text : scores.proxies) {
    ProxyChoice choice = parse_proxy(text);
    if (choice.name == name) return choice;
  }
  return parse_proxy(name);
}

ScoringChoice scoring_choice(const StudyConfig& config, std::vector<ProxyChoice> proxies) {
  ScoringChoice choice{std::move(proxies), {}, config.scores.data};
  choice.settings.seed = config.seed;
  choice.settings.batch = config.scores.batch;
  return choice;
}

StudyScores::StudyScores(Session& session, const StudyConfig& config, Mode mode)
    : session_(session),
      config_(config),
      space_(session.space(config.space)),
      mode_(mode),
      progress_(&session.progress()),
      store_(mode == Mode::kCompute ? session.writer().connect() : nullptr) {}

StudyScores::~StudyScores() = default;

std::vector<std::string> StudyScores::names() const {
  std::vector<std::string> names;
  for (const MetricInfo& metric : proxy_metrics()) names.emplace_back(metric.name);
  return names;
}

std::vector<double> StudyScores::scores(std::span<const Architecture> architectures,
                                        std::span<const std::string> names) const {
  const std::lock_guard lock(mutex_);
  asked_ = true;
  const Panel& panel = panel_of(names);
  if (mode_ == Mode::kCheck) return std::vector<double>(architectures.size() * names.size(), 0);
  std::vector<Pending> jobs = missing(panel, architectures, *store_);
  if (!jobs.empty()) compute(panel, jobs, *store_);
  std::vector<double> values;
  values.reserve(architectures.size() * names.size());
  for (const Architecture& architecture : architectures) {
    const Row& row = known_.find(space_.format(architecture))->second;
    for (const std::string& name : names) values.push_back(row.find(name)->second);
  }
  return values;
}

StudyScores::Panel& StudyScores::panel_of(std::span<const std::string> names) const {
  const std::vector<std::string> all = this->names();
  std::set<std::string> proxies;
  for (const std::string& name : names) {
    if (std::find(all.begin(), all.end(), name) == all.end()) {
      throw Error(ErrorKind::kUsage, unknown_name("score", name, all));
    }
    proxies.insert(proxy_of_metric(name));
  }
  std::unique_ptr<Panel>& panel =
      panels_[join(std::vector<std::string>(proxies.begin(), proxies.end()), "+")];
  if (panel) return *panel;
  std::vector<ProxyChoice> choices;
  for (const std::string& proxy : proxies) choices.push_back(proxy_choice(config_.scores, proxy));
  auto made = std::make_unique<Panel>();
  made->task = scoring_task(session_, space_, config_.scores.data);
  made->network = network_text(space_, made->task);
  made->engine = make_engine(session_, scoring_choice(config_, choices));
  made->names = made->engine->outputs().names;
  made->sees_dead_nodes = made->engine->outputs().sees_dead_nodes;
  for (std::size_t i = 0; i < made->names.size(); ++i) {
    const auto choice =
        std::find_if(choices.begin(), choices.end(), [&](const ProxyChoice& candidate) {
          return candidate.name == proxy_of_metric(made->names[i]);
        });
    made->fidelities.push_back(score_fidelity(*made->engine, {&*choice, 1}));
    made->by_text = made->by_text || made->sees_dead_nodes[i];
  }
  panel = std::move(made);
  return *panel;
}

/// Reads what the store knows; the rest has to be computed.
std::vector<StudyScores::Pending> StudyScores::missing(const Panel& panel,
                                                       std::span<const Architecture> architectures,
                                                       Store& store) const {
  std::vector<Pending> jobs;
  std::map<std::string, std::size_t> places;  // by what makes scores equal
  std::set<std::string> seen;
  for (const Architecture& architecture : architectures) {
    if (session_.stop().stop_requested()) throw ScoringStopped(ErrorKind::kUsage, "stopped");
    const std::string text = space_.format(architecture);
    if (!seen.insert(text).second) continue;
    Row& row = known_[text];
    const auto known = [&row](const std::string& name) { return row.contains(name); };
    if (std::all_of(panel.names.begin(), panel.names.end(), known)) continue;
    Candidate candidate = identify(space_, architecture);
    bool complete = true;
    for (std::size_t i = 0; i < panel.names.size(); ++i) {
      if (!candidate.objection.empty()) {
        row[panel.names[i]] = kFailed;
        continue;
      }
      const auto value = store.find_metric(candidate.digest, panel.network, panel.names[i],
                                           panel.fidelity(i, text), {});
      complete = complete && value.has_value();
      if (value) row[panel.names[i]] = value->value;
    }
    if (complete) continue;
    const auto [place, added] =
        places.try_emplace(panel.by_text ? text : to_hex(candidate.digest), jobs.size());
    if (added) {
      jobs.push_back({std::move(candidate), {}, {}, {}});
    } else {
      jobs[place->second].sharers.push_back(text);
    }
  }
  return jobs;
}

/// On as many threads as the study has workers; every score is stored as soon as it is there.
void StudyScores::compute(const Panel& panel, std::vector<Pending>& jobs, Store& store) const {
  progress_->begin("scoring networks", static_cast<std::int64_t>(jobs.size()));
  std::int64_t kept = 0;
  const std::size_t done =
      run_jobs(jobs.size(), {.threads = config_.workers,
                             .stop = session_.stop(),
                             .begin = [] { set_intra_op_threads(1); },
                             .run = [&](std::size_t job) { run_job(panel, jobs[job]); },
                             .keep =
                                 [&](std::span<const std::size_t> finished) {
                                   for (const std::size_t job : finished) {
                                     keep(panel, jobs[job], store);
                                   }
                                   kept += static_cast<std::int64_t>(finished.size());
                                   progress_->update(kept, "");
                                 }});
  progress_->end();
  if (done < jobs.size()) throw ScoringStopped(ErrorKind::kUsage, "stopped");
  say_failures(jobs);
}

void StudyScores::run_job(const Panel& panel, Pending& job) const {
  try {
    for (const ProxyScore& score :
         panel.engine->score(space_.build(job.candidate.architecture, panel.task))) {
      job.row[score.name] = score.value;
      if (score.value == kFailed) job.failure = score.name + ": " + score.note;
    }
  } catch (const Error& failure) {
    if (failure.kind() == ErrorKind::kUsage) throw;  // settings that fit no network
    job.failure = failure.what();
    for (const std::string& name : panel.names) job.row[name] = kFailed;
  }
}

void StudyScores::keep(const Panel& panel, const Pending& job, Store& store) const {
  const Candidate& candidate = job.candidate;
  std::vector<MetricValue> metrics;
  for (std::size_t i = 0; i < panel.names.size(); ++i) {
    metrics.push_back({panel.names[i], job.row.find(panel.names[i])->second, MetricSource::kProxy,
                       panel.fidelity(i, candidate.text), std::nullopt, panel.network});
  }
  store.add_metrics({config_.space.name, space_.info().version, candidate.text, candidate.digest,
                     candidate.published_params, candidate.published_macs},
                    metrics);
  for (const auto& [name, value] : job.row) known_[candidate.text][name] = value;
  for (const std::string& sharer : job.sharers) known_[sharer] = known_[candidate.text];
}

void StudyScores::say_failures(const std::vector<Pending>& jobs) const {
  std::size_t count = 0;
  const Pending* first = nullptr;
  for (const Pending& job : jobs) {
    if (job.failure.empty()) continue;
    ++count;
    if (first == nullptr) first = &job;
  }
  if (first == nullptr) return;
  progress_->message(
      std::to_string(count) + " of " + std::to_string(jobs.size()) +
      " networks have scores that could not be computed, the first: " + first->failure);
}

}  // namespace nas
