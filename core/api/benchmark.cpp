#include "core/api/benchmark.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

const std::vector<std::string> kKeys{"dataset", "split", "epochs", "statistic", "device"};

// The parts that identify a column, in canonical order; empty ones are left out.
std::vector<std::pair<std::string, std::string>> parts_of(const BenchmarkColumn& column) {
  std::vector<std::pair<std::string, std::string>> parts;
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) parts.emplace_back(key, value);
  };
  add("dataset", column.dataset);
  add("split", column.split);
  add("epochs", column.epochs == 0 ? "" : std::to_string(column.epochs));
  add("statistic", column.statistic);
  add("device", column.device);
  return parts;
}

/// A word of a query: KEY=VALUE and METRIC@DEVICE are wishes, anything else is left to the reader.
void take_word(const std::string& word, ColumnQuery& query, std::string_view text) {
  const std::size_t equals = word.find('=');
  const std::string key = equals == std::string::npos ? "" : to_lower(word.substr(0, equals));
  if (std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end()) {
    query.wanted[key] = word.substr(equals + 1);
    return;
  }
  const std::size_t at = word.find('@');
  if (at != std::string::npos) {
    if (at + 1 == word.size()) {
      throw Error(ErrorKind::kUsage, "column '" + printable(text) + "': no device after '@'");
    }
    query.wanted["device"] = word.substr(at + 1);
  }
  const std::string rest = word.substr(0, at);
  if (!rest.empty()) query.metric += (query.metric.empty() ? "" : " ") + rest;
}

}  // namespace

std::string column_text(const BenchmarkColumn& column) {
  std::string text = column.metric;
  char mark = ':';
  for (const auto& [key, value] : parts_of(column)) {
    text += mark + key + "=" + value;
    mark = ',';
  }
  return text;
}

ColumnQuery parse_column_query(std::string_view text) {
  ColumnQuery query;
  const std::size_t colon = text.find(':');
  for (const std::string& word : split_words(text.substr(0, colon))) take_word(word, query, text);
  if (query.metric.empty()) {
    throw Error(ErrorKind::kUsage,
                "'" + printable(text) +
                    "' names no column; expected a metric and words that tell it apart (accuracy "
                    "cifar10 test), or METRIC:KEY=VALUE,...");
  }
  if (colon == std::string_view::npos) return query;
  for (const std::string& part : split(text.substr(colon + 1), ',')) {
    const std::size_t equals = part.find('=');
    const std::string key = to_lower(trim(part.substr(0, equals)));
    if (equals == std::string::npos) {
      throw Error(ErrorKind::kUsage, "column '" + printable(text) + "': '" + printable(part) +
                                         "' is not KEY=VALUE (keys: " + join(kKeys, ", ") + ")");
    }
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      throw Error(ErrorKind::kUsage, unknown_name("column key", key, kKeys));
    }
    query.wanted[key] = trim(part.substr(equals + 1));
  }
  return query;
}

void Benchmark::set_rows(std::vector<std::string> texts) {
  texts_ = std::move(texts);
  index_.clear();
  index_.reserve(texts_.size());
  for (std::size_t row = 0; row < texts_.size(); ++row) {
    if (!index_.emplace(texts_[row], static_cast<std::uint32_t>(row)).second) {
      throw Error(ErrorKind::kData, "benchmark '" + info_.name + "': architecture '" +
                                        printable(texts_[row]) + "' comes twice, in rows " +
                                        std::to_string(index_.at(texts_[row])) + " and " +
                                        std::to_string(row));
    }
  }
}

std::optional<std::size_t> Benchmark::find(std::string_view text) const {
  const auto found = index_.find(text);
  if (found == index_.end()) return std::nullopt;
  return found->second;
}

void Benchmark::add_column(BenchmarkColumn column, std::vector<double> values) {
  const std::string text = column_text(column);
  if (column.width < 1 ||
      (!values.empty() && values.size() != rows() * static_cast<std::size_t>(column.width))) {
    throw Error(ErrorKind::kData, "benchmark '" + info_.name + "', column " + text + ": " +
                                      std::to_string(values.size()) + " values, expected " +
                                      std::to_string(rows()) + " rows of " +
                                      std::to_string(column.width));
  }
  for (const BenchmarkColumn& other : columns_) {
    if (column_text(other) == text) {
      throw Error(ErrorKind::kData, "benchmark '" + info_.name + "' has two columns " + text);
    }
  }
  columns_.push_back(std::move(column));
  values_.push_back(std::move(values));
}

void Benchmark::put_column(const BenchmarkColumn& column, std::vector<double> values) {
  const std::string text = column_text(column);
  BenchmarkColumn copy = column;  // it may be one of ours, which goes now
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (column_text(columns_[i]) != text) continue;
    columns_.erase(columns_.begin() + static_cast<std::ptrdiff_t>(i));
    values_.erase(values_.begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
  add_column(std::move(copy), std::move(values));
}

std::span<const double> Benchmark::values(std::size_t column) const {
  NAS_CHECK(column < values_.size(), "column of benchmark " + info_.name);
  if (values_[column].empty() && rows() > 0) {
    throw Error(ErrorKind::kUsage,
                "benchmark '" + info_.name + "', column " + column_text(columns_[column]) +
                    ": its vectors are not loaded; open the benchmark with them");
  }
  return values_[column];
}

std::vector<std::size_t> Benchmark::matching(const ColumnQuery& query) const {
  return fitting_columns(columns_, query);
}

std::size_t Benchmark::column(const ColumnQuery& query) const {
  const std::vector<std::size_t> meant = meant_columns(columns_, query);
  if (meant.size() == 1) return meant.front();
  std::vector<std::string> names = short_column_names(columns_);
  if (!meant.empty()) {
    std::vector<std::string> candidates;
    for (const std::size_t index : meant) candidates.push_back(names[index]);
    names = std::move(candidates);
  }
  throw_unclear_column("benchmark '" + info_.name + "'", query, std::move(names), !meant.empty());
}

std::size_t Benchmark::bytes() const {
  std::size_t bytes =
      index_.size() * (sizeof(std::string_view) + sizeof(std::uint32_t) + 2 * sizeof(void*)) +
      index_.bucket_count() * sizeof(void*);
  for (const std::string& text : texts_) bytes += sizeof(text) + text.capacity();
  for (const std::vector<double>& column : values_) bytes += column.capacity() * sizeof(double);
  return bytes;
}

ValueCounts count_special(std::span<const double> values) {
  ValueCounts counts;
  for (const double value : values) {
    if (std::isnan(value)) ++counts.missing;
    if (std::isinf(value)) ++counts.failed;
  }
  return counts;
}

}  // namespace nas
