#include "app/predictors/predictors.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/benchmarks/benchmarks.h"
#include "app/lookup/architecture_lookup.h"
#include "app/predictors/json_number.h"
#include "app/predictors/prediction_origin.h"
#include "app/predictors/predictor_rows.h"
#include "core/api/column_names.h"
#include "core/runtime/model.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"
#include "predictors/registry.h"

namespace nas {
namespace {

std::size_t training_rows(const PredictorFit& request, std::size_t usable,
                          std::size_t without_features) {
  const auto wanted = request.train > 0
                          ? static_cast<std::size_t>(request.train)
                          : static_cast<std::size_t>(
                                std::llround(request.train_fraction * static_cast<double>(usable)));
  if (wanted < 2 || wanted > usable) {
    throw Error(ErrorKind::kUsage,
                "cannot train on " + std::to_string(wanted) + " of the " + std::to_string(usable) +
                    " rows of '" + request.benchmark + "' that have the target" +
                    (without_features == 0 ? ""
                                           : " and a feature (" + std::to_string(without_features) +
                                                 " have none; are some rows not scored yet?)") +
                    "; at least 2 are needed");
  }
  return wanted;
}

PredictorScore judge(const PredictorRows& rows, std::span<const std::size_t> held_out,
                     const Predictor& predictor, std::size_t ndcg_k) {
  std::vector<double> targets;
  for (const std::size_t row : held_out) targets.push_back(rows.target_of(row));
  return score_predictions(targets, predictor.predict(rows.space(), rows.samples(held_out)),
                           rows.target().maximize, ndcg_k);
}

std::string report_text(const PredictorScore& score) {
  return nlohmann::json{{"held_out", score.samples},
                        {"spearman", json_number(score.spearman)},
                        {"kendall", json_number(score.kendall)},
                        {"pearson", json_number(score.pearson)},
                        {"ndcg", json_number(score.ndcg)},
                        {"ndcg_k", score.ndcg_k},
                        {"constant", score.constant}}
      .dump();
}

/// The one that was asked for, or the predictor's own.
const std::string& benchmark_of(const StoredPredictor& stored, const std::string& benchmark) {
  if (!benchmark.empty()) return benchmark;
  if (!stored.benchmark.empty()) return stored.benchmark;
  throw Error(ErrorKind::kUsage, "predictor '" + stored.row.name +
                                     "' was imported, so it has no benchmark of its own; name one "
                                     "with --bench");
}

/// Older predictors know of the space of their own benchmark only the name.
void check_space(Session& session, const StoredPredictor& stored, const BenchmarkInfo& info) {
  const SearchSpace* space = space_of(session, info);
  if (space == stored.space) return;
  if (space == nullptr) {
    throw Error(ErrorKind::kUsage,
                "benchmark '" + info.name + "' belongs to no known search space");
  }
  if (info.name == stored.benchmark && space->info().name == stored.row.space) return;
  throw Error(ErrorKind::kUsage, "predictor '" + stored.row.name + "' is for space '" +
                                     stored.row.space + "', benchmark '" + info.name + "' is of '" +
                                     info.space + "'");
}

/// The rows of a benchmark ("": the predictor's own) as the predictor reads them. Throws
/// Error(kUsage) for one of another space.
PredictorRows rows_for(Session& session, const StoredPredictor& stored,
                       const std::string& benchmark, const std::string& target) {
  const std::string& table = benchmark_of(stored, benchmark);
  check_space(session, stored, session.benchmark(table)->info());
  return {session, table, target.empty() ? stored.target : target, stored.features};
}

std::span<const std::size_t> at_most(std::span<const std::size_t> rows, std::int64_t most) {
  const auto limit = static_cast<std::size_t>(most);
  return most > 0 && rows.size() > limit ? rows.first(limit) : rows;
}

}  // namespace

PredictorScore score_predictions(std::span<const double> targets,
                                 std::span<const Prediction> predictions, bool maximize,
                                 std::size_t ndcg_k) {
  PredictorScore score;
  score.samples = targets.size();
  score.ndcg_k = ndcg_k;
  if (targets.empty()) return score;
  std::vector<double> values;
  for (const Prediction& prediction : predictions) values.push_back(prediction.mean);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  score.constant = *low == *high;
  score.spearman = spearman(targets, values);
  score.kendall = kendall_tau_b(targets, values);
  score.pearson = pearson(targets, values);
  const auto [worst, best] = std::minmax_element(targets.begin(), targets.end());
  if (score.constant || !(*best > *worst)) return score;
  std::vector<double> relevance;
  for (const double target : targets) {
    const double part = (target - *worst) / (*best - *worst);
    relevance.push_back(maximize ? part : 1 - part);
  }
  if (!maximize) {
    for (double& value : values) value = -value;
  }
  score.ndcg = ndcg(relevance, values, std::min(ndcg_k, targets.size()));
  return score;
}

PredictorFitReport fit_predictor(Session& session, const PredictorFit& request) {
  check_new_predictor(session, request.name, request.replace);
  const auto& plugin = find_plugin(predictor_plugins(), "predictor", request.plugin.name);
  const OptionMap options = plugin.resolve(request.plugin.options);
  const PredictorRows rows(session, request.benchmark, request.target, request.features);
  const std::vector<std::size_t> drawn = rows.shuffled(request.seed);
  std::vector<std::size_t> order, places;  // rows with features, and where they are in the draw
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    if (!rows.has_features(drawn[i])) continue;
    order.push_back(drawn[i]);
    places.push_back(i);
  }
  const std::size_t without_features = drawn.size() - order.size();
  if (without_features > 0) {
    session.progress().message(format_count(static_cast<std::int64_t>(without_features)) + " of " +
                               format_count(static_cast<std::int64_t>(drawn.size())) +
                               " rows with a target have none of the features; they are left out");
  }
  const std::size_t train = training_rows(request, order.size(), without_features);
  const std::span<const std::size_t> used = std::span(order).first(train);
  std::vector<double> targets;
  for (const std::size_t row : used) targets.push_back(rows.target_of(row));

  PredictorFitReport report;
  report.left_out = rows.rows() - drawn.size();
  report.without_features = without_features;
  report.incomplete_rows = rows.incomplete(used);
  const std::unique_ptr<Predictor> predictor = plugin.make(options);
  Stopwatch watch;
  set_intra_op_threads(1);  // the matrices are small
  predictor->fit(rows.space(), rows.samples(used), targets,
                 {.seed = request.seed, .progress = &session.progress(), .stop = session.stop()});
  report.fit_seconds = watch.seconds();
  watch.restart();
  report.held_out =
      judge(rows, at_most(std::span(order).subspan(train), request.test), *predictor, 10);
  report.predict_seconds = watch.seconds();

  PredictorFile file{.name = request.name,
                     .plugin = {request.plugin.name, options},
                     .space = rows.table().info().space,
                     .space_version = rows.space().info().version,
                     .benchmark = request.benchmark,
                     .target = column_text(rows.target()),
                     .features = rows.feature_columns(),
                     .train = train,
                     .seen = places[train - 1] + 1,
                     .seed = request.seed,
                     .state = predictor->save()};
  report.row = keep_predictor(session, file, report_text(report.held_out));
  return report;
}

PredictorScore evaluate_predictor(Session& session, const StoredPredictor& stored,
                                  const std::string& benchmark, const std::string& target,
                                  std::int64_t test, std::size_t ndcg_k) {
  const PredictorRows rows = rows_for(session, stored, benchmark, target);
  const bool own = benchmark_of(stored, benchmark) == stored.benchmark;
  std::vector<std::size_t> held_out = rows.shuffled(stored.row.seed);
  std::erase_if(held_out, [&rows](std::size_t row) { return !rows.has_features(row); });
  if (own) {  // the rows it learned from are those of its own target's draw
    const PredictorRows learned(session, stored.benchmark, stored.target, {});
    std::vector<std::size_t> seen = learned.shuffled(stored.row.seed);
    seen.resize(std::min(seen.size(), stored.seen));
    std::sort(seen.begin(), seen.end());
    std::erase_if(held_out, [&seen](std::size_t row) {
      return std::binary_search(seen.begin(), seen.end(), row);
    });
  }
  return judge(rows, at_most(held_out, test), *stored.predictor, ndcg_k);
}

std::vector<Prediction> apply_predictor(Session& session, const StoredPredictor& stored,
                                        std::span<const Architecture> architectures,
                                        const std::string& benchmark) {
  if (!benchmark.empty()) check_space(session, stored, session.benchmark(benchmark)->info());
  if (stored.features.empty()) {
    const Samples samples{{architectures.begin(), architectures.end()}, {}, {}};
    return stored.predictor->predict(*stored.space, samples);
  }
  const PredictorRows rows = rows_for(session, stored, benchmark, "");
  std::vector<std::size_t> found;
  ArchitectureLookup lookup(session);
  for (const Architecture& architecture : architectures) {
    const std::string text = stored.space->format(architecture);
    const std::optional<FoundRow> row = lookup.row(rows.table(), text).found;
    if (!row) {
      throw Error(ErrorKind::kUsage, "benchmark '" + rows.table().info().name +
                                         "' has no row for " + text + ", so the features of '" +
                                         stored.row.name + "' are not known");
    }
    found.push_back(row->row);
  }
  return stored.predictor->predict(*stored.space, rows.samples(found));
}

BenchmarkColumn add_predictions(Session& session, const StoredPredictor& stored,
                                const std::string& benchmark) {
  const std::string& name = benchmark_of(stored, benchmark);
  const std::shared_ptr<const Benchmark> table = session.benchmark(name);
  const ColumnQuery query = parse_column_query(stored.target);
  std::vector<double> values;
  BenchmarkColumn column;
  if (stored.features.empty() && meant_columns(table->columns(), query).empty()) {
    // A new device, which the table has no measurements of.
    check_space(session, stored, table->info());
    std::vector<Architecture> architectures;
    for (const std::string& text : table->texts()) {
      architectures.push_back(stored.space->parse(text));
    }
    for (const Prediction& one :
         stored.predictor->predict(*stored.space, {std::move(architectures), {}, {}})) {
      values.push_back(one.mean);
    }
    column.metric = query.metric;
    column.device = query.wanted.contains("device") ? query.wanted.at("device") : "";
    column.unit = column.metric.ends_with("_ms")   ? "ms"
                  : column.metric.ends_with("_mj") ? "mJ"
                                                   : "";
    column.maximize = false;  // what is of a device is a cost
  } else {
    const PredictorRows rows = rows_for(session, stored, benchmark, "");
    std::vector<std::size_t> all(rows.rows());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
    for (const Prediction& one : stored.predictor->predict(rows.space(), rows.samples(all))) {
      values.push_back(one.mean);
    }
    column = rows.target();
  }
  column.statistic = "predictor=" + stored.row.name;
  column.source = MetricSource::kPredicted;
  column.origin = to_string(PredictionOrigin{.predictor = stored.row.name,
                                             .plugin = stored.row.plugin,
                                             .rows = stored.train,
                                             .target = stored.row.target});
  Benchmark only(table->info());
  only.set_rows({table->texts().begin(), table->texts().end()});
  only.add_column(column, std::move(values));
  const std::size_t first[] = {0};
  session.writer().put_benchmark_columns(only, first);
  session.forget_benchmark(name);
  return column;
}

}  // namespace nas
