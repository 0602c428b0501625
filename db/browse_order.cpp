#include <algorithm>
#include <limits>
#include <queue>
#include <utility>

#include "core/util/error.h"
#include "db/browse_impl.h"

namespace nas {

namespace {

// Row by row is right for a screen; from here on all ids are read at once.
constexpr std::int64_t kFewRows = 1000;
constexpr BrowseKey kLastKey = std::numeric_limits<BrowseKey>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr char kStudies[] = "SELECT id FROM study ORDER BY id";
constexpr char kPlace[] = "SELECT study_id, number FROM trial WHERE id = ?";
constexpr char kIdOf[] = "SELECT id FROM trial WHERE study_id = ? AND number = ?";
// Answered by the index of (study, number) alone.
constexpr char kAllIds[] = "SELECT study_id, number, id FROM trial ORDER BY study_id, number";
constexpr char kNewIds[] = "SELECT study_id, number, id FROM trial WHERE id > ?";
#define NAS_RANKED \
  "SELECT trial_number, value FROM metric WHERE ranked = 1 AND study_id = ?1 AND name = ?2 "
#define NAS_ONE_DEVICE "AND device_id IN (SELECT id FROM device WHERE name = ?6) "
#define NAS_UPWARDS "AND (value, trial_number) > (?3, ?4) "
#define NAS_DOWNWARDS "AND (value, trial_number) < (?3, ?4) "
#define NAS_FIRST "ORDER BY value, trial_number LIMIT ?5"
#define NAS_LAST "ORDER BY value DESC, trial_number DESC LIMIT ?5"
constexpr char kUp[] = NAS_RANKED NAS_UPWARDS NAS_FIRST;
constexpr char kUpOnDevice[] = NAS_RANKED NAS_ONE_DEVICE NAS_UPWARDS NAS_FIRST;
constexpr char kDown[] = NAS_RANKED NAS_DOWNWARDS NAS_LAST;
constexpr char kDownOnDevice[] = NAS_RANKED NAS_ONE_DEVICE NAS_DOWNWARDS NAS_LAST;

}  // namespace

struct TrialTable::Stream {
  std::int64_t study_id = 0;
  double value = 0;  ///< where the next rows begin
  BrowseKey number = 0;
  std::vector<std::pair<double, BrowseKey>> rows;
  std::size_t at = 0;
  bool exhausted = false;

  bool empty() const { return at == rows.size(); }
};

std::vector<std::int64_t> TrialTable::study_ids() {
  if (study_id_) return {*study_id_};
  std::vector<std::int64_t> ids;
  Rows rows = connection_.select(kStudies);
  while (rows.next()) ids.push_back(rows.integer(0));
  return ids;
}

void TrialTable::load_keys() {
  if (study_id_) return;
  Rows rows =
      keys_.empty() ? connection_.select(kAllIds) : connection_.select(kNewIds, keys_until_);
  while (rows.next()) {
    std::vector<BrowseKey>& keys = keys_[rows.integer(0)];
    check_key(rows.integer(1));
    const auto number = static_cast<std::size_t>(rows.integer(1));
    if (keys.size() <= number) keys.resize(number + 1, -1);
    keys[number] = rows.integer(2);
    keys_until_ = std::max(keys_until_, rows.integer(2));
  }
}

BrowseKey TrialTable::key_at(std::int64_t study_id, BrowseKey number) {
  if (study_id_) return number;
  const auto known = keys_.find(study_id);
  if (known != keys_.end() && number >= 0 &&
      static_cast<std::size_t>(number) < known->second.size()) {
    const BrowseKey key = known->second[static_cast<std::size_t>(number)];
    if (key >= 0) return key;
  }
  // Not read yet: it was added since.
  Rows rows = connection_.select(kIdOf, study_id, number);
  if (!rows.next()) refuse("a value is of a trial that is not there");
  return rows.integer(0);
}

void TrialTable::refill(Stream& stream, const BrowsedMetric& metric, bool descending,
                        std::int64_t limit) {
  stream.rows.clear();
  stream.at = 0;
  if (stream.exhausted) return;
  const auto read = [&](Rows rows) {
    while (rows.next()) stream.rows.emplace_back(rows.real(1), rows.integer(0));
  };
  const std::pair<double, BrowseKey> before{stream.value, stream.number};
  const double value = stream.value;
  const BrowseKey number = stream.number;
  if (metric.several) {
    read(connection_.select(descending ? kDownOnDevice : kUpOnDevice, stream.study_id, metric.name,
                            value, number, limit, metric.device));
  } else {
    read(connection_.select(descending ? kDown : kUp, stream.study_id, metric.name, value, number,
                            limit));
  }
  stream.exhausted = static_cast<std::int64_t>(stream.rows.size()) < limit;
  if (stream.rows.empty()) return;
  // Else the rows would come again and again.
  const bool onwards = descending ? stream.rows.back() < before : stream.rows.back() > before;
  if (!onwards) refuse("an index is not in order");
  stream.value = stream.rows.back().first;
  stream.number = stream.rows.back().second;
}

// All studies together are in the order of value, study and number.
std::vector<TrialTable::Stream> TrialTable::streams_after(const BrowsePlace& after,
                                                          bool descending) {
  TrialPlace last{.study_id = scope(), .number = after.key};
  if (after.started && !study_id_) {
    Rows rows = connection_.select(kPlace, after.key);
    if (rows.next()) last = {rows.integer(0), rows.integer(1)};
  }
  const BrowseKey before_all = descending ? kLastKey : -1;
  const BrowseKey after_all = descending ? -1 : kLastKey;
  std::vector<Stream> streams;
  for (const std::int64_t study_id : study_ids()) {
    Stream stream{.study_id = study_id, .number = before_all, .rows = {}};
    stream.value = after.started ? after.value : (descending ? kInfinity : -kInfinity);
    const bool passed = descending ? study_id > last.study_id : study_id < last.study_id;
    if (after.started && passed) stream.number = after_all;
    if (after.started && study_id == last.study_id) stream.number = last.number;
    streams.push_back(std::move(stream));
  }
  return streams;
}

BrowsePage TrialTable::page_of_metric(std::size_t column, bool descending, const BrowsePlace& after,
                                      std::int64_t limit) {
  const BrowsedMetric& metric = metric_of(column);
  if (limit > kFewRows) load_keys();
  std::vector<Stream> streams = streams_after(after, descending);
  const auto count = std::max<std::int64_t>(static_cast<std::int64_t>(streams.size()), 1);
  const std::int64_t share = count == 1 ? limit : limit / count + 64;
  const auto later = [&](std::size_t a, std::size_t b) {
    const double x = streams[a].rows[streams[a].at].first;
    const double y = streams[b].rows[streams[b].at].first;
    if (x != y) return descending ? x < y : x > y;
    return descending ? a < b : a > b;
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> next(later);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    refill(streams[i], metric, descending, share);
    if (!streams[i].empty()) next.push(i);
  }
  BrowsePage page{.keys = {}, .last = after, .complete = false};
  while (!next.empty() && static_cast<std::int64_t>(page.keys.size()) < limit) {
    const std::size_t place = next.top();
    next.pop();
    Stream& stream = streams[place];
    const auto [value, number] = stream.rows[stream.at++];
    page.keys.push_back(key_at(stream.study_id, number));
    page.last = {.started = true, .value = value, .key = page.keys.back()};
    if (stream.empty()) refill(stream, metric, descending, share);
    if (!stream.empty()) next.push(place);
  }
  page.complete = next.empty();
  return page;
}

BrowsePage TrialTable::page_of_keys(bool descending, const BrowsePlace& after, std::int64_t limit) {
  const std::string name = key();
  const std::string sql = "SELECT " + name + " FROM trial WHERE " + where() + " AND " + name +
                          (descending ? " < ?2 ORDER BY " : " > ?2 ORDER BY ") + name +
                          (descending ? " DESC LIMIT ?3" : " LIMIT ?3");
  BrowsePage page{.keys = {}, .last = after, .complete = false};
  if (!after.started) page.last = {.started = true, .value = 0, .key = descending ? kLastKey : -1};
  Rows rows = connection_.select(sql, scope(), page.last.key, limit);
  while (rows.next()) page.keys.push_back(rows.integer(0));
  if (!page.keys.empty()) {
    const bool onwards =
        descending ? page.keys.back() < page.last.key : page.keys.back() > page.last.key;
    if (!onwards) refuse("a table is not in order");
    page.last.key = page.keys.back();
  }
  page.complete = static_cast<std::int64_t>(page.keys.size()) < limit;
  return page;
}

BrowsePage TrialTable::page(std::size_t column, bool descending, const BrowsePlace& after,
                            std::int64_t limit) {
  NAS_CHECK(columns_[column].indexed, "column '" + columns_[column].name + "' has no index");
  return connection_.read([&] {
    BrowsePage page = column == 0 ? page_of_keys(descending, after, limit)
                                  : page_of_metric(column, descending, after, limit);
    check_keys(page.keys);
    return page;
  });
}

}  // namespace nas
