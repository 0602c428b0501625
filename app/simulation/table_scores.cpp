#include "app/simulation/table_scores.h"

#include <cmath>
#include <limits>
#include <set>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

class TableScores final : public ScoreSource {
 public:
  TableScores(const Benchmark& benchmark, const SearchSpace& space, const TableRows& rows)
      : benchmark_(benchmark), space_(space), rows_(rows) {
    std::map<std::string, int> uses;
    for (const BenchmarkColumn& column : benchmark.columns()) {
      if (is_score(column)) ++uses[column.metric];
    }
    for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
      const BenchmarkColumn& column = benchmark.columns()[i];
      const std::string text = column_text(column);
      if (is_score_vector(column) && !benchmark.values(i).empty()) add_vector(i);
      if (!is_score(column)) continue;
      columns_.emplace(text, Place{i, 0});
      names_.push_back(uses[column.metric] == 1 ? column.metric : text);
      columns_.emplace(names_.back(), Place{i, 0});
    }
  }

  std::vector<std::string> names() const override { return names_; }

  std::vector<Architecture> pool() const override {
    std::vector<Architecture> all;
    for (const std::string& text : benchmark_.texts()) all.push_back(space_.parse(text));
    return all;
  }

  std::vector<double> scores(std::span<const Architecture> architectures,
                             std::span<const std::string> names) const override {
    std::vector<Place> columns;
    for (const std::string& name : names) {
      const auto found = columns_.find(name);
      if (found == columns_.end()) {
        throw Error(ErrorKind::kUsage, unknown_name("score", name, names_));
      }
      columns.push_back(found->second);
    }
    std::vector<double> result;
    result.reserve(architectures.size() * names.size());
    for (const Architecture& architecture : architectures) {
      const auto row = rows_.find(architecture);
      for (const Place& place : columns) {
        const double value = row ? value_at(place, *row) : std::numeric_limits<double>::quiet_NaN();
        result.push_back(std::isinf(value) ? -std::numeric_limits<double>::infinity() : value);
      }
    }
    return result;
  }

 private:
  /// A column, and the element of its vector.
  struct Place {
    std::size_t column = 0, element = 0;
  };

  void add_vector(std::size_t column) {
    const BenchmarkColumn& vector = benchmark_.columns()[column];
    for (std::size_t k = 0; k < static_cast<std::size_t>(vector.width); ++k) {
      names_.push_back(vector.metric + "[" + std::to_string(k) + "]");
      columns_.emplace(names_.back(), Place{column, k});
    }
  }

  double value_at(const Place& place, std::size_t row) const {
    const auto width = static_cast<std::size_t>(benchmark_.columns()[place.column].width);
    return benchmark_.values(place.column)[row * width + place.element];
  }

  static bool is_score(const BenchmarkColumn& column) {
    return column.epochs == 0 && column.width == 1 && column.device.empty();
  }

  const Benchmark& benchmark_;
  const SearchSpace& space_;
  const TableRows& rows_;
  std::vector<std::string> names_;
  std::map<std::string, Place> columns_;
};

}  // namespace

bool is_score_vector(const BenchmarkColumn& column) {
  constexpr std::int64_t kLongest = 256;
  return column.epochs == 0 && column.width > 1 && column.width <= kLongest &&
         column.device.empty() && column.source == MetricSource::kPredicted;
}

std::unique_ptr<ScoreSource> make_table_scores(const Benchmark& benchmark, const SearchSpace& space,
                                               const TableRows& rows) {
  return std::make_unique<TableScores>(benchmark, space, rows);
}

}  // namespace nas
