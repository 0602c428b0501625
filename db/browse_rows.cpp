#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/util/error.h"
#include "db/browse_impl.h"
#include "db/codes.h"

namespace nas {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// The network of a trial's first training; its sizes and latency may be of another one.
#define NAS_TRAINED_NETWORK                                                              \
  "(SELECT network.text FROM metric JOIN network ON network.id = metric.network_id "     \
  "WHERE metric.architecture_id = trial.architecture_id AND metric.trial_id = trial.id " \
  "AND source = 'measured' AND fidelity_id IS NOT NULL ORDER BY metric.id LIMIT 1)"
constexpr char kTrial[] =
    "SELECT trial.id, architecture_id, study.name, number, architecture.text, space.name, "
    "trial.state, published_params, published_macs, seconds, (SELECT reason FROM proposal WHERE "
    "trial_id = trial.id ORDER BY token DESC "
    "LIMIT 1), worker, error, network.text, " NAS_TRAINED_NETWORK
    " FROM trial LEFT JOIN network ON network.id = network_id "
    "JOIN study ON study.id = study_id JOIN architecture ON "
    "architecture.id = architecture_id JOIN space ON space.id = architecture.space_id WHERE ";
constexpr char kMetrics[] =
    "SELECT metric.name, value, status, device.name FROM metric LEFT JOIN device ON device.id = "
    "device_id WHERE architecture_id = ? AND trial_id = ? ORDER BY metric.id";
// Answered by the index metric_ranking alone, best value last.
#define NAS_RANKED \
  "SELECT trial_number, value FROM metric WHERE ranked = 1 AND study_id = ?1 AND name = ?2 "
#define NAS_ONE_DEVICE "AND device_id IN (SELECT id FROM device WHERE name = ?3) "
constexpr char kUpwards[] = NAS_RANKED "ORDER BY value";
constexpr char kUpwardsOnDevice[] = NAS_RANKED NAS_ONE_DEVICE "ORDER BY value";
constexpr char kDownwards[] = NAS_RANKED "ORDER BY value DESC";
constexpr char kDownwardsOnDevice[] = NAS_RANKED NAS_ONE_DEVICE "ORDER BY value DESC";

constexpr char kLastTrial[] = "SELECT max(id) FROM trial";
constexpr char kLastMetric[] = "SELECT max(id) FROM metric";
// The plus keeps SQLite from walking the whole study by another index.
constexpr char kStudyMetrics[] =
    "SELECT trial_number FROM metric WHERE id > ?2 AND +study_id = ?1 LIMIT ?3";
constexpr char kAllMetrics[] =
    "SELECT trial_id FROM metric WHERE id > ?2 AND trial_id IS NOT NULL AND ?1 = 0 LIMIT ?3";
/// A trial has this many metrics at most before its study is read as a whole.
constexpr std::int64_t kMetricsOfTrial = 64;
/// As many may be on their way when a table is first looked at.
constexpr std::int64_t kLateTrials = 64, kLateMetrics = 1024;

/// Behind "SELECT key, ".
std::string field_query(BrowsedField field) {
  constexpr char kOfArchitecture[] =
      " FROM trial JOIN architecture ON architecture.id = architecture_id";
  switch (field) {
    case BrowsedField::kId:
      return "id FROM trial";
    case BrowsedField::kNumber:
      return "number FROM trial";
    case BrowsedField::kSeconds:
      return "seconds FROM trial";
    case BrowsedField::kState:
      return "state FROM trial";
    case BrowsedField::kWorker:
      return "worker FROM trial";
    case BrowsedField::kError:
      return "error FROM trial";
    case BrowsedField::kReason:
      return "(SELECT reason FROM proposal WHERE trial_id = trial.id ORDER BY token DESC LIMIT 1) "
             "FROM trial";
    case BrowsedField::kStudy:
      return "name FROM trial JOIN study ON study.id = study_id";
    case BrowsedField::kArchitecture:
      return std::string("text") + kOfArchitecture;
    case BrowsedField::kSpace:
      return std::string("name") + kOfArchitecture + " JOIN space ON space.id = space_id";
    case BrowsedField::kPublishedParams:
      return std::string("published_params") + kOfArchitecture;
    case BrowsedField::kPublishedMacs:
      return std::string("published_macs") + kOfArchitecture;
    case BrowsedField::kNetwork:
      return "text FROM trial JOIN network ON network.id = network_id";
    case BrowsedField::kTrainedNetwork:
      return NAS_TRAINED_NETWORK " FROM trial";
    case BrowsedField::kMetric:
      break;
  }
  NAS_CHECK(false, "a metric is not a column of a trial");
  return {};
}

BrowseCell trial_cell(BrowsedField field, BrowseKey key, const Rows& rows) {
  switch (field) {
    case BrowsedField::kId:
      return key;
    case BrowsedField::kStudy:
      return rows.string(2);
    case BrowsedField::kNumber:
      return rows.integer(3);
    case BrowsedField::kArchitecture:
      return rows.string(4);
    case BrowsedField::kSpace:
      return rows.string(5);
    case BrowsedField::kState:
      return rows.string(6);
    case BrowsedField::kPublishedParams:
      return rows.integer(7);
    case BrowsedField::kPublishedMacs:
      return rows.integer(8);
    case BrowsedField::kNetwork:
      return rows.is_null(13) ? BrowseCell() : BrowseCell(rows.string(13));
    case BrowsedField::kTrainedNetwork:
      return rows.is_null(14) ? BrowseCell() : BrowseCell(rows.string(14));
    case BrowsedField::kSeconds:
      return rows.is_null(9) ? BrowseCell() : BrowseCell(rows.real(9));
    case BrowsedField::kReason:
      return rows.string(10);
    case BrowsedField::kWorker:
      return rows.string(11);
    case BrowsedField::kError:
      return rows.string(12);
    case BrowsedField::kMetric:
      break;
  }
  return {};
}

void put(std::vector<double>& values, BrowseKey key, double value) {
  // A trial that was added after the array was sized belongs to the next reading.
  if (key < 0 || static_cast<std::size_t>(key) >= values.size()) return;
  values[static_cast<std::size_t>(key)] = value;
}

/// False when it was stopped.
template <class Read>
bool unless_stopped(Connection& connection, const std::stop_token& stop, const Read& read) {
  if (stop.stop_requested()) return false;
  const Interruption interruption(connection, stop);
  try {
    read();
  } catch (const Error&) {
    if (!stop.stop_requested()) throw;
  }
  return !stop.stop_requested();
}

}  // namespace

Interruption::Interruption(Connection& connection, const std::stop_token& stop)
    : callback_(stop, connection.interrupter()) {}

void TrialTable::read_metric(std::size_t column, std::vector<double>& values) {
  const BrowsedMetric& metric = metric_of(column);
  const bool up = columns_[column].maximize;
  load_keys();
  for (const std::int64_t study_id : study_ids()) {
    const auto read = [&](Rows rows) {
      while (rows.next()) put(values, key_at(study_id, rows.integer(0)), rows.real(1));
    };
    if (metric.several) {
      read(connection_.select(up ? kUpwardsOnDevice : kDownwardsOnDevice, study_id, metric.name,
                              metric.device));
    } else {
      read(connection_.select(up ? kUpwards : kDownwards, study_id, metric.name));
    }
  }
}

void TrialTable::read_number(BrowsedField field, std::vector<double>& values) {
  Rows rows = connection_.select(
      "SELECT " + std::string(key()) + ", " + field_query(field) + " WHERE " + where(), scope());
  while (rows.next()) put(values, rows.integer(0), rows.real(1));
}

std::optional<std::vector<double>> TrialTable::values(std::size_t column, std::stop_token stop) {
  std::vector<double> values;
  const bool complete = unless_stopped(connection_, stop, [&] {
    connection_.read([&] {
      values.assign(static_cast<std::size_t>(key_end()), kNan);
      if (fields_[column] == BrowsedField::kMetric) {
        read_metric(column, values);
      } else {
        read_number(fields_[column], values);
      }
    });
  });
  if (!complete) return std::nullopt;
  return values;
}

bool TrialTable::texts(std::size_t column, const TextVisitor& visit, std::stop_token stop) {
  return unless_stopped(connection_, stop, [&] {
    Rows rows = connection_.select(
        "SELECT " + std::string(key()) + ", " + field_query(fields_[column]) + " WHERE " + where(),
        scope());
    while (rows.next()) {
      if (!rows.is_null(1)) visit(rows.integer(0), rows.text(1));
    }
  });
}

void TrialTable::read_metrics(std::int64_t trial_id, std::int64_t architecture_id, BrowseRow& row) {
  Rows rows = connection_.select(kMetrics, architecture_id, trial_id);
  while (rows.next()) {
    const double value = value_of(rows.text(2), rows.real(1));
    for (std::size_t i = 0; i < metrics_.size(); ++i) {
      if (metrics_[i].name != rows.text(0)) continue;
      if (metrics_[i].several && metrics_[i].device != rows.text(3)) continue;
      BrowseCell& cell = row.cells[first_metric_ + i];
      const double* known = std::get_if<double>(&cell);
      const bool better = known == nullptr || !std::isfinite(*known) ||
                          (columns_[first_metric_ + i].maximize ? value > *known : value < *known);
      if (better) cell = value;
    }
  }
}

std::vector<BrowseRow> TrialTable::rows(std::span<const BrowseKey> keys) {
  const std::string sql = kTrial + where() + " AND " + key() + " = ?2";
  return connection_.read([&] {
    std::vector<BrowseRow> result;
    for (const BrowseKey key : keys) {
      BrowseRow& row = result.emplace_back();
      row.key = key;
      row.cells.resize(columns_.size());
      Rows rows = connection_.select(sql, scope(), key);
      if (!rows.next()) continue;
      for (std::size_t i = 0; i < columns_.size(); ++i)
        row.cells[i] = trial_cell(fields_[i], key, rows);
      read_metrics(rows.integer(0), rows.integer(1), row);
    }
    return result;
  });
}

void TrialTable::remember_growth(BrowseMark& mark) {
  mark = {.taken = true, .trial = 0, .metric = 0, .unfinished = {}};
  {
    Rows rows = connection_.select(kLastTrial);
    if (rows.next()) mark.trial = rows.integer(0);
  }
  {
    Rows rows = connection_.select(kLastMetric);
    if (rows.next()) mark.metric = rows.integer(0);
  }
  if (!connection_.ids_are_in_order()) wait_for_late_ids(mark);
  Rows rows = connection_.select(
      "SELECT " + std::string(key()) + " FROM trial WHERE state = 'running' AND " + where(),
      scope());
  while (rows.next()) mark.unfinished.push_back(rows.integer(0));
}

// What has a smaller id and is committed a moment later belongs to the next look.
void TrialTable::wait_for_late_ids(BrowseMark& mark) {
  const std::int64_t trial = std::exchange(last_trial_, mark.trial);
  const std::int64_t metric = std::exchange(last_metric_, mark.metric);
  mark.trial = trial >= 0 ? trial : mark.trial - kLateTrials;
  mark.metric = metric >= 0 ? metric : mark.metric - kLateMetrics;
}

std::optional<std::vector<BrowseKey>> TrialTable::changes(BrowseMark& mark, std::int64_t most) {
  const BrowseMark before = mark;
  return connection_.read([&] { return changes_since(before, mark, most); });
}

std::optional<std::vector<BrowseKey>> TrialTable::changes_since(const BrowseMark& before,
                                                                BrowseMark& mark,
                                                                std::int64_t most) {
  remember_growth(mark);
  if (!before.taken) return std::vector<BrowseKey>();
  std::vector<BrowseKey> keys = before.unfinished;
  std::int64_t read = 0;
  const auto take = [&](Rows rows) {
    for (read = 0; rows.next(); ++read) keys.push_back(rows.integer(0));
  };
  const std::string added = "SELECT " + std::string(key()) + " FROM trial WHERE id > ?2 AND " +
                            (study_id_ ? "+" : "") + where() + " LIMIT ?3";
  take(connection_.select(added, scope(), before.trial, most + 1));
  if (read > most) return std::nullopt;
  take(connection_.select(study_id_ ? kStudyMetrics : kAllMetrics, scope(), before.metric,
                          most * kMetricsOfTrial));
  if (read == most * kMetricsOfTrial) return std::nullopt;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (static_cast<std::int64_t>(keys.size()) > most) return std::nullopt;
  check_keys(keys);
  return keys;
}

}  // namespace nas
