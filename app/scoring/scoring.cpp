#include "app/scoring/scoring.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "app/benchmarks/benchmarks.h"
#include "core/ir/same/digest.h"
#include "core/runtime/model.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"
#include "predictors/zerocost/aggregate.h"
#include "predictors/zerocost/proxy.h"

namespace nas {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kFailed = -std::numeric_limits<double>::infinity();

/// The proxies of a choice that dead nodes change: they run for every row.
std::vector<ProxyChoice> row_by_row(const std::vector<ProxyChoice>& choices) {
  std::vector<ProxyChoice> kept;
  for (const ProxyChoice& choice : choices) {
    const auto proxy = find_plugin(proxy_plugins(), "proxy", choice.name).make(choice.options);
    if (proxy->sees_dead_nodes()) kept.push_back(choice);
  }
  return kept;
}

/// "seed=0;batch=64;...": columns of other settings stand beside these.
std::string statistic_of(const ScoreSettings& settings, const ProxyChoice& choice) {
  // A proxy that makes its networks' weights itself says how; the setting is not its own.
  const OptionMap all = find_plugin(proxy_plugins(), "proxy", choice.name).resolve(choice.options);
  const auto own_init = all.find("init");
  std::string text = "seed=" + std::to_string(settings.seed) +
                     ";batch=" + std::to_string(settings.batch) +
                     ";repeats=" + std::to_string(settings.repeats) +
                     ";init=" + (own_init == all.end() ? settings.init : own_init->second);
  if (settings.batches != 1) text += ";batches=" + std::to_string(settings.batches);
  if (!settings.augment) text += ";augment=false";
  if (settings.normalisation != "dataset") text += ";normalisation=" + settings.normalisation;
  for (const auto& [name, value] : choice.options) {
    if (name != "init") text += ";" + name + "=" + value;
  }
  return text;
}

class Scorer {
 public:
  Scorer(Session& session, const BenchmarkScoring& scoring, const SearchSpace& space,
         Benchmark& table)
      : session_(session),
        scoring_(scoring),
        space_(space),
        table_(table),
        task_(scoring_task(session, space, scoring.choice.data)),
        engine_(make_engine(session, scoring.choice)) {
    ScoringChoice rest = scoring.choice;
    rest.proxies = row_by_row(rest.proxies);
    if (!rest.proxies.empty()) rest_ = make_engine(session, rest);
    add_columns();
  }

  ScoringReport run() {
    const Stopwatch watch;
    rows_ = scored_rows(scoring_, table_.rows());
    report_.rows = static_cast<std::int64_t>(rows_.size());
    group_rows();
    session_.progress().begin("scoring " + table_.info().name,
                              static_cast<std::int64_t>(jobs_.size()));
    work();
    session_.progress().end();
    report_.complete = done_ == jobs_.size() && !session_.stop().stop_requested();
    if (report_.complete) add_set_scores();
    store();
    count_failures();
    report_.seconds = watch.seconds();
    return report_;
  }

 private:
  /// A row that is run; the others of its class take what they may share.
  struct Job {
    std::size_t row = 0;
    bool whole = true;  ///< false: only the scores that dead nodes change
    std::vector<std::size_t> sharers{};
  };

  void add_columns() {
    std::size_t first = 0;
    for (const ProxyChoice& choice : scoring_.choice.proxies) {
      const auto proxy = find_plugin(proxy_plugins(), "proxy", choice.name).make(choice.options);
      const bool drawn = proxy->needs() != 0;
      for (std::size_t i = 0; i < proxy->outputs().size(); ++i, ++first) {
        BenchmarkColumn column;
        column.metric = engine_->outputs().names[first];
        column.dataset = drawn ? engine_->data_id() : "";
        column.statistic = drawn ? statistic_of(scoring_.choice.settings, choice) : "";
        column.source = MetricSource::kProxy;
        column.origin = "searchlight " + version_text() + ", " +
                        (drawn ? settings_text(scoring_.choice.settings, engine_->data_id())
                               : "engine=" + std::to_string(kProxyEngineVersion));
        column.network = network_text(space_, task_);
        put(column);
      }
    }
  }

  /// Earlier values of the same engine and settings stay: a stopped call resumes from them.
  void put(const BenchmarkColumn& column) {
    const std::string text = column_text(column);
    columns_.push_back(column);
    values_.emplace_back(table_.rows(), kMissing);
    const auto known = table_.columns();
    for (std::size_t i = 0; i < known.size(); ++i) {
      if (column_text(known[i]) != text) continue;
      if (!same_scoring(known[i].origin, column.origin)) {
        session_.progress().message(text + " was scored by " + known[i].origin +
                                    "; this is another engine or another setting: scored anew");
        return;
      }
      columns_.back().origin = known[i].origin;  // the program that began it
      const auto values = table_.values(i);
      values_.back().assign(values.begin(), values.end());
      return;
    }
  }

  bool finished(std::size_t row) const {
    return std::none_of(values_.begin(), values_.end(),
                        [row](const auto& column) { return std::isnan(column[row]); });
  }

  void group_rows() {
    std::map<std::string, std::size_t> first_of;  // digest -> job, or kStored
    for (const std::size_t row : rows_) {
      if (session_.stop().stop_requested()) return;
      const ArchGraph graph = space_.build(space_.parse(table_.text(row)), task_);
      const auto [at, added] = first_of.try_emplace(to_hex(digest(graph)), leaders_.size());
      if (added) leaders_.push_back({row, finished(row) ? kStored : jobs_.size()});
      if (finished(row)) {
        ++report_.resumed;
        continue;
      }
      Leader& leader = leaders_[at->second];
      if (added) {
        jobs_.push_back({row});
      } else if (leader.job == kStored) {
        share(leader.row, row);
        add_rest(row);
      } else {
        jobs_[leader.job].sharers.push_back(row);
        add_rest(row);
      }
    }
  }

  void add_rest(std::size_t row) {
    ++report_.shared;
    if (rest_ != nullptr) jobs_.push_back({row, false});
  }

  void share(std::size_t from, std::size_t to) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!engine_->outputs().sees_dead_nodes[i]) values_[i][to] = values_[i][from];
    }
  }

  struct Found {
    std::vector<ProxyScore> scores;
    std::string failure;
  };

  Found run_job(const Job& job) const {
    const ProxyEngine& engine = job.whole ? *engine_ : *rest_;
    Found found;
    try {
      found.scores = engine.score(space_.build(space_.parse(table_.text(job.row)), task_));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kUsage) throw;
      found.failure = error.what();
      for (const std::string& name : engine.outputs().names) {
        found.scores.push_back({name, kFailed});
      }
    }
    return found;
  }

  void keep(const Job& job, const Found& found) {
    if (report_.first_failure.empty()) report_.first_failure = found.failure;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      for (const ProxyScore& score : found.scores) {
        if (score.name == engine_->outputs().names[i]) values_[i][job.row] = score.value;
      }
    }
    for (const std::size_t row : job.sharers) share(job.row, row);
    report_.scored += job.whole ? 1 : 0;
    ++done_;
  }

  void work() {
    std::vector<Found> found(jobs_.size());
    Stopwatch since_stored;
    run_jobs(jobs_.size(), {.threads = scoring_.workers,
                            .stop = session_.stop(),
                            .begin = [] { set_intra_op_threads(1); },
                            .run = [&](std::size_t job) { found[job] = run_job(jobs_[job]); },
                            .keep =
                                [&](std::span<const std::size_t> finished) {
                                  for (const std::size_t job : finished) {
                                    keep(jobs_[job], std::exchange(found[job], {}));
                                  }
                                  session_.progress().update(static_cast<std::int64_t>(done_), "");
                                  if (since_stored.seconds() < scoring_.flush_seconds) return;
                                  write_columns();
                                  session_.writer().put_benchmark_columns(table_, places());
                                  since_stored.restart();
                                }});
  }

  void write_columns() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      table_.put_column(columns_[i], values_[i]);
    }
  }

  /// Where the scores are among the table's columns, whose order a replacement changes.
  std::vector<std::size_t> places() const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < table_.columns().size(); ++i) {
      const std::string text = column_text(table_.columns()[i]);
      const bool ours =
          std::any_of(columns_.begin(), columns_.end(),
                      [&](const BenchmarkColumn& column) { return column_text(column) == text; });
      if (ours) found.push_back(i);
    }
    return found;
  }

  void add_set_scores() {
    const std::vector<std::string> names = engine_->outputs().names;
    for (const SetScore& set : set_scores()) {
      std::vector<std::vector<double>> inputs;
      BenchmarkColumn column;
      for (const std::string& input : set.inputs) {
        const auto at = std::find(names.begin(), names.end(), input);
        if (at == names.end()) break;
        const auto index = static_cast<std::size_t>(at - names.begin());
        column = columns_[index];
        inputs.emplace_back();
        for (const std::size_t row : rows_) inputs.back().push_back(values_[index][row]);
      }
      if (inputs.size() != set.inputs.size()) continue;
      const std::vector<double> combined = combine(set, inputs);
      column.metric = set.name;
      column.statistic += ";set=" + std::to_string(rows_.size());
      put(column);
      for (std::size_t i = 0; i < rows_.size(); ++i) values_.back()[rows_[i]] = combined[i];
    }
  }

  void store() {
    write_columns();
    session_.writer().put_benchmark_columns(table_, places());
    session_.forget_benchmark(scoring_.benchmark);  // readers see the new columns
    for (const BenchmarkColumn& column : columns_) report_.columns.push_back(column_text(column));
  }

  void count_failures() {
    for (const std::size_t row : rows_) {
      report_.failed += std::any_of(values_.begin(), values_.end(),
                                    [row](const auto& column) { return column[row] == kFailed; });
    }
  }

  static constexpr std::size_t kStored = std::numeric_limits<std::size_t>::max();
  struct Leader {
    std::size_t row = 0;
    std::size_t job = kStored;
  };

  Session& session_;
  const BenchmarkScoring& scoring_;
  const SearchSpace& space_;
  Benchmark& table_;
  const Task task_;
  std::unique_ptr<ProxyEngine> engine_;
  std::unique_ptr<ProxyEngine> rest_;
  std::vector<BenchmarkColumn> columns_;     ///< by score
  std::vector<std::vector<double>> values_;  ///< by score; NaN = not scored yet
  std::vector<std::size_t> rows_;
  std::vector<Leader> leaders_;
  std::vector<Job> jobs_;
  std::size_t done_ = 0;
  ScoringReport report_;
};

}  // namespace

bool same_scoring(const std::string& origin, const std::string& other) {
  const auto way = [](std::string_view text) {  // without the program's version
    return text.substr(std::min(text.find(", "), text.size()));
  };
  return way(origin) == way(other);
}

std::vector<std::size_t> scored_rows(const BenchmarkScoring& scoring, std::size_t rows) {
  std::vector<std::size_t> chosen(rows);
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  const auto wanted = static_cast<std::size_t>(scoring.count);
  if (wanted > 0 && wanted < rows) {
    Rng rng({.seed = scoring.choice.settings.seed, .purpose = Purpose::kSample});
    rng.shuffle(std::span(chosen));
    chosen.resize(wanted);
    std::sort(chosen.begin(), chosen.end());
  }
  return chosen;
}

ScoringReport score_benchmark(Session& session, const BenchmarkScoring& scoring) {
  ScoredTable scored = open_scored_table(session, scoring);
  return Scorer(session, scoring, *scored.space, scored.table).run();
}

ScoredTable open_scored_table(Session& session, const BenchmarkScoring& scoring) {
  const auto rows =
      session.store_exists() ? session.writer().benchmarks() : std::vector<BenchmarkRow>{};
  const bool known = std::any_of(rows.begin(), rows.end(), [&](const BenchmarkRow& row) {
    return row.info.name == scoring.benchmark;
  });
  if (!known) {
    if (scoring.space.name.empty()) {
      throw Error(ErrorKind::kUsage, "there is no benchmark '" + scoring.benchmark +
                                         "'; name a --space to make one of its architectures");
    }
    session.writer().put_benchmark(unscored_benchmark(session, scoring));
  }
  const auto stored = session.writer().open_benchmark(scoring.benchmark);
  // Earlier versions stored the name of the space alone.
  if (!scoring.space.name.empty() && scoring.space.name != stored->info().space &&
      &session.space(scoring.space) != space_of(session, stored->info())) {
    throw Error(ErrorKind::kUsage, "--space " + to_string(scoring.space) +
                                       " has no effect: benchmark '" + scoring.benchmark +
                                       "' is of space '" + stored->info().space + "'");
  }
  const SearchSpace* space = space_of(session, stored->info());
  if (space == nullptr) {
    throw Error(ErrorKind::kUsage,
                "benchmark '" + scoring.benchmark +
                    "' belongs to no known search space, so its networks cannot be built");
  }
  Benchmark table(stored->info());
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < stored->rows(); ++row) texts.push_back(stored->text(row));
  table.set_rows(std::move(texts));
  for (std::size_t i = 0; i < stored->columns().size(); ++i) {
    const BenchmarkColumn& column = stored->columns()[i];
    if (column.source != MetricSource::kProxy || column.width != 1) continue;
    const auto values = stored->values(i);
    table.add_column(column, {values.begin(), values.end()});
  }
  return {space, std::move(table)};
}

}  // namespace nas
