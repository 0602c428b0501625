#include <algorithm>
#include <string>

#include "core/ir/same/digest.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

const std::string kTrialRows =
    "SELECT trial.id, number, trial.architecture_id, architecture.text, digest, state, worker, "
    "proposal.reason, error, "
    "reused_from, violation, trial.seconds, network.text FROM trial JOIN architecture ON "
    "architecture.id = trial.architecture_id LEFT JOIN network ON network.id = trial.network_id "
    "LEFT JOIN proposal ON proposal.trial_id = trial.id AND proposal.token = trial.token "
    "WHERE study_id = ? ";
const std::string kTrials = kTrialRows + "ORDER BY number";
const std::string kTrialRow = kTrialRows + "AND number = ?";
constexpr char kFinishedNumbers[] =
    "SELECT number FROM trial WHERE study_id = ? AND number BETWEEN ? AND ? AND state <> 'running' "
    "ORDER BY number";
// By way of the values of the few architectures of the digest; they exist once a trial is finished.
constexpr char kEqualNumbers[] =
    "SELECT DISTINCT trial_number FROM architecture JOIN metric ON metric.architecture_id = "
    "architecture.id WHERE digest = ? AND metric.study_id = ? AND trial_number <= ? "
    "ORDER BY trial_number";
constexpr char kMetrics[] =
    "SELECT metric.name, value, status, source, fidelity.text, device.name, device.kind, settings, "
    "network.text, low, high FROM metric LEFT JOIN network ON network.id = network_id "
    "LEFT JOIN fidelity ON fidelity.id = fidelity_id LEFT JOIN device ON device.id = device_id "
    "WHERE architecture_id = ? AND trial_id = ? ORDER BY metric.id";
constexpr char kCurve[] =
    "SELECT epoch, name, value, status FROM curve WHERE trial_id = ? ORDER BY position";

}  // namespace

const std::string& SqlStore::trial_rows_sql() {
  return kTrialRows;
}

MetricValue SqlStore::read_metric(const Rows& rows) {
  MetricValue metric{.name = rows.string(0),
                     .value = value_of(rows.text(2), rows.real(1)),
                     .source = metric_source_of(rows.text(3)),
                     .fidelity = rows.string(4),
                     .device = std::nullopt,
                     .network = rows.string(8),
                     .interval = interval_in(rows, 9)};
  if (!rows.is_null(5)) metric.device = Device{rows.string(5), rows.string(6), rows.string(7)};
  return metric;
}

void SqlStore::read_metrics(std::vector<TrialRow>& trials) const {
  for (TrialRow& trial : trials) {
    if (trial.state == TrialState::kRunning) continue;
    Rows rows = connection_->select(kMetrics, trial.architecture_id, trial.id);
    while (rows.next()) trial.metrics.push_back(read_metric(rows));
  }
}

void SqlStore::read_metrics_of_study(std::int64_t /*study_id*/,
                                     std::vector<TrialRow>& trials) const {
  read_metrics(trials);
}

TrialRow SqlStore::read_trial(const Rows& rows) {
  TrialRow trial;
  trial.id = rows.integer(0);
  trial.number = rows.integer(1);
  trial.architecture_id = rows.integer(2);
  trial.text = rows.string(3);
  trial.digest = parse_digest(rows.text(4));
  trial.state = trial_state_of(rows.text(5));
  trial.worker = rows.string(6);
  trial.reason = rows.string(7);
  trial.error = rows.string(8);
  trial.reused_from = rows.string(9);
  trial.network = rows.string(12);
  // Not known of a running trial; for a finished one NULL is NaN.
  const bool finished = trial.state != TrialState::kRunning;
  trial.violation = finished ? rows.real(10) : 0;
  trial.seconds = finished ? rows.real(11) : 0;
  return trial;
}

std::vector<TrialRow> SqlStore::trials(std::int64_t study_id) const {
  return connection_->read([&] { return all_trials(study_id); });
}

std::vector<TrialRow> SqlStore::all_trials(std::int64_t study_id) const {
  std::vector<TrialRow> trials;
  {
    Rows rows = connection_->select(kTrials, study_id);
    while (rows.next()) trials.push_back(read_trial(rows));
  }
  read_metrics_of_study(study_id, trials);
  return trials;
}

std::vector<TrialRow> SqlStore::trials_of(std::int64_t study_id,
                                          std::span<const std::int64_t> numbers) const {
  std::vector<TrialRow> trials;
  for (const std::int64_t number : numbers) {
    Rows rows = connection_->select(kTrialRow, study_id, number);
    if (rows.next()) trials.push_back(read_trial(rows));
  }
  read_metrics(trials);
  return trials;
}

std::vector<TrialRow> SqlStore::finished(std::int64_t study_id,
                                         std::span<const std::int64_t> numbers) const {
  if (numbers.empty()) return {};
  return connection_->read([&] {
    std::vector<std::int64_t> wanted;
    {
      Rows rows = connection_->select(kFinishedNumbers, study_id, numbers.front(), numbers.back());
      while (rows.next()) {
        if (std::ranges::binary_search(numbers, rows.integer(0))) wanted.push_back(rows.integer(0));
      }
    }
    return trials_of(study_id, wanted);
  });
}

std::vector<TrialRow> SqlStore::finished_equals(std::int64_t study_id, const Digest& digest,
                                                std::int64_t last_number) const {
  return connection_->read([&] {
    const std::string hex = to_hex(digest);
    std::vector<std::int64_t> wanted;
    {
      Rows rows = connection_->select(kEqualNumbers, hex, study_id, last_number);
      while (rows.next()) wanted.push_back(rows.integer(0));
    }
    return trials_of(study_id, wanted);
  });
}

std::vector<CurvePoint> SqlStore::curve(std::int64_t trial_id) const {
  std::vector<CurvePoint> curve;
  Rows rows = connection_->select(kCurve, trial_id);
  while (rows.next()) {
    curve.push_back({.epoch = rows.integer(0),
                     .name = rows.string(1),
                     .value = value_of(rows.text(3), rows.real(2))});
  }
  return curve;
}

}  // namespace nas
