#include <sqlite3.h>

#include <cmath>
#include <functional>
#include <limits>

#include "core/util/error.h"
#include "db/browse_impl.h"
#include "db/codes.h"

namespace nas {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr char kTrial[] =
    "SELECT trial.id, architecture_id, text, state, params, macs, seconds, worker, error FROM "
    "trial JOIN architecture ON architecture.id = architecture_id WHERE study_id = ? AND number = "
    "?";
constexpr char kReason[] =
    "SELECT reason FROM proposal WHERE trial_id = ? ORDER BY token DESC LIMIT 1";
constexpr char kMetrics[] =
    "SELECT metric.name, value, status, device.name FROM metric LEFT JOIN device ON device.id = "
    "device_id WHERE architecture_id = ? AND trial_id = ? ORDER BY metric.id";
// Answered by the index metric_ranking alone, best value last.
constexpr char kUpwards[] =
    "SELECT trial_number, value FROM metric WHERE ranked = 1 AND study_id = ?1 AND name = ?2 AND "
    "(?3 = '' OR device_id IN (SELECT id FROM device WHERE name = ?3)) ORDER BY value";
constexpr char kDownwards[] =
    "SELECT trial_number, value FROM metric WHERE ranked = 1 AND study_id = ?1 AND name = ?2 AND "
    "(?3 = '' OR device_id IN (SELECT id FROM device WHERE name = ?3)) ORDER BY value DESC";
constexpr char kNumber[] = "SELECT number, number FROM trial WHERE study_id = ?";
constexpr char kSeconds[] = "SELECT number, seconds FROM trial WHERE study_id = ?";
constexpr char kParams[] =
    "SELECT number, params FROM trial JOIN architecture ON architecture.id = architecture_id WHERE "
    "study_id = ?";
constexpr char kMacs[] =
    "SELECT number, macs FROM trial JOIN architecture ON architecture.id = architecture_id WHERE "
    "study_id = ?";
constexpr char kArchitectureHas[] =
    "SELECT number FROM trial JOIN architecture ON architecture.id = architecture_id WHERE "
    "study_id "
    "= ?1 AND instr(lower(text), lower(?2)) > 0";
constexpr char kStateHas[] =
    "SELECT number FROM trial WHERE study_id = ?1 AND instr(state, lower(?2)) > 0";
constexpr char kWorkerHas[] =
    "SELECT number FROM trial WHERE study_id = ?1 AND instr(lower(worker), lower(?2)) > 0";
constexpr char kErrorHas[] =
    "SELECT number FROM trial WHERE study_id = ?1 AND instr(lower(error), lower(?2)) > 0";
constexpr char kReasonHas[] =
    "SELECT number FROM trial JOIN proposal ON trial_id = trial.id WHERE study_id = ?1 AND "
    "instr(lower(reason), lower(?2)) > 0";

std::string_view text_query(std::string_view column) {
  if (column == "architecture") return kArchitectureHas;
  if (column == "state") return kStateHas;
  if (column == "worker") return kWorkerHas;
  if (column == "error") return kErrorHas;
  NAS_CHECK(column == "reason", "column '" + std::string(column) + "' holds no text");
  return kReasonHas;
}

std::string_view number_query(std::string_view column) {
  if (column == "number") return kNumber;
  if (column == "params") return kParams;
  if (column == "macs") return kMacs;
  NAS_CHECK(column == "seconds", "column '" + std::string(column) + "' holds no numbers");
  return kSeconds;
}

/// Ends the statement that runs on a connection when a stop is requested.
class Interruption {
 public:
  Interruption(Connection& connection, const std::stop_token& stop)
      : callback_(stop, [database = connection.get()] { sqlite3_interrupt(database); }) {}

 private:
  std::stop_callback<std::function<void()>> callback_;
};

void put(std::vector<double>& values, const Rows& rows) {
  const std::int64_t key = rows.integer(0);
  // A trial that was added after the array was sized belongs to the next reading.
  if (key < 0 || static_cast<std::size_t>(key) >= values.size()) return;
  values[static_cast<std::size_t>(key)] = rows.real(1);
}

/// `read()` or nothing when it was stopped.
template <class Read>
auto unless_stopped(Connection& connection, const std::stop_token& stop, const Read& read)
    -> std::optional<decltype(read())> {
  if (stop.stop_requested()) return std::nullopt;
  const Interruption interruption(connection, stop);
  try {
    auto result = read();
    if (stop.stop_requested()) return std::nullopt;
    return result;
  } catch (const Error&) {
    if (stop.stop_requested()) return std::nullopt;
    throw;
  }
}

}  // namespace

std::vector<double> TrialTable::metric_values(std::size_t column, std::size_t end) {
  std::vector<double> values(end, kNan);
  const BrowsedMetric& metric = metric_of(column);
  Rows rows = connection_.select(columns_[column].maximize ? kUpwards : kDownwards, study_id_,
                                 metric.name, metric.restriction());
  while (rows.next()) put(values, rows);
  return values;
}

std::vector<double> TrialTable::trial_values(const std::string& column, std::size_t end) {
  std::vector<double> values(end, kNan);
  Rows rows = connection_.select(number_query(column), study_id_);
  while (rows.next()) put(values, rows);
  return values;
}

std::optional<std::vector<double>> TrialTable::values(std::size_t column, std::stop_token stop) {
  return unless_stopped(connection_, stop, [&] {
    const Transaction snapshot(connection_, Transaction::Kind::kRead);
    const auto end = static_cast<std::size_t>(key_end());
    return is_metric(column) ? metric_values(column, end)
                             : trial_values(columns_[column].name, end);
  });
}

std::optional<std::vector<std::uint8_t>> TrialTable::containing(std::size_t column,
                                                                std::string_view part,
                                                                std::stop_token stop) {
  return unless_stopped(connection_, stop, [&] {
    const Transaction snapshot(connection_, Transaction::Kind::kRead);
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(key_end()), 0);
    Rows rows = connection_.select(text_query(columns_[column].name), study_id_, part);
    while (rows.next()) mask[static_cast<std::size_t>(rows.integer(0))] = 1;
    return mask;
  });
}

void TrialTable::read_metrics(std::int64_t trial_id, std::int64_t architecture_id, BrowseRow& row) {
  Rows rows = connection_.select(kMetrics, architecture_id, trial_id);
  while (rows.next()) {
    const double value = value_of(rows.text(2), rows.real(1));
    for (std::size_t i = 0; i < metrics_.size(); ++i) {
      if (metrics_[i].name != rows.text(0)) continue;
      if (metrics_[i].several && metrics_[i].device != rows.text(3)) continue;
      BrowseCell& cell = row.cells[3 + i];
      const double* known = std::get_if<double>(&cell);
      const bool better = known == nullptr || !std::isfinite(*known) ||
                          (columns_[3 + i].maximize ? value > *known : value < *known);
      if (better) cell = value;
    }
  }
}

std::vector<BrowseRow> TrialTable::rows(std::span<const BrowseKey> keys) {
  const Transaction snapshot(connection_, Transaction::Kind::kRead);
  std::vector<BrowseRow> result;
  for (const BrowseKey key : keys) {
    BrowseRow row{.key = key, .cells = std::vector<BrowseCell>(columns_.size())};
    std::int64_t trial_id = 0;
    std::int64_t architecture_id = 0;
    {
      Rows rows = connection_.select(kTrial, study_id_, key);
      if (!rows.next()) {
        result.push_back(std::move(row));
        continue;
      }
      trial_id = rows.integer(0);
      architecture_id = rows.integer(1);
      row.cells[0] = key;
      row.cells[1] = rows.string(2);
      row.cells[2] = rows.string(3);
      for (std::size_t i = 3 + metrics_.size(); i < columns_.size(); ++i) {
        const std::string& name = columns_[i].name;
        if (name == "params") row.cells[i] = rows.integer(4);
        if (name == "macs") row.cells[i] = rows.integer(5);
        if (name == "seconds" && !rows.is_null(6)) row.cells[i] = rows.real(6);
        if (name == "worker") row.cells[i] = rows.string(7);
        if (name == "error") row.cells[i] = rows.string(8);
      }
    }
    row.cells[columns_.size() - 3] = connection_.select(kReason, trial_id).next_text();
    read_metrics(trial_id, architecture_id, row);
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace nas
