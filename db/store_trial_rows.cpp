#include "core/ir/same/digest.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kTrials[] =
    "SELECT trial.id, number, trial.architecture_id, architecture.text, digest, state, worker, "
    "proposal.reason, error, "
    "reused_from, violation, trial.seconds, network.text FROM trial JOIN architecture ON "
    "architecture.id = trial.architecture_id LEFT JOIN network ON network.id = trial.network_id "
    "LEFT JOIN proposal ON proposal.trial_id = trial.id AND proposal.token = trial.token "
    "WHERE study_id = ? ORDER BY number";
constexpr char kMetrics[] =
    "SELECT metric.name, value, status, source, fidelity.text, device.name, device.kind, settings, "
    "network.text FROM metric LEFT JOIN network ON network.id = network_id "
    "LEFT JOIN fidelity ON fidelity.id = fidelity_id LEFT JOIN device ON device.id = device_id "
    "WHERE architecture_id = ? AND trial_id = ? ORDER BY metric.id";
constexpr char kCurve[] =
    "SELECT epoch, name, value, status FROM curve WHERE trial_id = ? ORDER BY position";

}  // namespace

void SqlStore::read_metrics(TrialRow& trial) const {
  Rows rows = connection_->select(kMetrics, trial.architecture_id, trial.id);
  while (rows.next()) {
    MetricValue metric{.name = rows.string(0),
                       .value = value_of(rows.text(2), rows.real(1)),
                       .source = metric_source_of(rows.text(3)),
                       .fidelity = rows.string(4),
                       .device = std::nullopt,
                       .network = rows.string(8)};
    if (!rows.is_null(5)) metric.device = Device{rows.string(5), rows.string(6), rows.string(7)};
    trial.metrics.push_back(std::move(metric));
  }
}

std::vector<TrialRow> SqlStore::trials(std::int64_t study_id) const {
  return connection_->read([&] {
    std::vector<TrialRow> trials;
    Rows rows = connection_->select(kTrials, study_id);
    while (rows.next()) {
      TrialRow& trial = trials.emplace_back();
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
      if (finished) read_metrics(trial);
    }
    return trials;
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
