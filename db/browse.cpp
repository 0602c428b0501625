#include "db/browse.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/browse_impl.h"
#include "db/codes.h"
#include "db/sqlite_store_impl.h"

namespace nas {

namespace {

// Jumps from name to name in the index metric_ranking instead of reading all of a study.
constexpr char kNextMetric[] =
    "SELECT name FROM metric WHERE ranked = 1 AND study_id = ? AND name > ? ORDER BY name LIMIT 1";
constexpr char kDevices[] = "SELECT id, name FROM device ORDER BY name, id";
// The devices of a metric alternate from trial to trial, so a look at some values finds them.
constexpr char kSomeDevices[] =
    "SELECT DISTINCT device.name FROM (SELECT device_id FROM metric WHERE ranked = 1 AND study_id "
    "= ? AND name = ? LIMIT 2000) AS seen JOIN device ON device.id = device_id ORDER BY "
    "device.name";
constexpr char kHasDevice[] = "SELECT 1 FROM metric WHERE device_id = ? AND name = ? LIMIT 1";
constexpr char kMinimized[] =
    "SELECT DISTINCT metric, device FROM objective WHERE direction = 'minimize' AND (?1 = 0 OR "
    "study_id = ?1)";
constexpr char kCurve[] =
    "SELECT epoch, name, value, curve.status FROM trial JOIN curve ON trial_id = trial.id WHERE "
    "study_id = ? AND number = ? ORDER BY position";
constexpr char kPlaceOf[] = "SELECT study_id, number FROM trial WHERE id = ?";

/// Numbers and ids begin at zero and have few gaps: of the trials that were removed.
constexpr BrowseKey kAlwaysPossible = 10'000'000;

class SqlBrowser final : public StudyBrowser {
 public:
  explicit SqlBrowser(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  std::int64_t version() override { return connection_->change_mark(); }

  std::unique_ptr<BrowseTable> trials(std::int64_t study_id) override {
    return std::make_unique<TrialTable>(*connection_, study_id);
  }

  std::unique_ptr<BrowseTable> all_trials() override {
    return std::make_unique<TrialTable>(*connection_, std::nullopt);
  }

  std::optional<TrialPlace> place_of(std::int64_t trial_id) override {
    Rows rows = connection_->select(kPlaceOf, trial_id);
    if (!rows.next()) return std::nullopt;
    return TrialPlace{rows.integer(0), rows.integer(1)};
  }

  std::vector<CurvePoint> curve(std::int64_t study_id, BrowseKey number) override {
    std::vector<CurvePoint> points;
    Rows rows = connection_->select(kCurve, study_id, number);
    while (rows.next()) {
      points.push_back({.epoch = rows.integer(0),
                        .name = rows.string(1),
                        .value = value_of(rows.text(3), rows.real(2))});
    }
    return points;
  }

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<StudyBrowser> browser_on(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlBrowser>(std::move(connection));
}

std::unique_ptr<StudyBrowser> open_sqlite_browser(const std::filesystem::path& path) {
  return browser_on(open_connection(path, OpenMode::kReadOnly, {}));
}

TrialTable::TrialTable(Connection& connection, OptionalInt study_id)
    : connection_(connection), study_id_(study_id) {
  connection_.read([&] {
    metrics_.clear();
    columns_.clear();
    fields_.clear();
    find_metrics();
    add_columns();
  });
}

void TrialTable::add_text(BrowsedField field, const char* name, const char* title) {
  columns_.push_back({.name = name,
                      .title = title,
                      .kind = BrowseKind::kText,
                      .maximize = false,
                      .is_metric = false});
  fields_.push_back(field);
}

void TrialTable::add_number(BrowsedField field, const char* name, const char* title,
                            BrowseKind kind) {
  columns_.push_back(
      {.name = name, .title = title, .kind = kind, .maximize = false, .is_metric = false});
  fields_.push_back(field);
}

void TrialTable::add_columns() {
  if (!study_id_) {
    add_number(BrowsedField::kId, "id", "Id", BrowseKind::kInteger);
    add_text(BrowsedField::kStudy, "study", "Study");
  }
  add_number(BrowsedField::kNumber, "number", "Trial", BrowseKind::kInteger);
  add_text(BrowsedField::kArchitecture, "architecture", "Architecture");
  if (!study_id_) add_text(BrowsedField::kSpace, "space", "Space");
  add_text(BrowsedField::kState, "state", "State");
  columns_[0].indexed = true;
  first_metric_ = columns_.size();
  std::map<std::pair<std::string, std::string>, bool> minimized;
  Rows rows = connection_.select(kMinimized, scope());
  while (rows.next()) minimized[{rows.string(0), rows.string(1)}] = true;
  for (const BrowsedMetric& metric : metrics_) {
    const std::string name = metric_selector_text(metric.name, metric.device);
    const bool minimize = minimized.contains({metric.name, metric.device}) ||
                          minimized.contains({metric.name, std::string()});
    columns_.push_back({.name = name, .title = name, .indexed = true, .maximize = !minimize});
    fields_.push_back(BrowsedField::kMetric);
  }
  add_number(BrowsedField::kPublishedParams, "published_params", "Published params",
             BrowseKind::kInteger);
  add_number(BrowsedField::kPublishedMacs, "published_macs", "Published MACs",
             BrowseKind::kInteger);
  add_text(BrowsedField::kNetwork, "network", "Network");
  add_text(BrowsedField::kTrainedNetwork, "trained_network", "Trained network");
  add_number(BrowsedField::kSeconds, "seconds", "Seconds", BrowseKind::kReal);
  add_text(BrowsedField::kReason, "reason", "Proposed as");
  add_text(BrowsedField::kWorker, "worker", "Worker");
  add_text(BrowsedField::kError, "error", "Problem");
}

void TrialTable::find_metrics() {
  std::set<std::string> names;
  for (const std::int64_t study_id : study_ids()) {
    std::string last;
    while (true) {
      std::string next = connection_.select(kNextMetric, study_id, last).next_text();
      if (next.empty()) break;
      // Else this would not end.
      if (next <= last) refuse("an index is not in order");
      last = std::move(next);
      names.insert(last);
    }
  }
  for (const std::string& name : names) find_metric(name);
}

void TrialTable::find_metric(const std::string& name) {
  const std::vector<std::string> devices = devices_of(name);
  if (devices.size() < 2) {
    metrics_.push_back({name, devices.empty() ? "" : devices[0], false});
    return;
  }
  for (const std::string& device : devices) metrics_.push_back({name, device, true});
}

std::vector<std::string> TrialTable::devices_of(const std::string& metric) {
  std::vector<std::pair<std::int64_t, std::string>> known;
  {
    Rows rows = connection_.select(kDevices);
    while (rows.next()) known.emplace_back(rows.integer(0), rows.string(1));
  }
  std::vector<std::string> devices;
  if (known.empty()) return devices;
  if (study_id_) {
    Rows rows = connection_.select(kSomeDevices, *study_id_, metric);
    while (rows.next()) devices.push_back(rows.string(0));
    return devices;
  }
  for (const auto& [id, name] : known) {
    if (!devices.empty() && devices.back() == name) continue;
    if (connection_.select(kHasDevice, id, metric).next()) devices.push_back(name);
  }
  return devices;
}

std::string TrialTable::where() const {
  return study_id_ ? "study_id = ?1" : "?1 = 0";
}

const char* TrialTable::key() const {
  return study_id_ ? "number" : "trial.id";
}

const BrowsedMetric& TrialTable::metric_of(std::size_t column) const {
  NAS_CHECK(fields_[column] == BrowsedField::kMetric,
            "column '" + columns_[column].name + "' is not a metric");
  return metrics_[column - first_metric_];
}

BrowseKey TrialTable::key_end() {
  Rows rows = connection_.select(
      "SELECT max(" + std::string(key()) + ") FROM trial WHERE " + where(), scope());
  if (!rows.next() || rows.is_null(0)) return 0;
  const BrowseKey last = rows.integer(0);
  check_key(last);
  return last + 1;
}

void TrialTable::check_key(BrowseKey key) {
  if (key >= 0 && key < std::max(key_limit_, kAlwaysPossible)) return;
  // A trial takes many bytes.
  key_limit_ = connection_.size_bytes();
  if (key >= 0 && key < key_limit_) return;
  refuse("a trial has the number " + std::to_string(key));
}

void TrialTable::check_keys(std::span<const BrowseKey> keys) {
  if (keys.empty()) return;
  const auto [least, most] = std::minmax_element(keys.begin(), keys.end());
  check_key(*least);
  check_key(*most);
}

void TrialTable::refuse(const std::string& what) const {
  throw Error(ErrorKind::kData, "database '" + connection_.path_text() + "': is damaged (" + what +
                                    "); use a copy of it, or salvage its rows");
}

}  // namespace nas
