#include <set>
#include <span>
#include <string>

#include "db/codes.h"
#include "db/postgres_store_impl.h"

namespace nas {

namespace {

// Many trials at once: one round trip instead of one for each.
#define NAS_METRICS                                                                                \
  "SELECT metric.name, metric.value, metric.status, metric.source, fidelity.text, device.name, "   \
  "device.kind, device.settings, network.text, metric.low, metric.high, metric.trial_number FROM " \
  "metric LEFT JOIN network "                                                                      \
  "ON network.id = metric.network_id LEFT JOIN fidelity ON fidelity.id = metric.fidelity_id LEFT " \
  "JOIN device ON device.id = metric.device_id WHERE "
#define NAS_IN_ORDER " ORDER BY metric.trial_number, metric.id"
constexpr char kMetrics[] =
    NAS_METRICS "metric.trial_id IN (SELECT id FROM trial WHERE study_id = ?)" NAS_IN_ORDER;
constexpr char kMetricsOf[] = NAS_METRICS "metric.trial_id = ANY (?)" NAS_IN_ORDER;
constexpr char kAnyFinished[] =
    "SELECT 1 FROM trial WHERE study_id = ? AND number = ANY (?) AND state <> 'running' LIMIT 1";
constexpr char kFinished[] = "AND number = ANY (?) AND state <> 'running' ORDER BY number";
constexpr char kNumbered[] = "AND number = ANY (?) ORDER BY number";
// The least that a transaction can write. Its commit waits for the disk, and with it for all that
// was committed before.
constexpr char kMark[] = "SELECT pg_logical_emit_message(true, 'searchlight', '')";
// The index gives the order of values; equal ones are sorted by number, which is cheap from
// PostgreSQL 13 on.
#define NAS_LEADERS                                                                              \
  "SELECT metric.trial_number, architecture.text, published_params, published_macs, "            \
  "network.text, (SELECT size.value FROM metric AS size WHERE size.trial_id = metric.trial_id "  \
  "AND size.name = 'params' LIMIT 1), (SELECT size.value FROM metric AS size WHERE "             \
  "size.trial_id = metric.trial_id AND size.name = 'macs' LIMIT 1), metric.value FROM (SELECT "  \
  "* FROM metric WHERE ranked = 1 AND study_id = ?1 AND name = ?2 AND (?3 = '' OR device_id IN " \
  "(SELECT id FROM device WHERE device.name = ?3)) ORDER BY "
#define NAS_DETAILS                                                                       \
  " LIMIT ?4 OFFSET ?5) AS metric JOIN architecture ON architecture.id = "                \
  "metric.architecture_id JOIN trial ON trial.id = metric.trial_id LEFT JOIN network ON " \
  "network.id = trial.network_id ORDER BY "
constexpr char kHighest[] =
    NAS_LEADERS "value DESC, trial_number" NAS_DETAILS "metric.value DESC, metric.trial_number";
constexpr char kLowest[] =
    NAS_LEADERS "value, trial_number" NAS_DETAILS "metric.value, metric.trial_number";

std::optional<std::int64_t> recorded_size(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return static_cast<std::int64_t>(rows.real(column));
}

PostgresArray numbers_array(std::span<const std::int64_t> numbers) {
  PostgresArray array(PostgresArray::Element::kInteger);
  for (const std::int64_t number : numbers) array.add(OptionalInt(number));
  return array;
}

}  // namespace

template <class Read>
std::vector<TrialRow> PostgresStore::kept_for_good(const Read& read) const {
  if (mode() == OpenMode::kReadOnly) return server_.read(read);
  return server_.write([&] {
    std::vector<TrialRow> trials = read();
    server_.select(kMark).next();
    return trials;
  });
}

void PostgresStore::read_metrics(Rows& rows, std::vector<TrialRow>& trials) {
  auto trial = trials.begin();
  while (rows.next()) {
    const std::int64_t number = rows.integer(11);
    while (trial != trials.end() && trial->number < number) ++trial;
    if (trial == trials.end()) return;
    // Values of a trial that ended since `trials` were read are left out.
    if (trial->number != number || trial->state == TrialState::kRunning) continue;
    trial->metrics.push_back(read_metric(rows));
  }
}

void PostgresStore::read_metrics_of_study(std::int64_t study_id,
                                          std::vector<TrialRow>& trials) const {
  Rows rows = server_.select(kMetrics, study_id);
  read_metrics(rows, trials);
}

std::vector<TrialRow> PostgresStore::trials_with(std::int64_t study_id,
                                                 std::span<const std::int64_t> numbers,
                                                 std::string_view which) const {
  std::vector<TrialRow> trials;
  PostgresArray ids(PostgresArray::Element::kInteger);
  {
    PostgresStatement& statement = server_.statement(trial_rows_sql() + std::string(which));
    Rows rows(statement);
    statement.bind(1, study_id);
    statement.bind(2, numbers_array(numbers));
    while (rows.next()) {
      trials.push_back(read_trial(rows));
      ids.add(OptionalInt(trials.back().id));
    }
  }
  if (trials.empty()) return trials;
  PostgresStatement& statement = server_.statement(kMetricsOf);
  Rows rows(statement);
  statement.bind(1, ids);
  read_metrics(rows, trials);
  return trials;
}

std::vector<TrialRow> PostgresStore::trials_of(std::int64_t study_id,
                                               std::span<const std::int64_t> numbers) const {
  return trials_with(study_id, numbers, kNumbered);
}

std::vector<TrialRow> PostgresStore::finished(std::int64_t study_id,
                                              std::span<const std::int64_t> numbers) const {
  if (numbers.empty()) return {};
  {
    // Who waits for trials asks often, and mostly in vain.
    PostgresStatement& statement = server_.statement(kAnyFinished);
    Rows rows(statement);
    statement.bind(1, study_id);
    statement.bind(2, numbers_array(numbers));
    if (!rows.next()) return {};
  }
  return kept_for_good([&] { return trials_with(study_id, numbers, kFinished); });
}

std::vector<TrialRow> PostgresStore::trials(std::int64_t study_id) const {
  return kept_for_good([&] { return all_trials(study_id); });
}

std::vector<LeaderRow> PostgresStore::leaderboard(std::int64_t study_id, const Objective& objective,
                                                  std::int64_t limit) const {
  const auto [metric, device] = parse_metric_selector(objective.metric);
  return server_.read([&, &metric = metric, &device = device] {
    std::vector<LeaderRow> leaders;
    // A trial may have the metric at two fidelities; its better one counts.
    std::set<std::int64_t> seen;
    for (std::int64_t offset = 0; static_cast<std::int64_t>(leaders.size()) < limit;
         offset += limit) {
      Rows rows = server_.select(objective.maximize ? kHighest : kLowest, study_id, metric, device,
                                 limit, offset);
      std::int64_t count = 0;
      for (; rows.next(); ++count) {
        if (static_cast<std::int64_t>(leaders.size()) == limit) break;
        if (!seen.insert(rows.integer(0)).second) continue;
        leaders.push_back({.study_id = study_id,
                           .trial_number = rows.integer(0),
                           .text = rows.string(1),
                           .value = rows.real(7),
                           .network = rows.string(4),
                           .params = recorded_size(rows, 5),
                           .macs = recorded_size(rows, 6),
                           .published_params = rows.integer(2),
                           .published_macs = rows.integer(3)});
      }
      if (count < limit) break;
    }
    return leaders;
  });
}

}  // namespace nas
