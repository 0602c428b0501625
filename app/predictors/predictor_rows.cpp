#include "app/predictors/predictor_rows.h"

#include <algorithm>
#include <cmath>

#include "app/benchmarks/benchmarks.h"
#include "app/benchmarks/correlation.h"
#include "app/predictors/prediction_origin.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

// The column of exactly this text, else the one that fits the query.
std::size_t column_of(const Benchmark& table, const std::string& query) {
  const auto columns = table.columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (column_text(columns[i]) == query) return i;
  }
  return table.column(query);
}

std::vector<std::size_t> columns_of(const Benchmark& table, std::span<const std::string> queries) {
  std::vector<std::size_t> columns;
  for (const std::string& query : queries) {
    if (query != "proxies") {
      columns.push_back(column_of(table, query));
      continue;
    }
    const std::vector<std::size_t> scores = score_columns(table);
    if (scores.empty()) {
      throw Error(ErrorKind::kUsage,
                  "benchmark '" + table.info().name +
                      "' has no columns of proxies; name the features, or compute some by "
                      "'nasctl bench score'");
    }
    columns.insert(columns.end(), scores.begin(), scores.end());
  }
  return columns;
}

}  // namespace

PredictorRows::PredictorRows(Session& session, const std::string& benchmark,
                             const std::string& target, std::span<const std::string> features)
    : table_(session.benchmark(benchmark)) {
  space_ = space_of(session, table_->info());
  if (space_ == nullptr) {
    throw Error(ErrorKind::kUsage,
                "benchmark '" + benchmark +
                    "' belongs to no known search space, so its architectures cannot "
                    "be read; predictors need them");
  }
  target_ = column_of(*table_, target);
  const BenchmarkColumn& truth = table_->columns()[target_];
  if (parse_prediction_origin(truth.origin)) {
    throw Error(ErrorKind::kUsage, "column '" + column_text(truth) +
                                       "' holds predictions; a predictor is fitted to and judged "
                                       "by values that were measured or published");
  }
  features_ = columns_of(*table_, features);
  if (table_->columns()[target_].width != 1) {
    throw Error(ErrorKind::kUsage, "column '" + column_text(table_->columns()[target_]) +
                                       "' holds " + std::to_string(this->target().width) +
                                       " values in each row; a target has one");
  }
  if (std::ranges::find(features_, target_) != features_.end()) {
    throw Error(ErrorKind::kUsage, "column '" + column_text(truth) +
                                       "' is the target, so it is not a feature: the answer would "
                                       "be among what the predictor sees");
  }
  std::vector<std::string> wide;
  for (const std::size_t column : features_) {
    if (table_->columns()[column].width > 1) wide.push_back(column_text(table_->columns()[column]));
  }
  if (!wide.empty()) table_ = session.reader().open_benchmark(benchmark, wide);
}

std::vector<std::string> PredictorRows::feature_columns() const {
  std::vector<std::string> texts;
  for (const std::size_t column : features_)
    texts.push_back(column_text(table_->columns()[column]));
  return texts;
}

std::vector<std::size_t> PredictorRows::shuffled(std::uint64_t seed) const {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table_->rows(); ++row) {
    if (std::isfinite(target_of(row))) rows.push_back(row);
  }
  Rng rng({.seed = seed, .purpose = Purpose::kSplit});
  rng.shuffle(std::span(rows));
  return rows;
}

// A vector with no value at all was never measured; predictors would read it as a network of zeros.
bool PredictorRows::has_features(std::size_t row) const {
  bool any = features_.empty();
  for (const std::size_t column : features_) {
    const auto width = static_cast<std::size_t>(table_->columns()[column].width);
    const auto values = table_->values(column).subspan(row * width, width);
    const bool measured =
        std::any_of(values.begin(), values.end(), [](double v) { return !std::isnan(v); });
    if (!measured && width > 1) return false;
    any = any || measured;
  }
  return any;
}

Samples PredictorRows::samples(std::span<const std::size_t> rows) const {
  Samples samples;
  for (const std::size_t column : features_) {
    const BenchmarkColumn& info = table_->columns()[column];
    if (info.width == 1) samples.feature_names.push_back(column_text(info));
    for (std::int64_t i = 0; info.width > 1 && i < info.width; ++i) {
      samples.feature_names.push_back(column_text(info) + "[" + std::to_string(i) + "]");
    }
  }
  for (const std::size_t row : rows) {
    samples.architectures.push_back(space_->parse(table_->text(row)));
    for (const std::size_t column : features_) {
      const auto width = static_cast<std::size_t>(table_->columns()[column].width);
      const auto values = table_->values(column).subspan(row * width, width);
      samples.features.insert(samples.features.end(), values.begin(), values.end());
    }
  }
  return samples;
}

std::size_t PredictorRows::incomplete(std::span<const std::size_t> rows) const {
  const auto lacks = [this](std::size_t row) {
    return std::any_of(features_.begin(), features_.end(), [this, row](std::size_t column) {
      const BenchmarkColumn& info = table_->columns()[column];
      return info.width == 1 && !std::isfinite(table_->value(column, row));
    });
  };
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), lacks));
}

}  // namespace nas
