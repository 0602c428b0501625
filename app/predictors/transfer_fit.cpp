#include "app/predictors/transfer_fit.h"

#include <algorithm>
#include <cmath>

#include "app/benchmarks/benchmarks.h"
#include "app/predictors/measurement_file.h"
#include "app/predictors/transfer_score.h"
#include "app/study/constraint.h"
#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "predictors/transfer/ridge.h"
#include "predictors/transfer/subject_blocks.h"

namespace nas {
namespace {

constexpr std::size_t kCandidates = 500;  // of which the samples are chosen
constexpr double kRidgePenalty = 0.2;     // of the baseline, on standardised counts

/// The devices that are known, and the predictor that has learned from them.
struct Known {
  std::shared_ptr<const Benchmark> table;  ///< may be null
  const SearchSpace* space = nullptr;
  PluginChoice choice;  ///< the space as the table names it, or as it is asked for
  MetricKey target;
  std::vector<std::size_t> sources;  ///< columns of the table
  std::vector<Architecture> rows;    ///< of the table; random ones where there is none
  OptionMap options;                 ///< resolved
  std::unique_ptr<Predictor> predictor;
  std::vector<std::string> notes;

  TransferPredictor& transfer() const { return dynamic_cast<TransferPredictor&>(*predictor); }
  Subject subject(std::size_t row) const { return {space, &rows[row], nullptr}; }
  std::vector<Subject> subjects(std::span<const std::size_t> which) const {
    std::vector<Subject> result;
    for (const std::size_t row : which) result.push_back(subject(row));
    return result;
  }
};

/// "latency_ms@mine", or any name of a column that says a device.
MetricKey target_of(const KnownDevices& request) {
  const ColumnQuery query = parse_column_query(request.target);
  const auto device = query.wanted.find("device");
  if (device == query.wanted.end()) {
    throw Error(ErrorKind::kUsage, "target '" + printable(request.target) +
                                       "' names no device; write METRIC@DEVICE, such as "
                                       "latency_ms@mine");
  }
  return {query.metric, device->second};
}

/// The column of the new device. Throws Error(kUsage) where there is none, or several.
std::size_t target_column(const KnownDevices& request, const Benchmark& table,
                          const MetricKey& target) {
  if (!fitting_columns(table.columns(), parse_column_query(request.target)).empty()) {
    return table.column(request.target);
  }
  std::vector<std::string> devices;
  for (const BenchmarkColumn& column : table.columns()) {
    const bool known = std::find(devices.begin(), devices.end(), column.device) != devices.end();
    if (column.metric == target.name && !column.device.empty() && !known) {
      devices.push_back(column.device);
    }
  }
  throw Error(ErrorKind::kUsage, "benchmark '" + request.benchmark + "' has no measurement of " +
                                     target.text() + "; measure it and give --measured FILE.csv (" +
                                     unknown_name("device", printable(target.device), devices) +
                                     ")");
}

bool is_source(const BenchmarkColumn& column, const MetricKey& target) {
  return column.metric == target.name && !column.device.empty() && column.device != target.device &&
         column.width == 1 && column.source != MetricSource::kPredicted;
}

std::vector<std::size_t> source_columns(const KnownDevices& request, const Benchmark& table,
                                        const MetricKey& target) {
  std::vector<std::size_t> columns;
  for (const std::string& query : request.sources) columns.push_back(table.column(query));
  for (const std::size_t column : columns) {
    if (table.columns()[column].device == target.device) {
      throw Error(ErrorKind::kUsage, "source '" + column_text(table.columns()[column]) +
                                         "' is of the device that is to be predicted");
    }
  }
  for (std::size_t i = 0; request.sources.empty() && i < table.columns().size(); ++i) {
    if (is_source(table.columns()[i], target)) columns.push_back(i);
  }
  if (columns.empty()) {
    throw Error(ErrorKind::kUsage, "benchmark '" + table.info().name + "' has no column " +
                                       target.name +
                                       "@DEVICE of another device to learn from; import one, or "
                                       "leave --bench away and say --space");
  }
  return columns;
}

/// Rows of a column with a real measurement, in an order drawn by seed.
std::vector<std::size_t> measured_rows(const Benchmark& table, std::size_t column,
                                       std::uint64_t seed) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double value = table.value(column, row);
    if (std::isfinite(value) && value > 0) rows.push_back(row);
  }
  Rng rng({.seed = seed, .purpose = Purpose::kSplit});
  rng.shuffle(std::span(rows));
  return rows;
}

void note_left_out(Known& known, std::size_t column, std::size_t used) {
  const std::size_t left = known.table->rows() - used;
  if (left == 0) return;
  known.notes.push_back(
      column_text(known.table->columns()[column]) + ": " +
      format_count(static_cast<std::int64_t>(left)) + " of " +
      format_count(static_cast<std::int64_t>(known.table->rows())) +
      " networks have no measurement (missing, failed or not positive); they are left out");
}

std::vector<TransferTask> source_tasks(const KnownDevices& request, Known& known) {
  std::vector<TransferTask> tasks;
  for (const std::size_t column : known.sources) {
    std::vector<std::size_t> rows = measured_rows(*known.table, column, request.seed);
    const std::string name = column_text(known.table->columns()[column]);
    if (rows.empty()) {
      throw Error(ErrorKind::kData, "source '" + name + "' has no measurement at all");
    }
    note_left_out(known, column, rows.size());
    rows.resize(std::min(rows.size(), static_cast<std::size_t>(request.source_rows)));
    TransferTask& task = tasks.emplace_back();
    task.name = name;
    task.subjects = known.subjects(rows);
    for (const std::size_t row : rows) task.targets.push_back(known.table->value(column, row));
  }
  return tasks;
}

/// Throws Error(kUsage) for a predictor that learns nothing from other devices.
void check_transfers(const std::string& name, const Predictor& predictor) {
  if (dynamic_cast<const TransferPredictor*>(&predictor) != nullptr) return;
  std::vector<std::string> names;
  for (const Plugin<Predictor>* plugin : predictor_plugins()) {
    const std::unique_ptr<Predictor> made = plugin->make({});
    if (dynamic_cast<TransferPredictor*>(made.get()) != nullptr) names.emplace_back(plugin->name);
  }
  throw Error(ErrorKind::kUsage,
              "predictor '" + name +
                  "' learns nothing from other devices; those that do: " + join(names, ", "));
}

Known known_devices(Session& session, const KnownDevices& request) {
  Known known;
  known.target = target_of(request);
  const auto& plugin = find_plugin(predictor_plugins(), "predictor", request.plugin);
  known.options = plugin.resolve(request.options);
  known.predictor = plugin.make(known.options);
  check_transfers(request.plugin, *known.predictor);
  if (request.benchmark.empty()) {
    if (request.space.empty()) {
      throw Error(ErrorKind::kUsage,
                  "say where other devices are (--bench), or which space the networks are of "
                  "(--space)");
    }
    known.choice = parse_plugin_choice(request.space);
    known.space = &session.space(known.choice);
    Rng rng({.seed = request.seed, .purpose = Purpose::kSample});
    while (known.rows.size() < kCandidates) known.rows.push_back(sample(*known.space, rng));
  } else {
    known.table = session.benchmark(request.benchmark);
    known.space = space_of(session, known.table->info());
    if (known.space == nullptr) {
      throw Error(ErrorKind::kUsage, "benchmark '" + request.benchmark +
                                         "' belongs to no known search space, so its "
                                         "architectures cannot be read");
    }
    known.choice = parse_plugin_choice(known.table->info().space);
    for (const std::string& text : known.table->texts()) {
      known.rows.push_back(known.space->parse(text));
    }
    known.sources = source_columns(request, *known.table, known.target);
  }
  return known;
}

/// Fits the predictor to known devices: seconds to minutes, so what may be refused is read before.
void learn_sources(Session& session, const KnownDevices& request, Known& known) {
  const std::vector<TransferTask> tasks = source_tasks(request, known);
  std::vector<std::size_t> all(std::min(known.rows.size(), kCandidates));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const std::vector<Subject> pool = tasks.empty() ? known.subjects(all) : std::vector<Subject>{};
  known.transfer().fit_tasks(
      tasks, pool, {.seed = request.seed, .progress = &session.progress(), .stop = session.stop()});
}

/// Spearman of ridge regression on counts of operations (on costs in spaces without cells).
std::optional<double> ridge_spearman(const Known& known, std::span<const Subject> measured,
                                     std::span<const double> values,
                                     std::span<const std::size_t> judged,
                                     std::span<const double> truth) {
  const SubjectBlocks blocks(measured.front());
  const std::size_t block = blocks.has_cells() ? SubjectBlocks::kCounts : SubjectBlocks::kCost;
  BlockRows rows = blocks.encode(known.subjects(judged)), samples = blocks.encode(measured);
  const BlockScale scale = BlockScale::of(rows);
  scale.apply(rows);
  scale.apply(samples);
  const std::size_t width = rows.blocks[block].size() / rows.rows;
  const LinearModel model =
      fit_ridge(samples.blocks[block], width, values, std::span(&kRidgePenalty, 1)).front();
  std::vector<double> predictions;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    predictions.push_back(model.predict(std::span(rows.blocks[block]).subspan(i * width, width)));
  }
  return spearman(truth, predictions);
}

/// The source whose measurements order the samples best, and how it orders the judged rows.
void judge_best_source(const Known& known, std::span<const std::size_t> samples,
                       std::span<const double> values, std::span<const std::size_t> judged,
                       std::span<const double> truth, TransferScore& score) {
  const auto column_values = [&](std::size_t column, std::span<const std::size_t> rows) {
    std::vector<double> picked;
    for (const std::size_t row : rows) {
      const double value = known.table->value(column, row);
      picked.push_back(std::isnan(value) ? HUGE_VAL : value);
    }
    return picked;
  };
  double best = -2;
  for (const std::size_t column : known.sources) {
    const double agreement = spearman(values, column_values(column, samples)).value_or(-1);
    if (agreement <= best) continue;
    best = agreement;
    score.best_source = column_text(known.table->columns()[column]);
    score.source_spearman = spearman(truth, column_values(column, judged));
  }
}

/// The architectures that the predictor wants measured come first, those of `rows` after them.
std::vector<std::size_t> with_references(const Known& known, std::span<const std::size_t> rows,
                                         std::span<const std::size_t> measured) {
  std::vector<std::size_t> result;
  for (const Architecture& reference : known.transfer().references()) {
    for (const std::size_t row : measured) {
      if (known.rows[row] == reference) result.push_back(row);
    }
  }
  for (const std::size_t row : rows) {
    if (std::find(result.begin(), result.end(), row) == result.end()) result.push_back(row);
  }
  return result;
}

/// The measurements that are learned from and where they come from.
struct Learned {
  Measurements measured;
  std::string target;                        ///< column text
  std::vector<std::size_t> samples, judged;  ///< rows of the table, where it has the target
  std::vector<double> truth;                 ///< of the judged rows
  std::size_t seen = 0;                      ///< rows of the draw that the samples are from
};

/// Rows of the table as if they had just been measured: those that would be suggested.
Learned measured_in_table(const TransferFit& request, Known& known) {
  Learned learned;
  const std::size_t column = target_column(request.known, *known.table, known.target);
  learned.target = column_text(known.table->columns()[column]);
  const std::vector<std::size_t> rows = measured_rows(*known.table, column, request.known.seed);
  note_left_out(known, column, rows.size());
  if (rows.size() < static_cast<std::size_t>(request.samples)) {
    throw Error(ErrorKind::kData, "device '" + known.target.device + "' has " +
                                      std::to_string(rows.size()) + " measurements in benchmark '" +
                                      request.known.benchmark + "', fewer than the " +
                                      std::to_string(request.samples) + " to learn from (--train)");
  }
  learned.seen = std::min(rows.size(), kCandidates);
  const std::vector<std::size_t> candidates =
      with_references(known, std::span(rows).first(learned.seen), rows);
  for (const std::size_t i : known.transfer().suggest(known.subjects(candidates), {},
                                                      static_cast<std::size_t>(request.samples))) {
    learned.samples.push_back(candidates[i]);
    learned.measured.architectures.push_back(known.rows[candidates[i]]);
    learned.measured.values.push_back(known.table->value(column, candidates[i]));
  }
  learned.judged.assign(rows.begin() + static_cast<std::ptrdiff_t>(learned.seen), rows.end());
  std::erase_if(learned.judged, [&](std::size_t row) {
    return std::find(learned.samples.begin(), learned.samples.end(), row) != learned.samples.end();
  });
  for (const std::size_t row : learned.judged) {
    learned.truth.push_back(known.table->value(column, row));
  }
  return learned;
}

Learned measured_in_file(Session& session, const TransferFit& request, const Known& known) {
  if (request.measured.empty()) {
    throw Error(ErrorKind::kUsage,
                "say what was measured (--measured FILE.csv); `nasctl device suggest` says what "
                "to measure");
  }
  Learned learned;
  learned.target = known.target.name + ":device=" + known.target.device;
  learned.measured = read_measurements(session, known.choice, request.measured, known.target.name);
  return learned;
}

TransferScore judge_held_out(const Known& known, const Learned& learned,
                             std::span<const Subject> subjects) {
  TransferScore score =
      score_of(known.transfer().forecast(known.subjects(learned.judged)), learned.truth);
  score.ridge_spearman =
      ridge_spearman(known, subjects, learned.measured.values, learned.judged, learned.truth);
  judge_best_source(known, learned.samples, learned.measured.values, learned.judged, learned.truth,
                    score);
  return score;
}

}  // namespace

TransferFitReport fit_transfer(Session& session, const TransferFit& request) {
  check_new_predictor(session, request.name, request.replace);
  const Stopwatch watch;
  Known known = known_devices(session, request.known);
  // What the predictor has learned of other devices says which rows of a table to measure.
  const bool in_table = request.measured.empty() && known.table != nullptr;
  Learned learned;
  if (!in_table) learned = measured_in_file(session, request, known);
  learn_sources(session, request.known, known);
  if (in_table) learned = measured_in_table(request, known);
  const std::vector<Subject> subjects = subjects_of(*known.space, learned.measured.architectures);
  known.transfer().adapt(subjects, learned.measured.values);
  TransferFitReport report;
  report.fit_seconds = watch.seconds();
  for (const std::size_t column : known.sources) {
    report.sources.push_back(column_text(known.table->columns()[column]));
  }
  report.measured = learned.measured.values.size();
  report.findings = known.transfer().findings();
  if (report.measured >= 3) {
    report.left_out = known.transfer().leave_one_out();
    std::vector<double> means;
    for (const Forecast& forecast : report.left_out.forecasts) means.push_back(forecast.mean);
    report.loo_spearman = spearman(learned.measured.values, means);
  }
  if (!learned.judged.empty()) report.held_out = judge_held_out(known, learned, subjects);
  report.notes = known.notes;
  const PredictorFile file{.name = request.name,
                           .plugin = {request.known.plugin, known.options},
                           .space = to_string(known.choice),
                           .space_version = known.space->info().version,
                           .benchmark = request.known.benchmark,
                           .target = learned.target,
                           .features = {},
                           .train = report.measured,
                           .seen = learned.seen,
                           .seed = request.known.seed,
                           .state = known.predictor->save()};
  report.row = keep_predictor(session, file, score_json(report));
  return report;
}

Suggestion suggest_measurements(Session& session, const KnownDevices& request,
                                const std::filesystem::path& measured, std::int64_t count,
                                std::int64_t candidates) {
  Known known = known_devices(session, request);
  const Measurements before =
      measured.empty() ? Measurements()
                       : read_measurements(session, known.choice, measured, known.target.name);
  learn_sources(session, request, known);
  std::vector<std::size_t> rows(known.rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  Rng rng({.seed = request.seed, .purpose = Purpose::kSplit});
  rng.shuffle(std::span(rows));
  std::erase_if(rows, [&](std::size_t row) {
    return std::ranges::count(before.architectures, known.rows[row]) > 0;
  });
  const std::vector<std::size_t> all = rows;
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(candidates)));
  rows = with_references(known, rows, all);
  Suggestion suggestion{{}, known.target.name, known.notes};
  for (const std::size_t i : known.transfer().suggest(
           known.subjects(rows), subjects_of(*known.space, before.architectures),
           static_cast<std::size_t>(count))) {
    suggestion.architectures.push_back(known.space->format(known.rows[rows[i]]));
  }
  if (std::ssize(suggestion.architectures) < count) {
    suggestion.notes.push_back(std::to_string(suggestion.architectures.size()) + " of " +
                               std::to_string(count) +
                               " networks: no more candidates (--candidates)");
  }
  return suggestion;
}

}  // namespace nas
