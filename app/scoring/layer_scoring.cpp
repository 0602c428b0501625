#include "app/scoring/layer_scoring.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "app/scoring/scoring.h"
#include "core/runtime/model.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"
#include "core/util/stopwatch.h"

namespace nas {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// A statistic: the proxy whose layer values it is, as a mean over the layer's weights or not.
struct Statistic {
  std::string_view metric;
  std::string_view proxy;
  bool mean;
};
constexpr Statistic kStatistics[] = {{"grad_norm", "grad_norm", false},
                                     {"snip_mean", "snip", true},
                                     {"synflow_bn_mean", "synflow_bn", true}};
constexpr std::size_t kCount = std::size(kStatistics);

ScoringChoice engine_choice(const LayerScoring& scoring) {
  ScoringChoice choice;
  for (const Statistic& statistic : kStatistics) {
    choice.proxies.push_back({std::string(statistic.proxy), {}});
  }
  choice.settings.seed = scoring.seed;
  choice.settings.batch = scoring.batch;
  choice.settings.augment = false;
  choice.settings.normalisation = "half";
  choice.data = scoring.data;
  return choice;
}

/// "nodes", with the settings that differ from the usual ones: other values stand beside these.
std::string statistic_of(const LayerScoring& scoring) {
  const LayerScoring usual;
  std::string text = "nodes";
  if (scoring.seed != usual.seed) text += ";seed=" + std::to_string(scoring.seed);
  if (scoring.batch != usual.batch) text += ";batch=" + std::to_string(scoring.batch);
  return text;
}

class LayerScorer {
 public:
  LayerScorer(Session& session, const LayerScoring& scoring)
      : session_(session),
        scoring_(scoring),
        choice_(engine_choice(scoring)),
        stored_(session.writer().open_benchmark(scoring.benchmark)),
        space_(benchmark_space()),
        task_(scoring_task(session, space_, scoring.data)),
        engine_(make_engine(session, choice_)),
        table_(stored_->info()) {
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < stored_->rows(); ++row) texts.push_back(stored_->text(row));
    table_.set_rows(std::move(texts));
  }

  LayerScoringReport run() {
    const Stopwatch watch;
    measure_width();
    add_columns();
    take_earlier();
    choose_rows();
    session_.progress().begin("node-wise statistics of " + scoring_.benchmark,
                              static_cast<std::int64_t>(jobs_.size()));
    work();
    session_.progress().end();
    store();
    report_.complete = report_.scored == static_cast<std::int64_t>(jobs_.size());
    for (const BenchmarkColumn& column : columns_) report_.columns.push_back(column_text(column));
    report_.seconds = watch.seconds();
    return report_;
  }

 private:
  const SearchSpace& benchmark_space() {
    if (stored_->info().space.empty()) {
      throw Error(ErrorKind::kUsage,
                  "benchmark '" + scoring_.benchmark +
                      "' belongs to no known search space, so its networks cannot be built");
    }
    return session_.space({stored_->info().space, {}});
  }

  ArchGraph graph_of(std::size_t row) const {
    return space_.build(space_.parse(table_.text(row)), task_);
  }

  void measure_width() {
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      if (session_.stop().stop_requested()) throw Error(ErrorKind::kUsage, "interrupted");
      const auto layers = static_cast<std::int64_t>(weight_layers(graph_of(row)).size());
      report_.width = std::max(report_.width, layers);
    }
  }

  void add_columns() {
    for (const Statistic& statistic : kStatistics) {
      BenchmarkColumn column;
      column.metric = std::string(statistic.metric);
      column.dataset = engine_->data_id();
      column.statistic = statistic_of(scoring_);
      column.source = MetricSource::kProxy;
      column.width = report_.width;
      column.origin = "searchlight " + version_text() + ", " +
                      settings_text(choice_.settings, engine_->data_id());
      column.network = network_text(space_, task_);
      columns_.push_back(column);
    }
  }

  /// Values of the same engine and settings are continued, others are replaced, and that is said.
  void take_earlier() {
    for (BenchmarkColumn& column : columns_) {
      values_.emplace_back(table_.rows() * static_cast<std::size_t>(report_.width), kMissing);
      const std::string text = column_text(column);
      for (std::size_t i = 0; i < stored_->columns().size(); ++i) {
        const BenchmarkColumn& known = stored_->columns()[i];
        if (column_text(known) != text) continue;
        if (known.width != column.width || known.network != column.network ||
            !same_scoring(known.origin, column.origin)) {
          session_.progress().message(text + " was measured by " + known.origin +
                                      "; this is another engine or another setting: measured anew");
          continue;
        }
        column.origin = known.origin;  // the program that began it
        const std::vector<std::string> wide = {text};
        const auto earlier = session_.writer().open_benchmark(scoring_.benchmark, wide);
        const auto values = earlier->values(i);
        values_.back().assign(values.begin(), values.end());
      }
    }
  }

  void choose_rows() {
    std::vector<std::size_t> rows(table_.rows());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    const auto wanted = static_cast<std::size_t>(scoring_.count);
    if (wanted > 0 && wanted < rows.size()) {
      Rng rng({.seed = scoring_.seed, .purpose = Purpose::kSample});
      rng.shuffle(std::span(rows));
      rows.resize(wanted);
    }
    report_.rows = static_cast<std::int64_t>(rows.size());
    for (const std::size_t row : rows) {
      const bool finished =
          std::none_of(values_.begin(), values_.end(), [&](const std::vector<double>& column) {
            return std::isnan(column[row * static_cast<std::size_t>(report_.width)]);
          });
      if (finished) {
        ++report_.resumed;
      } else {
        jobs_.push_back(row);
      }
    }
  }

  /// The layer values of a row, by statistic.
  using RowValues = std::array<std::vector<double>, kCount>;

  RowValues values_of(std::size_t row) const {
    const ArchGraph graph = graph_of(row);
    const std::vector<WeightLayer> layers = weight_layers(graph);
    const std::vector<ProxyScore> scores = engine_->score(graph);
    RowValues values;
    for (std::size_t i = 0; i < kCount; ++i) {
      for (std::size_t k = 0; k < layers.size(); ++k) {
        const auto weights = static_cast<double>(layers[k].weights);
        values[i].push_back(scores[i].layers[k] / (kStatistics[i].mean ? weights : 1));
      }
    }
    return values;
  }

  void keep(std::size_t row, const RowValues& values) {
    for (std::size_t i = 0; i < kCount; ++i) {
      const std::size_t first = row * static_cast<std::size_t>(report_.width);
      std::copy(values[i].begin(), values[i].end(),
                values_[i].begin() + static_cast<std::ptrdiff_t>(first));
    }
    ++report_.scored;
  }

  void work() {
    std::vector<RowValues> found(jobs_.size());
    Stopwatch since_stored;
    run_jobs(jobs_.size(), {.threads = scoring_.workers,
                            .stop = session_.stop(),
                            .begin = [] { set_intra_op_threads(1); },
                            .run = [&](std::size_t job) { found[job] = values_of(jobs_[job]); },
                            .keep =
                                [&](std::span<const std::size_t> finished) {
                                  for (const std::size_t job : finished) {
                                    keep(jobs_[job], std::exchange(found[job], {}));
                                  }
                                  session_.progress().update(report_.scored, "");
                                  if (since_stored.seconds() < scoring_.flush_seconds) return;
                                  store();
                                  since_stored.restart();
                                }});
  }

  void store() {
    for (std::size_t i = 0; i < kCount; ++i) table_.put_column(columns_[i], values_[i]);
    std::vector<std::size_t> places(table_.columns().size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    session_.writer().put_benchmark_columns(table_, places);
  }

  Session& session_;
  const LayerScoring& scoring_;
  const ScoringChoice choice_;
  std::shared_ptr<const Benchmark> stored_;
  const SearchSpace& space_;
  const Task task_;
  std::unique_ptr<ProxyEngine> engine_;
  Benchmark table_;  ///< the rows and our columns only
  std::vector<BenchmarkColumn> columns_;
  std::vector<std::vector<double>> values_;  ///< by statistic, rows x width; NaN = not yet, padding
  std::vector<std::size_t> jobs_;            ///< rows
  LayerScoringReport report_;
};

}  // namespace

LayerScoringReport score_layers(Session& session, const LayerScoring& scoring) {
  return LayerScorer(session, scoring).run();
}

}  // namespace nas
