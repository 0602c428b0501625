#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "app/benchmarks/benchmarks.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/importers/import_source.h"

// A benchmark that is imported again: what others computed for its rows stays, and what would go is
// said before it goes.

namespace nas {
namespace {

constexpr std::size_t kMostNamed = 4;

/// Scores and predictions that a command of ours added to a benchmark.
bool is_computed(const BenchmarkColumn& column) {
  const bool score = column.source == MetricSource::kProxy;
  const bool prediction = column.source == MetricSource::kPredicted;
  return (score && column.origin.starts_with("searchlight ")) ||
         (prediction && column.origin.starts_with("predictor '"));
}

/// The stored benchmark of a name with all its values; nullptr where there is none.
std::shared_ptr<const Benchmark> stored_benchmark(Session& session, const std::string& name) {
  const std::vector<BenchmarkRow> rows = session.writer().benchmarks();
  const bool known = std::any_of(rows.begin(), rows.end(),
                                 [&](const BenchmarkRow& row) { return row.info.name == name; });
  if (!known) return nullptr;
  std::shared_ptr<const Benchmark> stored = session.writer().open_benchmark(name);
  std::vector<std::string> wide;
  for (const BenchmarkColumn& column : stored->columns()) {
    if (column.width > 1) wide.push_back(column_text(column));
  }
  return wide.empty() ? stored : session.writer().open_benchmark(name, wide);
}

std::optional<std::size_t> find_column(const Benchmark& benchmark, const std::string& text) {
  const auto columns = benchmark.columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (column_text(columns[i]) == text) return i;
  }
  return std::nullopt;
}

/// Same meaning; where it was read from is not part of that.
bool same_meaning(BenchmarkColumn a, const BenchmarkColumn& b) {
  a.origin = b.origin;
  return a == b;
}

bool same_bits(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y) ||
           (std::isnan(x) && std::isnan(y));
  });
}

/// What of the stored benchmark the new one would not have.
class Loss {
 public:
  Loss(const Benchmark& stored, const Benchmark& fresh) {
    for (const std::string& text : stored.texts()) rows_ += fresh.find(text) ? 0 : 1;
    same_rows_ = std::equal(stored.texts().begin(), stored.texts().end(), fresh.texts().begin(),
                            fresh.texts().end());
    for (std::size_t i = 0; i < stored.columns().size(); ++i) {
      const BenchmarkColumn& column = stored.columns()[i];
      if (is_computed(column)) continue;
      const std::string text = column_text(column);
      const auto other = find_column(fresh, text);
      if (!other) {
        gone_.push_back(printable(text));
      } else if (!same_meaning(column, fresh.columns()[*other]) ||
                 (same_rows_ && !same_bits(stored.values(i), fresh.values(*other)))) {
        changed_.push_back(printable(text));
      }
    }
  }

  bool any() const { return !same_rows_ || !gone_.empty() || !changed_.empty(); }

  /// "2 of its 5 rows would go, column 'accuracy' would change"; `done`: "gone: 2 of its 5
  /// rows".
  std::string text(std::size_t stored_rows, bool done) const {
    const auto count = [](std::size_t n) { return format_count(static_cast<std::int64_t>(n)); };
    std::vector<std::string> parts;
    const auto add = [&](const std::string& what, const char* now, const char* then) {
      parts.push_back(done ? now + what : what + then);
    };
    if (rows_ > 0)
      add(count(rows_) + " of its " + count(stored_rows) + " rows", "gone: ", " would go");
    if (rows_ == 0 && !same_rows_)
      add("rows", "added or reordered: ", " would be added or reordered");
    if (!gone_.empty()) add(named(gone_), "gone: ", " would go");
    if (!changed_.empty()) add(named(changed_), "changed: ", " would change");
    return join(parts, ", ");
  }

 private:
  static std::string named(std::vector<std::string> names) {
    const std::size_t all = names.size();
    if (all > kMostNamed) names.resize(kMostNamed);
    return (all == 1 ? "column '" : "columns '") + join(names, "', '") + "'" +
           (all > kMostNamed ? " and " + std::to_string(all - kMostNamed) + " more" : "");
  }

  std::size_t rows_ = 0;
  bool same_rows_ = true;
  std::vector<std::string> gone_, changed_;
};

std::vector<std::string> keep_columns(const Benchmark& stored, Benchmark& fresh) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < stored.columns().size(); ++i) {
    const BenchmarkColumn& column = stored.columns()[i];
    if (!is_computed(column) || find_column(fresh, column_text(column))) continue;
    const auto width = static_cast<std::size_t>(column.width);
    std::vector<double> values(fresh.rows() * width, std::numeric_limits<double>::quiet_NaN());
    bool any = false;
    for (std::size_t row = 0; row < fresh.rows(); ++row) {
      const auto known = stored.find(fresh.text(row));
      if (!known) continue;
      const auto from = stored.values(i).subspan(*known * width, width);
      std::copy(from.begin(), from.end(),
                values.begin() + static_cast<std::ptrdiff_t>(row * width));
      any = true;
    }
    if (!any) continue;
    fresh.add_column(column, std::move(values));
    kept.push_back(printable(column.metric));
  }
  return kept;
}

/// `mapping`: the file that names the space, for the message about an unknown one.
const SearchSpace* named_space(Session& session, std::string_view name,
                               const std::string& mapping) {
  try {
    return &session.space({std::string(name), {}});
  } catch (const Error& error) {
    throw mapping.empty() ? error : error.with_context(printable(mapping));
  }
}

}  // namespace

std::vector<std::string> keep_computed(Session& session, Benchmark& fresh) {
  const auto stored = stored_benchmark(session, fresh.info().name);
  return stored == nullptr ? std::vector<std::string>() : keep_columns(*stored, fresh);
}

ImportResult import_benchmark(Session& session, const BenchmarkImport& request) {
  session.writer();  // an unusable database is said before minutes of reading
  ImportResult result = import_file(
      {.path = request.path,
       .name = request.name,
       .mapping = request.mapping,
       .force = request.force,
       .progress = &session.progress(),
       .stop = session.stop(),
       .space =
           [&](std::string_view space) { return named_space(session, space, request.mapping); }},
      request.importer, request.options);
  const std::string name = result.benchmark.info().name;
  const std::shared_ptr<const Benchmark> stored = stored_benchmark(session, name);
  if (stored != nullptr) {
    const Loss loss(*stored, result.benchmark);
    if (loss.any() && !request.force) {
      throw Error(ErrorKind::kUsage,
                  "benchmark '" + printable(name) + "' is in the database already, from " +
                      printable(stored->info().source) +
                      ", and this content is different: " + loss.text(stored->rows(), false) +
                      "; replace it with --force, or choose another --name");
    }
    if (loss.any()) result.notes.push_back("replaced; " + loss.text(stored->rows(), true));
    const std::vector<std::string> kept = keep_columns(*stored, result.benchmark);
    if (!kept.empty()) result.notes.push_back("columns computed earlier stay: " + join(kept, ", "));
  }
  session.writer().put_benchmark(result.benchmark);
  session.forget_benchmark(name);
  return result;
}

}  // namespace nas
