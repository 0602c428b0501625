#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/api/evaluation.h"

namespace nas {

/// What one column of a benchmark holds. "accuracy" alone says little: the validation accuracy of a
/// training on half of CIFAR-10 after 12 epochs and the mean test accuracy of three full trainings
/// are two columns.
struct BenchmarkColumn {
  std::string
      metric;  ///< "accuracy", "params", "macs", "training_seconds", "latency_ms", "synflow", ...
  std::string dataset;  ///< "cifar10-valid", "cifar10", "cifar100"; "" = does not depend on data
  std::string split;    ///< "train", "valid", "test" or ""
  std::int64_t epochs = 0;  ///< length of the training's schedule; 0 = no training
  std::string statistic;    ///< "mean", "seed=777", "std", "best"; "" = exact
  std::string device;       ///< "edgegpu", "raspi4" or ""
  std::string unit;         ///< "%", "s", "ms", "mJ" or ""
  bool maximize = true;     ///< which direction is better
  MetricSource source = MetricSource::kTabular;
  std::string origin;   ///< file and field it was read from, or program version and settings that
                        ///< computed it
  std::string network;  ///< text of the network (core/api/task.h) that was scored or trained here;
                        ///< "": that of the source
  /// Values of one row: 1, or the epochs of a learning curve, or the nodes of a vector of
  /// statistics (rows are padded with NaN at the end).
  std::int64_t width = 1;
  friend bool operator==(const BenchmarkColumn&, const BenchmarkColumn&) = default;
};

/// Canonical and unique within a benchmark:
/// "accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean"; empty parts are left out.
std::string column_text(const BenchmarkColumn& column);

/// A wish: metric and any of dataset, split, epochs, statistic, device. Throws Error(kUsage) for an
/// unknown key (near miss) or a malformed text. Grammar as `column_text`.
struct ColumnQuery {
  std::string metric;
  std::map<std::string, std::string> wanted;
};
ColumnQuery parse_column_query(std::string_view text);

struct BenchmarkInfo {
  std::string name;   ///< unique in a store: "nasbench201"
  std::string space;  ///< plug-in whose notation the architectures are in; "" = none of ours
  std::string space_version;
  std::string source;   ///< file names, authors, version: "NATS-tss-v1_0-3ffb9-simple"
  std::string licence;  ///< "MIT"; "" = not stated
  std::string sha256;   ///< of what was imported
};

/// A finite table of architectures, column by column. Immutable once built, safe from several
/// threads. Missing values are NaN. A value that the source marks as failed (-1e8, -1 ms) is the
/// worst one: -inf where larger is better, else +inf; so that it ranks last instead of vanishing.
class Benchmark {
 public:
  explicit Benchmark(BenchmarkInfo info) : info_(std::move(info)) {}
  // The index points into the texts, which a move leaves where they are.
  Benchmark(Benchmark&&) = default;
  Benchmark& operator=(Benchmark&&) = default;
  Benchmark(const Benchmark&) = delete;
  Benchmark& operator=(const Benchmark&) = delete;

  const BenchmarkInfo& info() const { return info_; }
  BenchmarkInfo& mutable_info() { return info_; }
  std::size_t rows() const { return texts_.size(); }

  /// Architecture texts in the source's order, each once. Throws Error(kData) naming a text that
  /// comes twice.
  void set_rows(std::vector<std::string> texts);
  const std::string& text(std::size_t row) const { return texts_[row]; }
  std::span<const std::string> texts() const { return texts_; }
  /// The row of a text, in constant time without allocation; nullopt when absent.
  std::optional<std::size_t> find(std::string_view text) const;

  /// Row-major, rows() * column.width values. Throws Error(kData) when the length does not fit or
  /// the column exists.
  void add_column(BenchmarkColumn column, std::vector<double> values);
  /// Replaces the values of the equal column, or adds it.
  void put_column(const BenchmarkColumn& column, std::vector<double> values);
  std::span<const BenchmarkColumn> columns() const { return columns_; }
  /// All values of a column; of those wider than 1 only when they were loaded
  /// (BenchmarkStore::open_benchmark).
  std::span<const double> values(std::size_t column) const;
  double value(std::size_t column, std::size_t row) const { return values(column)[row]; }

  /// The one column that fits. Throws Error(kUsage): none (near misses, known columns), or several,
  /// with all of them in the message.
  std::size_t column(const ColumnQuery& query) const;
  std::size_t column(std::string_view query) const { return column(parse_column_query(query)); }
  /// All columns that fit, possibly none.
  std::vector<std::size_t> matching(const ColumnQuery& query) const;

  /// Bytes held by texts, index and values.
  std::size_t bytes() const;

 private:
  BenchmarkInfo info_;
  std::vector<std::string> texts_;
  std::unordered_map<std::string_view, std::uint32_t> index_;
  std::vector<BenchmarkColumn> columns_;
  std::vector<std::vector<double>> values_;
};

/// How many values of a span are missing (NaN) and how many failed (infinite): what a report must
/// say.
struct ValueCounts {
  std::size_t missing = 0, failed = 0;
};
ValueCounts count_special(std::span<const double> values);

}  // namespace nas
