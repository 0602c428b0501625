#include "tests/predictors/latency_protocol.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "predictors/transfer/ridge.h"
#include "predictors/transfer/subject_blocks.h"

namespace nas::test {
namespace {

double rank(const std::vector<double>& a, const std::vector<double>& b) {
  return spearman(a, b).value_or(0);
}

std::vector<double> pick(const std::vector<double>& values, std::span<const std::size_t> rows) {
  std::vector<double> picked;
  for (const std::size_t row : rows) picked.push_back(values[row]);
  return picked;
}

/// One target under one protocol; the draws share what does not depend on them.
class Target {
 public:
  Target(const LatencyTable& table, const LatencyTask& task, const LatencyProtocol& protocol,
         const std::string& device)
      : table_(table), task_(task), protocol_(protocol), truth_(table.devices.at(device)) {
    for (std::size_t row = 0; row < protocol.pool; ++row) {
      if (truth_[row] > 0) pool_.push_back(row);
    }
    for (std::size_t row = protocol.pool; row < protocol.pool + protocol.queries; ++row) {
      if (truth_[row] > 0) queries_.push_back(row);
    }
    std::vector<std::size_t> order(queries_.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return truth_[queries_[a]] < truth_[queries_[b]];
    });
    const auto cut = static_cast<std::ptrdiff_t>(order.size() / 10);
    middle_.assign(order.begin() + cut, order.end() - cut);
    for (const std::size_t row : queries_) subjects_.push_back(subject(row));
    counts_ = counts_of();
  }

  void draw(TransferPredictor& predictor, std::uint64_t seed, LatencyScore& score) const {
    std::vector<std::size_t> rows = samples(predictor, seed), all = rows;
    if (protocol_.whole_pool) {
      const auto add = [&all](std::size_t row) {
        if (std::find(all.begin(), all.end(), row) == all.end()) all.push_back(row);
      };
      for (const std::size_t row : task_.references) add(row);
      for (const std::size_t row : pool_) add(row);
    }
    std::vector<Subject> measured;
    for (const std::size_t row : all) measured.push_back(subject(row));
    predictor.adapt(measured, pick(truth_, all));
    judge(predictor.forecast(subjects_), score);
    judge_baselines(rows, pick(truth_, rows), score);
  }

 private:
  Subject subject(std::size_t row) const {
    return {table_.space.get(), &table_.architectures[row], nullptr};
  }

  std::vector<std::size_t> samples(const TransferPredictor& predictor, std::uint64_t seed) const {
    std::vector<std::size_t> rows = protocol_.middle_pool ? middle_of(pool_) : pool_;
    Rng rng({.seed = seed, .purpose = Purpose::kTest});
    rng.shuffle(std::span(rows));
    rows.resize(
        std::min(rows.size(), protocol_.designed ? protocol_.candidates : protocol_.samples));
    if (!protocol_.designed) return rows;
    for (const Architecture& reference : predictor.references()) {
      const auto found =
          std::find(table_.architectures.begin(), table_.architectures.end(), reference);
      rows.push_back(static_cast<std::size_t>(found - table_.architectures.begin()));
    }
    std::vector<Subject> candidates;
    for (const std::size_t row : rows) candidates.push_back(subject(row));
    std::vector<std::size_t> chosen;
    for (const std::size_t i : predictor.suggest(candidates, {}, protocol_.samples)) {
      chosen.push_back(rows[i]);
    }
    return chosen;
  }

  /// Without the tenths that are fastest and slowest.
  std::vector<std::size_t> middle_of(std::vector<std::size_t> rows) const {
    std::stable_sort(rows.begin(), rows.end(),
                     [this](std::size_t a, std::size_t b) { return truth_[a] < truth_[b]; });
    const auto cut = static_cast<std::ptrdiff_t>(rows.size() / 10);
    return {rows.begin() + cut, rows.end() - cut};
  }

  double ranks(const std::vector<double>& values, bool middle) const {
    if (!middle) return rank(pick(truth_, queries_), values);
    return rank(pick(pick(truth_, queries_), middle_), pick(values, middle_));
  }

  void judge(const std::vector<Forecast>& forecasts, LatencyScore& score) const {
    const double share = 1 / static_cast<double>(protocol_.seeds);
    const double part = share / static_cast<double>(queries_.size());
    std::vector<double> values;
    for (std::size_t i = 0; i < forecasts.size(); ++i) {
      const double truth = truth_[queries_[i]];
      values.push_back(forecasts[i].mean);
      score.within_10 += std::abs(values[i] - truth) <= 0.1 * truth ? part : 0;
      for (std::size_t k = 0; k < 3; ++k) {
        constexpr double kProbabilities[] = {0.5, 0.8, 0.95};
        const Interval interval = interval_of(forecasts[i], kProbabilities[k]);
        score.covered[k] += truth >= interval.low && truth <= interval.high ? part : 0;
      }
    }
    const double all = ranks(values, false), middle = ranks(values, true);
    score.all += all * share;
    score.middle += middle * share;
    score.worst = std::min(score.worst, middle);
    score.worst_all = std::min(score.worst_all, all);
  }

  void judge_baselines(std::span<const std::size_t> rows, const std::vector<double>& latencies,
                       LatencyScore& score) const {
    const double share = 1 / static_cast<double>(protocol_.seeds);
    const std::size_t width = counts_.size() / table_.architectures.size();
    std::vector<double> inputs;
    for (const std::size_t row : rows) {
      inputs.insert(inputs.end(), counts_.begin() + static_cast<std::ptrdiff_t>(row * width),
                    counts_.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
    }
    constexpr double kPenalty[] = {0.2};
    const LinearModel ridge = fit_ridge(inputs, width, latencies, kPenalty).front();
    std::vector<double> linear;
    for (const std::size_t row : queries_) {
      linear.push_back(ridge.predict(std::span(counts_).subspan(row * width, width)));
    }
    score.ridge += ranks(linear, true) * share;
    score.ridge_all += ranks(linear, false) * share;
    double best = -2;
    const std::vector<double>* source = nullptr;
    for (const std::string& name : task_.sources) {
      const std::vector<double>& values = table_.devices.at(name);
      const double agreement = rank(latencies, pick(values, rows));
      if (agreement <= best) continue;
      best = agreement;
      source = &values;
    }
    score.source += ranks(pick(*source, queries_), true) * share;
    score.source_all += ranks(pick(*source, queries_), false) * share;
    score.macs += ranks(pick(table_.macs, queries_), true) * share;
    score.macs_all += ranks(pick(table_.macs, queries_), false) * share;
  }

  /// Counts of operations, in spaces without cells costs; standardised over the pool.
  std::vector<double> counts_of() const {
    const std::span<const Decision> decisions = table_.space->decisions();
    const bool cells = dynamic_cast<const CellGraphs*>(table_.space.get()) != nullptr;
    BlockRows rows{table_.architectures.size(), {{}}};
    for (std::size_t row = 0; row < rows.rows; ++row) {
      const Architecture& architecture = table_.architectures[row];
      std::vector<double> counts(decisions.front().choices.size(), 0.0);
      for (const std::uint16_t choice : architecture.choices) counts[choice] += 1;
      if (passes_nothing(decisions.front().choices.front())) counts.erase(counts.begin());
      if (!cells) counts = table_.costs[row];
      rows.blocks[0].insert(rows.blocks[0].end(), counts.begin(), counts.end());
    }
    BlockRows pool{protocol_.pool, {{}}};
    const std::size_t width = rows.blocks[0].size() / rows.rows;
    const auto end = rows.blocks[0].begin() + static_cast<std::ptrdiff_t>(protocol_.pool * width);
    pool.blocks[0].assign(rows.blocks[0].begin(), end);
    BlockScale::of(pool).apply(rows);
    return rows.blocks[0];
  }

  const LatencyTable& table_;
  const LatencyTask& task_;
  const LatencyProtocol& protocol_;
  const std::vector<double>& truth_;
  std::vector<std::size_t> pool_, queries_;
  std::vector<std::size_t> middle_;  ///< positions in `queries_`
  std::vector<Subject> subjects_;    ///< of the queries
  std::vector<double> counts_;
};

}  // namespace

OptionMap help_options(const LatencyTable& table, const LatencyTask& task) {
  std::vector<std::string> texts;
  for (const std::size_t row : task.references) {
    texts.push_back(table.space->format(table.architectures[row]));
  }
  return {{"references", join(texts, " ")}, {"validation", std::to_string(task.validation.size())}};
}

std::unique_ptr<Predictor> fit_sources(const LatencyTable& table, const LatencyTask& task,
                                       const LatencyProtocol& protocol) {
  auto predictor = make_predictor(protocol.predictor, protocol.options);
  std::vector<TransferTask> sources;
  const auto add = [&](const std::string& name) {
    TransferTask& source = sources.emplace_back();
    source.name = name;
    const std::vector<double>& values = table.devices.at(name);
    const auto add_row = [&](std::size_t row) {
      source.subjects.push_back({table.space.get(), &table.architectures[row], nullptr});
      source.targets.push_back(values[row]);
    };
    for (std::size_t row = 0; row < protocol.source_rows; ++row) add_row(row);
    if (!protocol.options.contains("references")) return;
    for (const std::size_t row : task.references) {
      if (row >= protocol.source_rows) add_row(row);
    }
  };
  for (const std::string& name : task.sources) add(name);
  if (protocol.options.contains("validation")) {
    for (const std::string& name : task.validation) add(name);
  }
  dynamic_cast<TransferPredictor&>(*predictor).fit_tasks(sources, {}, {.seed = protocol.fit_seed});
  return predictor;
}

std::map<std::string, LatencyScore> run_protocol(const LatencyTable& table, const LatencyTask& task,
                                                 const LatencyProtocol& protocol,
                                                 TransferPredictor& predictor) {
  std::map<std::string, LatencyScore> scores;
  for (const std::string& device : task.targets) {
    const Target target(table, task, protocol, device);
    for (std::uint64_t seed = 0; seed < protocol.seeds; ++seed) {
      target.draw(predictor, seed, scores[device]);
    }
  }
  return scores;
}

std::map<std::string, LatencyScore> run_protocol(const LatencyTable& table, const LatencyTask& task,
                                                 const LatencyProtocol& protocol) {
  const auto predictor = fit_sources(table, task, protocol);
  return run_protocol(table, task, protocol, dynamic_cast<TransferPredictor&>(*predictor));
}

LatencyScore mean_of(const std::map<std::string, LatencyScore>& scores) {
  LatencyScore mean;
  const double part = 1 / static_cast<double>(scores.size());
  for (const auto& [device, one] : scores) {
    mean.worst = std::min(mean.worst, one.worst);
    mean.worst_all = std::min(mean.worst_all, one.worst_all);
    for (const auto member :
         {&LatencyScore::all, &LatencyScore::middle, &LatencyScore::within_10, &LatencyScore::ridge,
          &LatencyScore::ridge_all, &LatencyScore::source, &LatencyScore::source_all,
          &LatencyScore::macs, &LatencyScore::macs_all}) {
      mean.*member += one.*member * part;
    }
    for (std::size_t k = 0; k < 3; ++k) mean.covered[k] += one.covered[k] * part;
  }
  return mean;
}

}  // namespace nas::test
