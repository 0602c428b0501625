#include "app/predictors/across_fit.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/benchmarks/benchmarks.h"
#include "app/predictors/json_number.h"
#include "app/predictors/measurement_file.h"
#include "app/predictors/predictor_rows.h"
#include "app/study/metric_catalogue.h"
#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"
#include "predictors/across/path_features.h"
#include "predictors/registry.h"

namespace nas {
namespace {

constexpr std::size_t kPool = 2000;       // networks that say what is usual in the space
constexpr std::size_t kCandidates = 500;  // of which the labels are chosen

/// Rows of a source with the column that is learned.
struct Source {
  std::string name;  ///< "nb101 accuracy"
  std::vector<Architecture> architectures;
  std::vector<double> targets;  ///< larger is better
  const SearchSpace* space = nullptr;
};

/// The new space, and its table where it has one.
struct Target {
  const SearchSpace* space = nullptr;
  std::shared_ptr<const Benchmark> table;  ///< may be null
  std::optional<std::size_t> column;       ///< of the target, where the table has it
  PluginChoice choice;                     ///< the space as the table names it, or as it is asked
  std::string text;                        ///< column text, or the query
  std::string metric;
};

void check_direction(const BenchmarkColumn& column, const std::string& benchmark) {
  if (column.maximize) return;
  throw Error(ErrorKind::kUsage, "column '" + column_text(column) + "' of benchmark '" + benchmark +
                                     "' is better when it is smaller; --kind accuracy learns what "
                                     "is better when it is larger");
}

Target target_of(Session& session, const AcrossFit& request) {
  Target target;
  const ColumnQuery query = parse_column_query(request.target);
  target.metric = query.metric;
  target.text = request.target;
  const MetricInfo* known = find_in_catalogue(query.metric);
  if (known != nullptr && !known->maximize) {
    throw Error(ErrorKind::kUsage, "--target " + printable(request.target) + ": " + query.metric +
                                       " is better when it is smaller; --kind accuracy learns what "
                                       "is better when it is larger");
  }
  if (request.benchmark.empty()) {
    if (request.space.empty()) {
      throw Error(ErrorKind::kUsage,
                  "say which space the networks are of (--space), or which benchmark (--bench)");
    }
    target.choice = parse_plugin_choice(request.space);
    target.space = &session.space(target.choice);
    return target;
  }
  target.table = session.benchmark(request.benchmark);
  target.space = space_of(session, target.table->info());
  if (target.space == nullptr) {
    throw Error(ErrorKind::kUsage, "benchmark '" + request.benchmark +
                                       "' belongs to no known search space, so its "
                                       "architectures cannot be read");
  }
  target.choice = parse_plugin_choice(target.table->info().space);
  if (fitting_columns(target.table->columns(), query).empty()) {
    // A table without the column leaves the metric alone to learn from others; a closer wish is an
    // error.
    if (!query.wanted.empty()) target.table->column(request.target);
    return target;
  }
  const std::size_t column = target.table->column(request.target);
  target.column = column;
  target.text = column_text(target.table->columns()[column]);
  target.metric = target.table->columns()[column].metric;
  check_direction(target.table->columns()[column], request.benchmark);
  return target;
}

/// The one column that is meant: of the wish, or of its metric alone.
std::optional<std::size_t> meant_column(const Benchmark& table, const std::string& wish,
                                        const std::string& metric) {
  for (const ColumnQuery& query : {parse_column_query(wish), ColumnQuery{metric, {}}}) {
    std::vector<std::size_t> columns = meant_columns(table.columns(), query);
    std::erase_if(columns, [&table](std::size_t column) {
      return table.columns()[column].width != 1 ||
             table.columns()[column].source == MetricSource::kPredicted;
    });
    if (columns.size() == 1) return columns.front();
  }
  return std::nullopt;
}

Source read_source(Session& session, const AcrossFit& request, const Benchmark& table,
                   std::size_t column) {
  Source source;
  source.space = space_of(session, table.info());
  source.name = table.info().name + " " + column_text(table.columns()[column]);
  check_direction(table.columns()[column], table.info().name);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (std::isfinite(table.value(column, row))) rows.push_back(row);
  }
  Rng rng({.seed = request.seed, .purpose = Purpose::kSplit});
  rng.shuffle(std::span(rows));
  rows.resize(std::min(rows.size(), static_cast<std::size_t>(request.source_rows)));
  for (const std::size_t row : rows) {
    source.architectures.push_back(source.space->parse(table.text(row)));
    source.targets.push_back(table.value(column, row));
  }
  return source;
}

Source named_source(Session& session, const AcrossFit& request, const Target& target,
                    const std::string& text) {
  const std::size_t blank = text.find(' ');
  const std::string name = text.substr(0, blank);
  const std::shared_ptr<const Benchmark> table = session.benchmark(name);
  const SearchSpace* space = space_of(session, table->info());
  if (space == nullptr) {
    throw Error(ErrorKind::kUsage, "source '" + name +
                                       "' belongs to no known search space, so its architectures "
                                       "cannot be read");
  }
  if (space->info().name == target.space->info().name) {
    throw Error(ErrorKind::kUsage, "source '" + name + "' is of the space '" + space->info().name +
                                       "' itself; its labels are given by --train or --measured");
  }
  if (blank != std::string::npos) {
    return read_source(session, request, *table,
                       table->column(trim(std::string_view(text).substr(blank))));
  }
  const std::optional<std::size_t> column = meant_column(*table, request.target, target.metric);
  return read_source(session, request, *table, column ? *column : table->column(target.metric));
}

std::vector<Source> sources_of(Session& session, const AcrossFit& request, const Target& target,
                               std::vector<std::string>& notes) {
  std::vector<Source> sources;
  if (!request.across) return sources;
  for (const std::string& text : request.sources) {
    sources.push_back(named_source(session, request, target, text));
  }
  if (!sources.empty()) return sources;
  for (const BenchmarkRow& row : session.reader().benchmarks()) {
    const SearchSpace* space = space_of(session, row.info);
    if (space == nullptr || space->info().name == target.space->info().name) continue;
    const std::shared_ptr<const Benchmark> table = session.benchmark(row.info.name);
    const auto column = meant_column(*table, request.target, target.metric);
    if (column) {
      sources.push_back(read_source(session, request, *table, *column));
    } else if (!meant_columns(table->columns(), {target.metric, {}}).empty()) {
      notes.push_back("benchmark '" + row.info.name + "' has several columns of " + target.metric +
                      " and was left out; name one by --source '" + row.info.name + " COLUMN'");
    }
  }
  if (sources.empty()) {
    throw Error(ErrorKind::kUsage, "no benchmark of another space has a column " + target.metric +
                                       " to learn from; import one (nasctl bench import), or name "
                                       "one by --source");
  }
  return sources;
}

std::vector<Architecture> rows_of(const Target& target, std::span<const std::size_t> rows) {
  std::vector<Architecture> result;
  for (const std::size_t row : rows) result.push_back(target.space->parse(target.table->text(row)));
  return result;
}

/// Networks that say what is usual in the space: rows of the table, else random ones.
std::vector<Architecture> pool_of(const AcrossFit& request, const Target& target) {
  std::vector<Architecture> pool;
  Rng rng({.seed = request.seed, .purpose = Purpose::kSample});
  if (target.table == nullptr) {
    while (pool.size() < kPool) pool.push_back(sample(*target.space, rng));
    return pool;
  }
  std::vector<std::size_t> rows(target.table->rows());
  for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = row;
  rng.shuffle(std::span(rows));
  rows.resize(std::min(rows.size(), kPool));
  return rows_of(target, rows);
}

/// The labels of the new space that are learned from.
struct Labels {
  Measurements known;
  std::size_t seen = 0;             ///< rows of the draw that they are from
  std::vector<std::size_t> judged;  ///< rows of the table, where it has the target
};

Labels labels_of(Session& session, const AcrossFit& request, const Target& target,
                 const TransferPredictor& predictor) {
  Labels labels;
  if (!request.measured.empty()) {
    labels.known = read_measurements(session, target.choice, request.measured, target.metric);
  }
  if (!target.column) {
    if (request.labels == 0) return labels;
    throw Error(ErrorKind::kUsage, "benchmark '" + request.benchmark + "' has no column " +
                                       request.target +
                                       " to take labels from; give --measured FILE.csv");
  }
  // The order of `PredictorRows::shuffled`, so that `predictor eval` knows what was learned from.
  const PredictorRows table(session, request.benchmark, target.text, {});
  const std::vector<std::size_t> rows = table.shuffled(request.seed);
  const auto wanted = static_cast<std::size_t>(request.labels);
  if (wanted > rows.size()) {
    throw Error(ErrorKind::kUsage, "benchmark '" + request.benchmark + "' has " +
                                       std::to_string(rows.size()) +
                                       " rows with the target, fewer "
                                       "than the " +
                                       std::to_string(wanted) + " to learn from (--train)");
  }
  if (wanted > 0) {
    labels.seen = std::min(rows.size(), std::max(kCandidates, wanted));
    const auto candidates = std::span(rows).first(labels.seen);
    const std::vector<Architecture> networks = rows_of(target, candidates);
    for (const std::size_t i :
         predictor.suggest(subjects_of(*target.space, networks), {}, wanted)) {
      labels.known.architectures.push_back(networks[i]);
      labels.known.values.push_back(table.target_of(candidates[i]));
    }
  }
  labels.judged.assign(rows.begin() + static_cast<std::ptrdiff_t>(labels.seen), rows.end());
  if (request.measured.empty()) return labels;
  std::erase_if(labels.judged, [&](std::size_t row) {
    const std::vector<Architecture>& known = labels.known.architectures;
    return std::ranges::find(known, target.space->parse(target.table->text(row))) != known.end();
  });
  return labels;
}

AcrossScore judge(const Target& target, const Predictor& predictor,
                  std::span<const std::size_t> rows) {
  const std::vector<Architecture> networks = rows_of(target, rows);
  const std::vector<Prediction> predictions = predictor.predict(*target.space, {networks, {}, {}});
  std::vector<double> truth, macs;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    truth.push_back(target.table->value(*target.column, rows[i]));
    macs.push_back(path_features({target.space, &networks[i], nullptr}).macs);
  }
  AcrossScore result;
  result.score = score_predictions(truth, predictions, true);
  result.macs = spearman(truth, macs);
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return truth[a] > truth[b]; });
  std::vector<double> best_truth, best_predicted;
  for (std::size_t i = 0; i < order.size() / 5; ++i) {
    best_truth.push_back(truth[order[i]]);
    best_predicted.push_back(predictions[order[i]].mean);
  }
  result.best_fifth = spearman(best_truth, best_predicted);
  return result;
}

void leave_out(const TransferPredictor& predictor, std::span<const double> values,
               AcrossFitReport& report) {
  try {
    report.left_out = predictor.leave_one_out();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUnsupported) throw;
    return;
  }
  std::vector<double> means;
  for (const Forecast& forecast : report.left_out->forecasts) means.push_back(forecast.mean);
  report.loo_spearman = spearman(values, means);
}

std::string report_text(const AcrossFitReport& report) {
  nlohmann::json json{{"labels", report.labels}, {"sources", report.sources}};
  if (report.left_out) json["leave_one_out"] = {{"spearman", json_number(report.loo_spearman)}};
  if (report.held_out) {
    json["held_out"] = report.held_out->score.samples;
    json["spearman"] = json_number(report.held_out->score.spearman);
    json["kendall"] = json_number(report.held_out->score.kendall);
    json["best_fifth"] = json_number(report.held_out->best_fifth);
    json["macs_spearman"] = json_number(report.held_out->macs);
  }
  return json.dump();
}

}  // namespace

AcrossFitReport fit_across(Session& session, const AcrossFit& request) {
  check_new_predictor(session, request.name, request.replace);
  const auto& plugin = find_plugin(predictor_plugins(), "predictor", request.plugin.name);
  const OptionMap options = plugin.resolve(request.plugin.options);
  const std::unique_ptr<Predictor> predictor = plugin.make(options);
  auto* transfer = dynamic_cast<TransferPredictor*>(predictor.get());
  if (transfer == nullptr || request.plugin.name == "transfer") {
    throw Error(ErrorKind::kUsage, "predictor plug-in '" + request.plugin.name +
                                       "' does not learn accuracies across spaces; use 'across'");
  }
  AcrossFitReport report;
  const Target target = target_of(session, request);
  const std::vector<Source> sources = sources_of(session, request, target, report.notes);
  if (sources.empty() && request.labels == 0 && request.measured.empty()) {
    throw Error(ErrorKind::kUsage,
                "nothing to learn from: give --across, --train N or --measured FILE.csv");
  }
  const Stopwatch watch;
  std::vector<TransferTask> tasks;
  for (const Source& source : sources) {
    tasks.push_back(
        {source.name, subjects_of(*source.space, source.architectures), source.targets});
    report.sources.push_back(source.name + " (" +
                             format_count(static_cast<std::int64_t>(source.targets.size())) +
                             " networks)");
  }
  const std::vector<Architecture> pool = pool_of(request, target);
  transfer->fit_tasks(
      tasks, subjects_of(*target.space, pool),
      {.seed = request.seed, .progress = &session.progress(), .stop = session.stop()});
  const Labels labels = labels_of(session, request, target, *transfer);
  report.labels = labels.known.values.size();
  if (report.labels > 0) {
    transfer->adapt(subjects_of(*target.space, labels.known.architectures), labels.known.values);
    report.findings = transfer->findings();
  }
  report.fit_seconds = watch.seconds();
  if (report.labels >= 3) leave_out(*transfer, labels.known.values, report);
  if (!labels.judged.empty()) report.held_out = judge(target, *predictor, labels.judged);
  const PredictorFile file{.name = request.name,
                           .plugin = {request.plugin.name, options},
                           .space = to_string(target.choice),
                           .space_version = target.space->info().version,
                           .benchmark = request.benchmark,
                           .target = target.text,
                           .features = {},
                           .train = report.labels,
                           .seen = labels.seen,
                           .seed = request.seed,
                           .state = predictor->save()};
  report.row = keep_predictor(session, file, report_text(report));
  return report;
}

}  // namespace nas
