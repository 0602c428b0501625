#include "db/browse.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/browse_impl.h"
#include "db/codes.h"
#include "db/sqlite_store.h"
#include "db/store_impl.h"

namespace nas {

namespace {

// Jumps from name to name in the index metric_ranking instead of reading all of a study.
constexpr char kNextMetric[] =
    "SELECT name FROM metric WHERE ranked = 1 AND study_id = ? AND name > ? ORDER BY name LIMIT 1";
constexpr char kDevices[] = "SELECT name FROM device ORDER BY name";
// The devices of a metric alternate from trial to trial, so a look at some values finds them.
constexpr char kSomeDevices[] =
    "SELECT DISTINCT device.name FROM (SELECT device_id FROM metric WHERE ranked = 1 AND study_id "
    "= ? AND name = ? LIMIT 2000) JOIN device ON device.id = device_id ORDER BY device.name";
constexpr char kMinimized[] =
    "SELECT metric, device FROM objective WHERE study_id = ? AND direction = 'minimize'";
#define NAS_ONE_DEVICE " AND (?3 = '' OR device_id IN (SELECT id FROM device WHERE name = ?3)) "
constexpr char kAscending[] =
    "SELECT trial_number, value FROM metric WHERE ranked = 1 AND study_id = ?1 AND name = "
    "?2" NAS_ONE_DEVICE
    "AND (value, trial_number) > (?4, ?5) ORDER BY value, trial_number LIMIT ?6";
constexpr char kDescending[] =
    "SELECT trial_number, value FROM metric WHERE ranked = 1 AND study_id = ?1 AND name = "
    "?2" NAS_ONE_DEVICE
    "AND (value, trial_number) < (?4, ?5) ORDER BY value DESC, trial_number DESC LIMIT ?6";
constexpr char kNumbers[] =
    "SELECT number FROM trial WHERE study_id = ? AND number > ? ORDER BY number LIMIT ?";
constexpr char kNumbersDown[] =
    "SELECT number FROM trial WHERE study_id = ? AND number < ? ORDER BY number DESC LIMIT ?";
constexpr char kCurve[] =
    "SELECT epoch, name, value, curve.status FROM trial JOIN curve ON trial_id = trial.id WHERE "
    "study_id = ? AND number = ? ORDER BY position";
constexpr char kLargest[] = "SELECT max(number) FROM trial WHERE study_id = ?";

constexpr BrowseKey kLastKey = std::numeric_limits<BrowseKey>::max();

BrowseColumn text_column(const char* name, const char* title) {
  return {.name = name, .title = title, .kind = BrowseKind::kText, .is_metric = false};
}

BrowseColumn number_column(const char* name, const char* title, BrowseKind kind) {
  return {.name = name, .title = title, .kind = kind, .maximize = false, .is_metric = false};
}

class SqliteBrowser final : public StudyBrowser {
 public:
  explicit SqliteBrowser(const std::filesystem::path& path)
      : connection_(open_connection(path, OpenMode::kReadOnly, {})), file_(identity()) {}

  std::int64_t version() override {
    if (identity() != file_) {
      throw Error(ErrorKind::kIo, "database '" + connection_->path_text() +
                                      "': was replaced by another file; open it again");
    }
    Rows rows = connection_->select("PRAGMA data_version");
    return rows.next() ? rows.integer(0) : 0;
  }

  std::unique_ptr<BrowseTable> trials(std::int64_t study_id) override {
    return std::make_unique<TrialTable>(*connection_, study_id);
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
  std::pair<dev_t, ino_t> identity() const {
    struct stat status {};
    if (::stat(connection_->target().path.c_str(), &status) != 0) {
      throw Error(ErrorKind::kIo, "database '" + connection_->path_text() +
                                      "': was removed; what is shown is the last state read");
    }
    return {status.st_dev, status.st_ino};
  }

  std::unique_ptr<Connection> connection_;
  std::pair<dev_t, ino_t> file_;
};

}  // namespace

std::unique_ptr<StudyBrowser> open_sqlite_browser(const std::filesystem::path& path) {
  return std::make_unique<SqliteBrowser>(path);
}

TrialTable::TrialTable(Connection& connection, std::int64_t study_id)
    : connection_(connection), study_id_(study_id) {
  const Transaction snapshot(connection_, Transaction::Kind::kRead);
  find_metrics();
  std::map<std::pair<std::string, std::string>, bool> minimized;
  Rows rows = connection_.select(kMinimized, study_id_);
  while (rows.next()) minimized[{rows.string(0), rows.string(1)}] = true;

  BrowseColumn number = number_column("number", "Trial", BrowseKind::kInteger);
  number.indexed = true;
  columns_ = {number, text_column("architecture", "Architecture"), text_column("state", "State")};
  for (const BrowsedMetric& metric : metrics_) {
    const std::string name = metric_selector_text(metric.name, metric.device);
    const bool minimize = minimized.contains({metric.name, metric.device}) ||
                          minimized.contains({metric.name, std::string()});
    columns_.push_back({.name = name, .title = name, .indexed = true, .maximize = !minimize});
  }
  // Often recorded as metrics already.
  for (const char* name : {"params", "macs"}) {
    const bool recorded = std::any_of(metrics_.begin(), metrics_.end(),
                                      [&](const BrowsedMetric& m) { return m.name == name; });
    if (!recorded) columns_.push_back(number_column(name, name, BrowseKind::kInteger));
  }
  columns_.push_back(number_column("seconds", "Seconds", BrowseKind::kReal));
  columns_.push_back(text_column("reason", "Proposed as"));
  columns_.push_back(text_column("worker", "Worker"));
  columns_.push_back(text_column("error", "Problem"));
}

void TrialTable::find_metrics() {
  std::string last;
  while (true) {
    {
      Rows rows = connection_.select(kNextMetric, study_id_, last);
      if (!rows.next()) return;
      last = rows.string(0);
    }
    const std::vector<std::string> devices = devices_of(last);
    if (devices.size() < 2) metrics_.push_back({last, devices.empty() ? "" : devices[0], false});
    if (devices.size() < 2) continue;
    for (const std::string& device : devices) metrics_.push_back({last, device, true});
  }
}

std::vector<std::string> TrialTable::devices_of(const std::string& metric) {
  if (connection_.select(kDevices).next_text().empty()) return {};
  std::vector<std::string> devices;
  Rows rows = connection_.select(kSomeDevices, study_id_, metric);
  while (rows.next()) devices.push_back(rows.string(0));
  return devices;
}

bool TrialTable::is_metric(std::size_t column) const {
  return column >= 3 && column < 3 + metrics_.size();
}

const BrowsedMetric& TrialTable::metric_of(std::size_t column) const {
  NAS_CHECK(is_metric(column), "column " + std::to_string(column) + " is no metric");
  return metrics_[column - 3];
}

BrowseKey TrialTable::key_end() {
  Rows rows = connection_.select(kLargest, study_id_);
  return rows.next() && !rows.is_null(0) ? rows.integer(0) + 1 : 0;
}

BrowsePage TrialTable::page(std::size_t column, bool descending, const BrowsePlace& after,
                            std::int64_t limit) {
  NAS_CHECK(columns_[column].indexed, "column '" + columns_[column].name + "' has no index");
  if (column == 0) return page_of_numbers(descending, after, limit);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const BrowsedMetric& metric = metric_of(column);
  BrowsePage page;
  page.last = after;
  if (!after.started) {
    page.last = {.started = true,
                 .value = descending ? kInfinity : -kInfinity,
                 .key = descending ? kLastKey : -1};
  }
  const BrowsePlace from = page.last;
  Rows rows = connection_.select(descending ? kDescending : kAscending, study_id_, metric.name,
                                 metric.restriction(), from.value, from.key, limit);
  while (rows.next()) {
    page.keys.push_back(rows.integer(0));
    page.last.key = page.keys.back();
    page.last.value = rows.real(1);
  }
  page.complete = static_cast<std::int64_t>(page.keys.size()) < limit;
  return page;
}

BrowsePage TrialTable::page_of_numbers(bool descending, const BrowsePlace& after,
                                       std::int64_t limit) {
  BrowsePage page;
  page.last = after;
  if (!after.started) page.last = {.started = true, .key = descending ? kLastKey : -1};
  const BrowseKey from = page.last.key;
  Rows rows = connection_.select(descending ? kNumbersDown : kNumbers, study_id_, from, limit);
  while (rows.next()) page.keys.push_back(rows.integer(0));
  if (!page.keys.empty()) page.last.key = page.keys.back();
  page.complete = static_cast<std::int64_t>(page.keys.size()) < limit;
  return page;
}

BrowsePage TrialTable::page_of_keys(const BrowsePlace& after, std::int64_t limit) {
  return page_of_numbers(false, after, limit);
}

}  // namespace nas
