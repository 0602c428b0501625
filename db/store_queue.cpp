#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kFinishedAmong[] =
    "SELECT number FROM trial WHERE study_id = ? AND number BETWEEN ? AND ? AND state <> 'running'";
constexpr char kEnqueue[] =
    "INSERT INTO queue (study_id, number, architecture_id, network_id, epochs, searcher, reason, "
    "ask_seconds, queued_us, taken) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING";
constexpr char kWithdraw[] =
    "DELETE FROM queue WHERE study_id = ? AND taken = 0 AND NOT EXISTS (SELECT 1 FROM trial WHERE "
    "trial.study_id = queue.study_id AND trial.number = queue.number)";
constexpr char kNeeds[] = "SELECT needs, leader FROM study_lead WHERE study_id = ?";
constexpr char kPassed[] =
    "SELECT trial.id, queue.number, trial.architecture_id, trial.token, trial.lease_until_us, "
    "trial.worker, architecture.text, architecture.digest, queue.epochs, queue.searcher, "
    "queue.reason, queue.ask_seconds, (SELECT count(*) FROM proposal WHERE proposal.trial_id = "
    "trial.id) FROM trial JOIN queue ON queue.study_id = trial.study_id AND "
    "queue.number = trial.number JOIN architecture ON architecture.id = trial.architecture_id "
    "WHERE trial.study_id = ? AND trial.state = 'running' AND trial.lease_until_us <= ? "
    "ORDER BY queue.number LIMIT ?";
// Workers that had a trial and neither finished nor released it.
constexpr std::int64_t kMostEnded = 5;
// A trial that this many have had is taken alone, so that it ends no others of its batch.
constexpr std::int64_t kAlone = 2;
constexpr char kReleases[] =
    "SELECT count(*) FROM event WHERE study_id = ? AND trial_id = ? AND kind = 'release'";
constexpr char kTakeOver[] =
    "UPDATE trial SET worker = ?, token = token + 1, lease_until_us = ?, started_us = ?, "
    "environment_id = ? WHERE id = ?";
constexpr char kProposeAgain[] =
    "INSERT INTO proposal (trial_id, token, searcher, reason, seconds) VALUES (?, ?, ?, ?, ?)";
// Three statements take a whole batch. A number whose trial was claimed outside the queue is passed
// over.
constexpr char kTake[] =
    "UPDATE queue SET taken = 1 WHERE study_id = ? AND number IN (SELECT number FROM queue AS next "
    "WHERE next.study_id = ? AND next.taken = 0 AND NOT EXISTS (SELECT 1 FROM trial WHERE "
    "trial.study_id = next.study_id AND trial.number = next.number) ORDER BY number LIMIT ?) "
    "RETURNING number, epochs, (SELECT text FROM architecture WHERE id = architecture_id), "
    "(SELECT digest FROM architecture WHERE id = architecture_id)";
constexpr char kStart[] =
    "INSERT INTO trial (study_id, number, architecture_id, network_id, state, worker, token, "
    "lease_until_us, started_us, environment_id) SELECT study_id, number, architecture_id, "
    "network_id, 'running', ?, 1, ?, ?, ? FROM queue WHERE study_id = ? AND number BETWEEN ? AND ? "
    "AND taken = 1 AND NOT EXISTS (SELECT 1 FROM trial WHERE trial.study_id = queue.study_id AND "
    "trial.number = queue.number) RETURNING number, id, architecture_id";
constexpr char kPropose[] =
    "INSERT INTO proposal (trial_id, token, searcher, reason, seconds) SELECT trial.id, 1, "
    "queue.searcher, queue.reason, queue.ask_seconds FROM queue JOIN trial ON trial.study_id = "
    "queue.study_id AND trial.number = queue.number WHERE queue.study_id = ? AND queue.number "
    "BETWEEN ? AND ? AND trial.token = 1 ON CONFLICT DO NOTHING";
constexpr char kRelease[] =
    "UPDATE trial SET lease_until_us = 0 WHERE id = ? AND token = ? AND state = 'running'";
constexpr char kBacklog[] =
    "SELECT queue.study_id, study.name, coalesce(study_lead.needs, ''), "
    "sum(CASE WHEN trial.lease_until_us > ?1 OR study_lead.leader = '' THEN 0 ELSE 1 END), "
    "sum(CASE WHEN trial.lease_until_us > ?1 THEN 1 ELSE 0 END) FROM queue "
    "JOIN study ON study.id = queue.study_id "
    "LEFT JOIN study_lead ON study_lead.study_id = queue.study_id "
    "LEFT JOIN trial ON trial.study_id = queue.study_id AND trial.number = queue.number "
    "GROUP BY queue.study_id, study.name, study_lead.needs ORDER BY study.name";

std::vector<std::string> names_in(std::string_view list) {
  return list.empty() ? std::vector<std::string>{} : split(list, '\n');
}

}  // namespace

bool SqlStore::enqueue(const Lead& lead, const QueuedStudy& study,
                       std::span<const QueuedTrial> trials) {
  require_writable("put trials into the queue");
  return connection_->write([&] {
    const bool leading = leads(lead);
    if (leading) enqueue_all(lead.study_id, study, trials);
    return leading;
  });
}

void SqlStore::enqueue_all(std::int64_t study_id, const QueuedStudy& study,
                           std::span<const QueuedTrial> trials) {
  if (trials.empty()) return;
  const auto [least, most] = std::ranges::minmax(trials, {}, &QueuedTrial::number);
  std::set<std::int64_t> over;
  {
    Rows rows = connection_->select(kFinishedAmong, study_id, least.number, most.number);
    while (rows.next()) over.insert(rows.integer(0));
  }
  const std::int64_t space_id = catalogue_->space_in_study(study_id, study.space);
  const OptionalInt network_id = catalogue_->network(study.network);
  const std::int64_t now = connection_->now_us();
  for (const QueuedTrial& trial : trials) {
    if (over.contains(trial.number)) continue;
    TrialClaim architecture;
    architecture.text = trial.text;
    architecture.digest = trial.digest;
    architecture.published_params = trial.published_params;
    architecture.published_macs = trial.published_macs;
    connection_->execute(kEnqueue, study_id, trial.number,
                         catalogue_->architecture(architecture, space_id), network_id, trial.epochs,
                         study.searcher, trial.reason, trial.ask_seconds, now);
  }
}

std::int64_t SqlStore::withdraw(const Lead& lead) {
  require_writable("take trials out of the queue");
  return connection_->write([&] {
    const std::int64_t gone = leads(lead) ? connection_->execute(kWithdraw, lead.study_id) : 0;
    return gone;
  });
}

bool SqlStore::lacks_needs(const TakeRequest& request) const {
  std::string needs;
  {
    Rows rows = connection_->select(kNeeds, request.study_id);
    if (!rows.next()) return false;
    if (rows.text(1).empty()) return true;  // paused by its leader, who has left
    needs = rows.string(0);
  }
  return std::ranges::any_of(names_in(needs), [&](const std::string& device) {
    return std::ranges::find(request.devices, device) == request.devices.end();
  });
}

std::vector<TakenTrial> SqlStore::take(const TakeRequest& request) {
  return finish_and_take({}, request).taken;
}

TrialTurn SqlStore::finish_and_take(std::span<const TrialFinish> finishes,
                                    const TakeRequest& request) {
  require_writable("take trials");
  return connection_->write([&] {
    TrialTurn turn;
    for (const TrialFinish& finish : finishes) turn.stored.push_back(store_finish(finish));
    turn.taken = take_some(request);
    return turn;
  });
}

/// Those that somebody had were proposed before any that still wait.
std::vector<TakenTrial> SqlStore::take_some(const TakeRequest& request) {
  if (lacks_needs(request)) return {};
  bool alone = false;
  std::vector<TakenTrial> taken = take_passed(request, alone);
  const std::int64_t left = request.limit - static_cast<std::int64_t>(taken.size());
  if (left > 0 && !alone) take_waiting(request, left, taken);
  return taken;
}

std::vector<TakenTrial> SqlStore::take_passed(const TakeRequest& request, bool& alone) {
  const std::int64_t now = connection_->now_us();
  struct Passed {
    TrialKey trial;
    TakenTrial taken;
    std::string searcher, reason;
    double ask_seconds;
    std::int64_t holders;  ///< workers that have had it
  };
  std::vector<Passed> passed;
  {
    Rows rows = connection_->select(kPassed, request.study_id, now, request.limit);
    while (rows.next()) {
      passed.push_back({{.trial_id = rows.integer(0),
                         .study_id = request.study_id,
                         .number = rows.integer(1),
                         .architecture_id = rows.integer(2),
                         .token = rows.integer(3),
                         .lease_until_us = rows.integer(4),
                         .state = "running",
                         .worker = rows.string(5)},
                        {.claim = {rows.integer(0), rows.integer(2), rows.integer(3) + 1},
                         .number = rows.integer(1),
                         .text = rows.string(6),
                         .digest = parse_digest(rows.text(7)),
                         .epochs = rows.integer(8),
                         .again = true},
                        rows.string(9),
                        rows.string(10),
                        rows.real(11),
                        rows.integer(12)});
    }
  }
  std::vector<TakenTrial> taken;
  // With this many it is the trial's doing.
  const auto has_ended_workers = [this](const Passed& one) {
    if (one.holders < kMostEnded) return false;
    Rows rows = connection_->select(kReleases, one.trial.study_id, one.trial.trial_id);
    return rows.next() && one.holders - rows.integer(0) >= kMostEnded;
  };
  for (Passed& one : passed) {
    if (has_ended_workers(one)) {
      store_finish(
          {.claim = {one.trial.trial_id, one.trial.architecture_id, one.trial.token},
           .state = TrialState::kFailed,
           .error = std::to_string(kMostEnded) + " workers ended while they evaluated it"});
      continue;
    }
    const bool risky = one.holders >= kAlone;
    if (risky && !taken.empty()) break;
    alone = risky;
    connection_->execute(kTakeOver, request.worker, now + lease_us(request.lease_seconds), now,
                         own_environment(), one.trial.trial_id);
    connection_->execute(kProposeAgain, one.trial.trial_id, one.taken.claim.token, one.searcher,
                         one.reason, one.ask_seconds);
    log_take_over(one.trial, request.worker);
    taken.push_back(std::move(one.taken));
    if (alone) break;
  }
  return taken;
}

void SqlStore::take_waiting(const TakeRequest& request, std::int64_t limit,
                            std::vector<TakenTrial>& taken) {
  std::map<std::int64_t, TakenTrial> next;  // RETURNING has no order
  {
    Rows rows = connection_->select(kTake, request.study_id, request.study_id, limit);
    while (rows.next()) {
      const std::int64_t number = rows.integer(0);
      next[number] = {.claim = {},
                      .number = number,
                      .text = rows.string(2),
                      .digest = parse_digest(rows.text(3)),
                      .epochs = rows.integer(1)};
    }
  }
  if (next.empty()) return;
  const std::int64_t first = next.begin()->first;
  const std::int64_t last = next.rbegin()->first;
  const std::int64_t now = connection_->now_us();
  const std::int64_t until = now + lease_us(request.lease_seconds);
  const OptionalInt environment = own_environment();
  {
    Rows rows = connection_->select(kStart, request.worker, until, now, environment,
                                    request.study_id, first, last);
    while (rows.next()) next.at(rows.integer(0)).claim = {rows.integer(1), rows.integer(2), 1};
  }
  connection_->execute(kPropose, request.study_id, first, last);
  for (auto& [number, trial] : next) taken.push_back(std::move(trial));
}

std::int64_t SqlStore::release(std::span<const ClaimedTrial> claims, std::string_view why) {
  require_writable("release trials");
  return connection_->write([&] {
    std::int64_t released = 0;
    for (const ClaimedTrial& claim : claims) {
      if (connection_->execute(kRelease, claim.trial_id, claim.token) == 0) continue;
      ++released;
      const TrialKey trial = find_trial(claim.trial_id).value();
      log(trial.study_id, trial.trial_id, "release",
          "trial " + std::to_string(trial.number) + ": released by '" + trial.worker +
              "': " + std::string(why));
    }
    return released;
  });
}

std::vector<Backlog> SqlStore::backlog() const {
  std::vector<Backlog> result;
  const std::int64_t now = connection_->now_us();
  Rows rows = connection_->select(kBacklog, now);
  while (rows.next()) {
    const std::int64_t taken = rows.integer(4);
    result.push_back({.study_id = rows.integer(0),
                      .study = rows.string(1),
                      .waiting = rows.integer(3),
                      .taken = taken,
                      .needs = names_in(rows.text(2))});
  }
  return result;
}

}  // namespace nas
