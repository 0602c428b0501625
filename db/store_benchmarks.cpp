#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/benchmark_blob.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kFind[] = "SELECT id FROM benchmark WHERE name = ?";
constexpr char kNames[] = "SELECT name FROM benchmark ORDER BY name";
constexpr char kPut[] =
    "INSERT INTO benchmark (name, space, space_version, source, licence, rows, sha256, "
    "imported_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET space = "
    "excluded.space, space_version = excluded.space_version, source = excluded.source, licence = "
    "excluded.licence, rows = excluded.rows, sha256 = excluded.sha256, imported_us = "
    "excluded.imported_us";
constexpr char kPutTexts[] =
    "INSERT INTO benchmark_text (benchmark_id, crc32, texts) VALUES (?, ?, ?) ON CONFLICT "
    "(benchmark_id) DO UPDATE SET crc32 = excluded.crc32, texts = excluded.texts";
constexpr char kDropColumns[] = "DELETE FROM benchmark_column WHERE benchmark_id = ?";
constexpr char kDropColumn[] =
    "DELETE FROM benchmark_column WHERE benchmark_id = ? AND metric = ? AND dataset = ? AND split "
    "= ? AND epochs = ? AND statistic = ? AND device = ?";
constexpr char kAddColumn[] =
    "INSERT INTO benchmark_column (benchmark_id, metric, dataset, split, epochs, statistic, "
    "device, unit, direction, source, origin, width, missing, failed, encoding, crc32, data) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kRemove[] = "DELETE FROM benchmark WHERE id = ?";
constexpr char kBenchmarks[] =
    "SELECT id, name, space, space_version, source, licence, sha256, rows, imported_us FROM "
    "benchmark ORDER BY name";
constexpr char kBenchmark[] =
    "SELECT id, name, space, space_version, source, licence, sha256, rows, imported_us FROM "
    "benchmark WHERE id = ?";
constexpr char kTexts[] = "SELECT crc32, texts FROM benchmark_text WHERE benchmark_id = ?";
#define NAS_NETWORK                                                                             \
  "LEFT JOIN benchmark_column_network ON column_id = benchmark_column.id LEFT JOIN network ON " \
  "network.id = network_id "
constexpr char kColumns[] =
    "SELECT metric, dataset, split, epochs, statistic, device, unit, direction, source, origin, "
    "width, network.text FROM benchmark_column " NAS_NETWORK
    "WHERE benchmark_id = ? ORDER BY benchmark_column.id";
constexpr char kColumnsWithData[] =
    "SELECT metric, dataset, split, epochs, statistic, device, unit, direction, source, origin, "
    "width, network.text, encoding, crc32, data FROM benchmark_column " NAS_NETWORK
    "WHERE benchmark_id = ? ORDER BY benchmark_column.id";
// Where the columns of kColumnsWithData lie.
constexpr int kEncoding = 12, kChecksum = 13, kData = 14;
constexpr char kAddNetwork[] =
    "INSERT INTO benchmark_column_network (column_id, network_id) VALUES (?, ?)";

BenchmarkRow read_row(const Rows& rows) {
  BenchmarkRow row;
  row.id = rows.integer(0);
  row.info = {.name = rows.string(1),
              .space = rows.string(2),
              .space_version = rows.string(3),
              .source = rows.string(4),
              .licence = rows.string(5),
              .sha256 = rows.string(6)};
  row.rows = rows.integer(7);
  row.imported_us = rows.integer(8);
  return row;
}

std::vector<BenchmarkRow> read_benchmarks(Connection& connection) {
  std::vector<BenchmarkRow> benchmarks;
  Rows rows = connection.select(kBenchmarks);
  while (rows.next()) benchmarks.push_back(read_row(rows));
  return benchmarks;
}

BenchmarkColumn read_column(const Rows& rows) {
  return {.metric = rows.string(0),
          .dataset = rows.string(1),
          .split = rows.string(2),
          .epochs = rows.integer(3),
          .statistic = rows.string(4),
          .device = rows.string(5),
          .unit = rows.string(6),
          .maximize = rows.text(7) == "maximize",
          .source = metric_source_of(rows.text(8)),
          .origin = rows.string(9),
          .network = rows.string(11),
          .width = rows.integer(10)};
}

std::vector<double> read_values(const Rows& rows, std::size_t count) {
  const std::string_view bytes = rows.blob(kData);
  if (checksum(bytes) != rows.integer(kChecksum)) {
    throw Error(ErrorKind::kData, "its checksum does not fit");
  }
  return decode_values(rows.text(kEncoding), bytes, count);
}

std::vector<std::string> read_texts(Connection& connection, const BenchmarkRow& row) {
  Rows rows = connection.select(kTexts, row.id);
  if (!rows.next()) throw Error(ErrorKind::kData, "are missing");
  const std::string_view bytes = rows.blob(1);
  if (checksum(bytes) != rows.integer(0)) {
    throw Error(ErrorKind::kData, "their checksum does not fit");
  }
  return decode_texts(bytes, static_cast<std::size_t>(row.rows));
}

// Runs `read`; a failure names what is damaged and what helps.
template <class Read>
auto from_benchmark(const std::string& name, const std::string& what, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    throw Error(ErrorKind::kData, "benchmark '" + printable(name) + "' is damaged: " + what + " " +
                                      error.what() + "; import it again");
  }
}

}  // namespace

std::int64_t SqlStore::find_benchmark(std::string_view name) const {
  {
    Rows rows = connection_->select(kFind, name);
    if (rows.next()) return rows.integer(0);
  }
  std::vector<std::string> names;
  Rows rows = connection_->select(kNames);
  while (rows.next()) names.push_back(rows.string(0));
  if (names.empty()) {
    throw Error(ErrorKind::kUsage, "there is no benchmark '" + printable(name) +
                                       "': this database holds none; import one first (nasctl "
                                       "bench import)");
  }
  throw Error(ErrorKind::kUsage, unknown_name("benchmark", name, names));
}

void SqlStore::write_benchmark_column(std::int64_t benchmark_id, const Benchmark& benchmark,
                                      std::size_t column) {
  const BenchmarkColumn& c = benchmark.columns()[column];
  const std::span<const double> values = benchmark.values(column);
  const ValueCounts counts = count_special(values);
  const StoredBlob blob = encode_values(values, c.width > 1);
  const std::int64_t column_id = connection_->insert(
      kAddColumn, benchmark_id, c.metric, c.dataset, c.split, c.epochs, c.statistic, c.device,
      c.unit, c.maximize ? "maximize" : "minimize", metric_source_code(c.source), c.origin, c.width,
      static_cast<std::int64_t>(counts.missing), static_cast<std::int64_t>(counts.failed),
      blob.encoding, blob.crc32, Blob{blob.bytes});
  if (const OptionalInt network_id = catalogue_->network(c.network)) {
    connection_->execute(kAddNetwork, column_id, *network_id);
  }
}

void SqlStore::put_benchmark(const Benchmark& benchmark) {
  require_writable("store a benchmark");
  const BenchmarkInfo& info = benchmark.info();
  const std::string texts = encode_texts(benchmark.texts());
  connection_->write([&] {
    connection_->execute(kPut, info.name, info.space, info.space_version, info.source, info.licence,
                         static_cast<std::int64_t>(benchmark.rows()), info.sha256,
                         connection_->now_us());
    const std::int64_t id = find_benchmark(info.name);
    connection_->execute(kPutTexts, id, checksum(texts), Blob{texts});
    connection_->execute(kDropColumns, id);
    for (std::size_t column = 0; column < benchmark.columns().size(); ++column) {
      write_benchmark_column(id, benchmark, column);
    }
  });
}

void SqlStore::put_benchmark_columns(const Benchmark& benchmark,
                                     std::span<const std::size_t> columns) {
  require_writable("store columns of a benchmark");
  const std::string& name = benchmark.info().name;
  connection_->write([&] {
    const std::int64_t id = find_benchmark(name);
    {
      Rows rows = connection_->select(kTexts, id);
      if (!rows.next() || rows.blob(1) != encode_texts(benchmark.texts())) {
        throw Error(ErrorKind::kUsage,
                    "benchmark '" + printable(name) +
                        "': the stored architectures differ from those of the new "
                        "columns; store it whole");
      }
    }
    for (const std::size_t column : columns) {
      NAS_CHECK(column < benchmark.columns().size(), "column to store of benchmark " + name);
      const BenchmarkColumn& c = benchmark.columns()[column];
      connection_->execute(kDropColumn, id, c.metric, c.dataset, c.split, c.epochs, c.statistic,
                           c.device);
      write_benchmark_column(id, benchmark, column);
    }
  });
}

std::vector<BenchmarkRow> SqlStore::benchmarks() const {
  return connection_->read([&] {
    std::vector<BenchmarkRow> benchmarks = read_benchmarks(*connection_);
    for (BenchmarkRow& row : benchmarks) {
      Rows rows = connection_->select(kColumns, row.id);
      while (rows.next()) row.columns.push_back(read_column(rows));
    }
    return benchmarks;
  });
}

std::shared_ptr<const Benchmark> SqlStore::open_benchmark(std::string_view name,
                                                          std::span<const std::string> wide) const {
  return connection_->read([&] {
    const std::int64_t id = find_benchmark(name);
    const BenchmarkRow row = [&] {
      Rows rows = connection_->select(kBenchmark, id);
      NAS_CHECK(rows.next(), "a benchmark that was just found");
      return read_row(rows);
    }();
    auto benchmark = std::make_shared<Benchmark>(row.info);
    from_benchmark(row.info.name, "its architectures",
                   [&] { benchmark->set_rows(read_texts(*connection_, row)); });
    std::vector<std::string> missing(wide.begin(), wide.end());
    Rows rows = connection_->select(kColumnsWithData, id);
    while (rows.next()) {
      BenchmarkColumn column = read_column(rows);
      const std::string text = column_text(column);
      const auto wanted = std::find(missing.begin(), missing.end(), text);
      std::vector<double> values;
      if (column.width == 1 || wanted != missing.end()) {
        values = from_benchmark(row.info.name, "column " + text, [&] {
          return read_values(
              rows, static_cast<std::size_t>(row.rows) * static_cast<std::size_t>(column.width));
        });
      }
      if (wanted != missing.end()) missing.erase(wanted);
      benchmark->add_column(std::move(column), std::move(values));
    }
    if (!missing.empty()) {
      throw Error(ErrorKind::kUsage,
                  "benchmark '" + row.info.name + "' has no column " + missing.front());
    }
    return benchmark;
  });
}

std::vector<std::string> SqlStore::benchmark_problems() const {
  std::vector<std::string> problems;
  const auto examine = [&](const auto& read) {
    try {
      read();
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
  };
  for (const BenchmarkRow& row : read_benchmarks(*connection_)) {
    examine([&] {
      from_benchmark(row.info.name, "its architectures",
                     [&] { Benchmark(row.info).set_rows(read_texts(*connection_, row)); });
    });
    Rows rows = connection_->select(kColumnsWithData, row.id);
    while (rows.next()) {
      const BenchmarkColumn column = read_column(rows);
      const auto values = static_cast<std::size_t>(row.rows * column.width);
      examine([&] {
        from_benchmark(row.info.name, "column " + column_text(column),
                       [&] { read_values(rows, values); });
      });
    }
  }
  return problems;
}

void SqlStore::remove_benchmark(std::string_view name) {
  require_writable("remove a benchmark");
  connection_->write([&] { connection_->execute(kRemove, find_benchmark(name)); });
}

}  // namespace nas
