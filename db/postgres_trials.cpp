#include <cmath>
#include <optional>
#include <string>

#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "db/codes.h"
#include "db/postgres_store_impl.h"

namespace nas {

namespace {

// db/migrations/postgresql/0008_3_trials.sql.
constexpr char kClaim[] = "SELECT * FROM claim_trial(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kFinish[] =
    "SELECT finish_trial(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kRenew[] =
    "UPDATE trial SET lease_until_us = now_us() + ? WHERE id = ? AND token = ? AND state = "
    "'running' RETURNING 1";
// The rows are locked before they are looked at, so that the log says what happened.
constexpr char kReclaim[] =
    "WITH given (now) AS (SELECT now_us()), chosen AS (SELECT trial.* FROM trial, given WHERE "
    "study_id = ?1 AND state = 'running' AND lease_until_us > 0 AND (lease_until_us <= now OR "
    "(?2 <> '' AND (worker = ?2 OR substr(worker, 1, length(?2) + 1) = ?2 || ':'))) FOR UPDATE OF "
    "trial), released AS (UPDATE trial SET lease_until_us = 0 FROM chosen WHERE trial.id = "
    "chosen.id RETURNING trial.id), logged AS (INSERT INTO event (at_us, study_id, trial_id, kind, "
    "text) SELECT now, study_id, id, 'reclaim', 'trial ' || number || ': released, ' || CASE WHEN "
    "lease_until_us <= now THEN 'the lease of ''' || worker || ''' has passed' ELSE '''' || worker "
    "|| ''' is gone' END FROM chosen, given) SELECT count(*) FROM released";

/// The columns of some metrics or points.
struct Values {
  PostgresArray names{PostgresArray::Element::kText};
  PostgresArray values{PostgresArray::Element::kReal};
  PostgresArray statuses{PostgresArray::Element::kText};

  void add(const std::string& name, double value) {
    names.add(name);
    values.add(stored_value(value));
    statuses.add(value_status(value));
  }
};

}  // namespace

std::optional<ClaimedTrial> PostgresStore::claim(const TrialClaim& claim) {
  require_writable("claim a trial");
  const std::int64_t space_id = catalogue().space_in_study(claim.study_id, claim.space);
  const std::string digest = to_hex(claim.digest);
  const std::int64_t lease = lease_us(claim.lease_seconds);
  return server_.call(
      kClaim,
      [&](PostgresStatement& statement, bool again) {
        statement.bind_all(claim.study_id, claim.number, space_id, digest, claim.text,
                           claim.published_params, claim.published_macs, claim.network,
                           claim.worker, lease, claim.searcher, claim.reason, claim.ask_seconds);
        statement.bind(14, again);
      },
      [](Rows& rows) -> std::optional<ClaimedTrial> {
        if (!rows.next()) return std::nullopt;
        return ClaimedTrial{.trial_id = rows.integer(0),
                            .architecture_id = rows.integer(1),
                            .token = rows.integer(2)};
      });
}

bool PostgresStore::finish(const TrialFinish& finish) {
  require_writable("finish a trial");
  NAS_CHECK(finish.state != TrialState::kRunning, "a trial cannot be finished as running");
  Values metrics, curve;
  PostgresArray sources(PostgresArray::Element::kText), networks(PostgresArray::Element::kText);
  PostgresArray fidelities(PostgresArray::Element::kInteger);
  PostgresArray devices(PostgresArray::Element::kInteger), epochs(PostgresArray::Element::kInteger);
  for (const MetricValue& metric : finish.metrics) {
    metrics.add(metric.name, metric.value);
    sources.add(metric_source_code(metric.source));
    fidelities.add(catalogue().fidelity(metric.fidelity));
    devices.add(catalogue().device(metric.device));
    networks.add(metric.network);
  }
  for (const CurvePoint& point : finish.curve) {
    curve.add(point.name, point.value);
    epochs.add(OptionalInt(point.epoch));
  }
  const auto bind = [&](PostgresStatement& statement, bool again) {
    statement.bind_all(finish.claim.trial_id, finish.claim.token, trial_state_code(finish.state),
                       finish.seconds, finish.violation, finish.error, finish.reused_from);
    statement.bind(8, again);
    int index = 8;
    for (const PostgresArray* array :
         {&metrics.names, &metrics.values, &metrics.statuses, &sources, &fidelities, &devices,
          &networks, &epochs, &curve.names, &curve.values, &curve.statuses}) {
      statement.bind(++index, *array);
    }
    statement.bind(++index, finish.curve_network);
  };
  return server_.call(kFinish, bind,
                      [](Rows& rows) { return rows.next() && rows.integer(0) != 0; });
}

bool PostgresStore::renew(const ClaimedTrial& claim, double lease_seconds) {
  require_writable("renew a lease");
  const std::int64_t lease = lease_us(lease_seconds);
  return server_.call(
      kRenew,
      [&](PostgresStatement& statement, bool) {
        statement.bind_all(lease, claim.trial_id, claim.token);
      },
      [](Rows& rows) { return rows.next(); });
}

std::int64_t PostgresStore::reclaim(std::int64_t study_id, std::string_view worker_prefix) {
  require_writable("reclaim trials");
  return server_.call(
      kReclaim,
      [&](PostgresStatement& statement, bool) { statement.bind_all(study_id, worker_prefix); },
      [](Rows& rows) { return rows.next() ? rows.integer(0) : 0; });
}

}  // namespace nas
