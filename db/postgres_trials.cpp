#include <algorithm>
#include <optional>
#include <string>

#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "db/codes.h"
#include "db/postgres_store_impl.h"

namespace nas {

namespace {

// db/migrations/postgresql/0009_2_trials.sql and 0011_2_queue_calls.sql.
// Without the study there is no trial: NULL is refused. Until the claim ends nobody can remove it.
constexpr char kClaim[] =
    "SELECT * FROM claim_trial((SELECT id FROM study WHERE id = ? FOR KEY SHARE), ?, ?, ?, ?, ?, "
    "?, "
    "?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kFinish[] =
    "SELECT finish_trials(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?)";
constexpr char kTake[] = "SELECT * FROM take_trials(?, ?, ?, ?, ?, ?, ?, ?, ?)";
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

/// The columns of some metrics or points, and whose they are.
struct Values {
  Array places{Of::kInteger}, names{Of::kText}, values{Of::kReal}, statuses{Of::kText};

  void add(std::int64_t place, const std::string& name, double value) {
    places.add(OptionalInt(place));
    names.add(name);
    values.add(stored_value(value));
    statuses.add(value_status(value));
  }
};

/// What `finish_trials` takes.
class Results {
 public:
  Results(std::span<const TrialFinish> finishes, Catalogue& catalogue) {
    std::int64_t place = 0;
    for (const TrialFinish& finish : finishes) {
      add(finish);
      add_values(finish, ++place, catalogue);
    }
  }

  void bind(PostgresStatement& statement, bool relaxed, bool again) const {
    int index = 0;
    statement.bind(++index, relaxed);
    statement.bind(++index, again);
    for (const Array* array :
         {&trials_,         &tokens_,        &states_,         &seconds_,
          &violations_,     &errors_,        &origins_,        &curve_networks_,
          &metrics_.places, &metrics_.names, &metrics_.values, &metrics_.statuses,
          &sources_,        &fidelities_,    &devices_,        &networks_,
          &lows_,           &highs_,         &points_.places,  &epochs_,
          &points_.names,   &points_.values, &points_.statuses}) {
      statement.bind(++index, *array);
    }
  }

 private:
  void add(const TrialFinish& finish) {
    NAS_CHECK(finish.state != TrialState::kRunning, "a trial cannot be finished as running");
    trials_.add(OptionalInt(finish.claim.trial_id));
    tokens_.add(OptionalInt(finish.claim.token));
    states_.add(trial_state_code(finish.state));
    seconds_.add(finish.seconds);
    violations_.add(finish.violation);
    errors_.add(finish.error);
    origins_.add(finish.reused_from);
    curve_networks_.add(finish.curve_network);
  }

  void add_values(const TrialFinish& finish, std::int64_t place, Catalogue& catalogue) {
    for (const MetricValue& metric : finish.metrics) {
      metrics_.add(place, metric.name, metric.value);
      networks_.add(metric.network);
      sources_.add(metric_source_code(metric.source));
      fidelities_.add(catalogue.fidelity(metric.fidelity));
      devices_.add(catalogue.device(metric.device));
      lows_.add(low_of(metric));
      highs_.add(high_of(metric));
    }
    for (const CurvePoint& point : finish.curve) {
      points_.add(place, point.name, point.value);
      epochs_.add(OptionalInt(point.epoch));
    }
  }

  Array trials_{Of::kInteger}, tokens_{Of::kInteger}, states_{Of::kText};
  Array seconds_{Of::kReal}, violations_{Of::kReal}, errors_{Of::kText}, origins_{Of::kText};
  Array curve_networks_{Of::kText};
  Values metrics_, points_;
  Array sources_{Of::kText}, networks_{Of::kText};
  Array lows_{Of::kReal}, highs_{Of::kReal};
  Array fidelities_{Of::kInteger}, devices_{Of::kInteger}, epochs_{Of::kInteger};
};

/// May the last of these be lost in a crash of the server? They would be computed again.
bool are_cheap(std::span<const TrialFinish> finishes) {
  return std::ranges::all_of(finishes, [](const TrialFinish& finish) {
    return finish.seconds <= TrialQueue::kCheapSeconds;
  });
}

/// The rows of `take_trials`; when they were taken goes to `taken_us`.
std::vector<TakenTrial> taken_of(Rows& rows, std::int64_t& taken_us) {
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
    taken_us = rows.integer(8);
  }
  return taken;
}

/// Requires that something was taken.
QueueView view_after(QueueView view, const std::vector<TakenTrial>& taken, std::int64_t taken_us) {
  // As take_trials does it.
  constexpr std::int64_t kBetweenLooksUs = 100'000;
  if (taken_us - view.looked_us >= kBetweenLooksUs) view.looked_us = taken_us;
  const auto waited = std::ranges::find(taken, false, &TakenTrial::again);
  if (waited != taken.end()) view.lowest = waited->number;
  return view;
}

/// Of the rows of `finish_trials`, which are those that were refused.
std::vector<bool> stored_of(Rows& rows, std::size_t count) {
  std::vector<bool> stored(count, true);
  while (rows.next()) stored.at(static_cast<std::size_t>(rows.integer(0)) - 1) = false;
  return stored;
}

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
  require_writable("finish a trial");
  return finish_trials(std::span(&finish, 1), false).front();
}

std::vector<bool> PostgresStore::finish_all(std::span<const TrialFinish> finishes) {
  require_writable("finish trials");
  if (finishes.empty()) return {};
  return finish_trials(finishes, are_cheap(finishes));
}

std::vector<bool> PostgresStore::finish_trials(std::span<const TrialFinish> finishes,
                                               bool relaxed) {
  const Results results(finishes, catalogue());
  return server_.call(
      kFinish,
      [&](PostgresStatement& statement, bool again) { results.bind(statement, relaxed, again); },
      [&](Rows& rows) { return stored_of(rows, finishes.size()); });
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
  return finish_and_take({}, request).taken;
}

TrialTurn PostgresStore::finish_and_take(std::span<const TrialFinish> finishes,
                                         const TakeRequest& request) {
  require_writable("take trials");
  TrialTurn turn = take_turn(finishes, request);
  // Nothing was found where it looked, so it looks everywhere.
  if (turn.taken.empty() && queues_.erase(request.study_id) > 0)
    turn.taken = take_turn({}, request).taken;
  return turn;
}

TrialTurn PostgresStore::take_turn(std::span<const TrialFinish> finishes,
                                   const TakeRequest& request) {
  const bool relaxed = are_cheap(finishes);
  const std::int64_t lease = lease_us(request.lease_seconds);
  const OptionalInt environment = own_environment();
  Array devices(Of::kText);
  for (const std::string& device : request.devices) devices.add(device);
  const Results results(finishes, catalogue());
  const auto known = queues_.find(request.study_id);
  const QueueView view = known == queues_.end() ? QueueView{} : known->second;
  TrialTurn turn;
  std::int64_t taken_us = 0;
  std::vector<PostgresConnection::Step> steps;
  if (!finishes.empty()) {
    steps.push_back(
        {kFinish,
         [&](PostgresStatement& statement, bool again) { results.bind(statement, relaxed, again); },
         [&](Rows& rows) { turn.stored = stored_of(rows, finishes.size()); }});
  }
  // What a lost connection has taken is free again when its lease has passed.
  steps.push_back({kTake,
                   [&](PostgresStatement& statement, bool /*again*/) {
                     statement.bind(1, relaxed);
                     statement.bind(2, request.study_id);
                     statement.bind(3, request.worker);
                     statement.bind(4, lease);
                     statement.bind(5, request.limit);
                     statement.bind(6, devices);
                     statement.bind(7, environment);
                     statement.bind(8, view.lowest);
                     statement.bind(9, view.looked_us);
                   },
                   [&](Rows& rows) { turn.taken = taken_of(rows, taken_us); }});
  server_.call_all(steps);
  if (!turn.taken.empty()) queues_[request.study_id] = view_after(view, turn.taken, taken_us);
  return turn;
}

std::int64_t PostgresStore::release(std::span<const ClaimedTrial> claims, std::string_view why) {
  const std::int64_t released = SqlStore::release(claims, why);
  queues_.clear();  // they may be taken again at once
  return released;
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
