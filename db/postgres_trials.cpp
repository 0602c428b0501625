#include <cmath>
#include <optional>
#include <string>

#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "db/codes.h"
#include "db/postgres_store_impl.h"

namespace nas {

namespace {

// db/migrations/postgresql/0009_2_trials.sql.
constexpr char kClaim[] = "SELECT * FROM claim_trial(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kFinish[] =
    "SELECT finish_trial(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kTake[] = "SELECT * FROM take_trials(?, ?, ?, ?, ?, ?)";
constexpr char kEnqueue[] = "SELECT enqueue_trials(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kRenew[] =
    "UPDATE trial SET lease_until_us = now_us() + ? WHERE id = ? AND token = ? AND state = "
    "'running' AND lease_until_us > 0 RETURNING 1";
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

using Array = PostgresArray;
using Of = PostgresArray::Element;

/// The columns of some metrics or points.
struct Values {
  Array names{Of::kText}, values{Of::kReal}, statuses{Of::kText};

  void add(const std::string& name, double value) {
    names.add(name);
    values.add(stored_value(value));
    statuses.add(value_status(value));
  }
};

/// What `finish_trial` takes.
class Result {
 public:
  Result(const TrialFinish& finish, Catalogue& catalogue) : finish_(finish) {
    NAS_CHECK(finish.state != TrialState::kRunning, "a trial cannot be finished as running");
    for (const MetricValue& metric : finish.metrics) {
      metrics_.add(metric.name, metric.value);
      sources_.add(metric_source_code(metric.source));
      fidelities_.add(catalogue.fidelity(metric.fidelity));
      devices_.add(catalogue.device(metric.device));
      networks_.add(metric.network);
    }
    for (const CurvePoint& point : finish.curve) {
      curve_.add(point.name, point.value);
      epochs_.add(OptionalInt(point.epoch));
    }
  }

  void bind(PostgresStatement& statement, bool again) const {
    statement.bind_all(finish_.claim.trial_id, finish_.claim.token, trial_state_code(finish_.state),
                       finish_.seconds, finish_.violation, finish_.error, finish_.reused_from);
    int index = 7;
    statement.bind(++index, again);
    for (const Array* array :
         {&metrics_.names, &metrics_.values, &metrics_.statuses, &sources_, &fidelities_, &devices_,
          &networks_, &epochs_, &curve_.names, &curve_.values, &curve_.statuses}) {
      statement.bind(++index, *array);
    }
    statement.bind(++index, finish_.curve_network);
  }

 private:
  const TrialFinish& finish_;
  Values metrics_, curve_;
  Array sources_{Of::kText}, networks_{Of::kText};
  Array fidelities_{Of::kInteger}, devices_{Of::kInteger}, epochs_{Of::kInteger};
};

}  // namespace

std::optional<ClaimedTrial> PostgresStore::claim(const TrialClaim& claim) {
  require_writable("claim a trial");
  const std::int64_t space_id = catalogue().space_in_study(claim.study_id, claim.space);
  const std::string digest = to_hex(claim.digest);
  const std::int64_t lease = lease_us(claim.lease_seconds);
  const OptionalInt environment = own_environment();
  return server_.call(
      kClaim,
      [&](PostgresStatement& statement, bool again) {
        statement.bind_all(claim.study_id, claim.number, space_id, digest, claim.text,
                           claim.published_params, claim.published_macs, claim.network,
                           claim.worker, lease, claim.searcher, claim.reason, claim.ask_seconds,
                           environment);
        statement.bind(15, again);
      },
      [](Rows& rows) -> std::optional<ClaimedTrial> {
        if (!rows.next()) return std::nullopt;
        return ClaimedTrial{.trial_id = rows.integer(0),
                            .architecture_id = rows.integer(1),
                            .token = rows.integer(2)};
      });
}

bool PostgresStore::finish(const TrialFinish& finish) {
  return finish_all(std::span(&finish, 1)).front();
}

std::vector<bool> PostgresStore::finish_all(std::span<const TrialFinish> finishes) {
  require_writable("finish trials");
  if (finishes.empty()) return {};
  std::vector<Result> results;
  for (const TrialFinish& finish : finishes) results.emplace_back(finish, catalogue());
  std::vector<bool> stored(finishes.size());
  server_.call_all(
      kFinish, results.size(),
      [&](PostgresStatement& statement, std::size_t i, bool again) {
        results[i].bind(statement, again);
      },
      [&](std::size_t i, Rows& rows) { stored[i] = rows.next() && rows.integer(0) != 0; });
  return stored;
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

std::vector<TakenTrial> PostgresStore::take(const TakeRequest& request) {
  require_writable("take trials");
  const std::int64_t lease = lease_us(request.lease_seconds);
  const OptionalInt environment = own_environment();
  Array devices(Of::kText);
  for (const std::string& device : request.devices) devices.add(device);
  // What a lost connection has taken is free again when its lease has passed.
  return server_.call(
      kTake,
      [&](PostgresStatement& statement, bool) {
        statement.bind_all(request.study_id, request.worker, lease, request.limit);
        statement.bind(5, devices);
        statement.bind(6, environment);
      },
      [](Rows& rows) {
        std::vector<TakenTrial> taken;
        while (rows.next()) {
          taken.push_back({.claim = {.trial_id = rows.integer(0),
                                     .architecture_id = rows.integer(1),
                                     .token = rows.integer(2)},
                           .number = rows.integer(3),
                           .text = rows.string(4),
                           .digest = parse_digest(rows.text(5)),
                           .epochs = rows.integer(6),
                           .again = rows.integer(7) != 0});
        }
        return taken;
      });
}

void PostgresStore::enqueue_all(std::int64_t study_id, const QueuedStudy& study,
                                std::span<const QueuedTrial> trials) {
  Array numbers(Of::kInteger), params(Of::kInteger), macs(Of::kInteger);
  Array epochs(Of::kInteger), digests(Of::kText), texts(Of::kText);
  Array reasons(Of::kText), seconds(Of::kReal);
  for (const QueuedTrial& trial : trials) {
    numbers.add(OptionalInt(trial.number));
    digests.add(to_hex(trial.digest));
    texts.add(trial.text);
    params.add(OptionalInt(trial.published_params));
    macs.add(OptionalInt(trial.published_macs));
    epochs.add(OptionalInt(trial.epochs));
    reasons.add(trial.reason);
    seconds.add(trial.ask_seconds);
  }
  const std::int64_t space_id = catalogue().space_in_study(study_id, study.space);
  PostgresStatement& statement = server_.statement(kEnqueue);
  Rows rows(statement);
  statement.bind_all(study_id, space_id, study.network, study.searcher);
  int index = 4;
  for (const Array* array :
       {&numbers, &digests, &texts, &params, &macs, &epochs, &reasons, &seconds}) {
    statement.bind(++index, *array);
  }
  rows.next();
}

}  // namespace nas
