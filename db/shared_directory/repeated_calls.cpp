#include "db/shared_directory/repeated_calls.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/util/text.h"
#include "db/shared_directory/store_calls.h"

namespace nas {

namespace {

using Rows = std::vector<std::vector<std::optional<std::string>>>;

constexpr std::int64_t kMostRows = 1'000'000;

Rows rows_of(const Store& store, const std::string& sql) {
  return store.query(sql, kMostRows).rows;
}

std::int64_t number_in(const std::optional<std::string>& cell) {
  return cell ? parse_int(*cell).value_or(0) : 0;
}

std::string quoted(std::string_view text) {
  std::string sql = "'";
  for (const char letter : text) {
    sql += letter;
    if (letter == '\'') sql += letter;
  }
  return sql + "'";
}

/// Stored by the claim itself, not by another worker.
bool is_finished_by(const Store& store, const ClaimedTrial& claim) {
  const std::string sql = "SELECT 1 FROM trial WHERE id = " + std::to_string(claim.trial_id) +
                          " AND token = " + std::to_string(claim.token) + " AND state <> 'running'";
  return !rows_of(store, sql).empty();
}

std::vector<ClaimedTrial> held_by(const Store& store, std::string_view worker,
                                  const std::string& which) {
  const std::string sql =
      "SELECT id, architecture_id, token FROM trial WHERE state = 'running' AND worker = " +
      quoted(worker) + which;
  std::vector<ClaimedTrial> held;
  for (const auto& row : rows_of(store, sql)) {
    held.push_back({number_in(row[0]), number_in(row[1]), number_in(row[2])});
  }
  return held;
}

std::vector<bool> repeat(Store& store, Call<&TrialQueue::finish_all> /*call*/,
                         const std::vector<TrialFinish>& finishes) {
  std::vector<bool> stored;
  std::vector<TrialFinish> left;
  for (const TrialFinish& finish : finishes) {
    stored.push_back(is_finished_by(store, finish.claim));
    if (!stored.back()) left.push_back(finish);
  }
  const std::vector<bool> now = trial_queue(store).finish_all(left);
  for (std::size_t i = 0, next = 0; i < stored.size(); ++i) {
    if (!stored[i]) stored[i] = now[next++];
  }
  return stored;
}

bool repeat(Store& store, Call<&TrialStore::finish> /*call*/, const TrialFinish& finish) {
  return is_finished_by(store, finish.claim) || store.finish(finish);
}

// A worker takes trials when it has none: what it holds was taken by the call that is repeated.
std::vector<TakenTrial> repeat(Store& store, Call<&TrialQueue::take> /*call*/,
                               const TakeRequest& request) {
  const std::vector<ClaimedTrial> held =
      held_by(store, request.worker, " AND study_id = " + std::to_string(request.study_id));
  trial_queue(store).release(held, "the coordinator ended before the worker knew of it");
  return trial_queue(store).take(request);
}

TrialTurn repeat(Store& store, Call<&TrialQueue::finish_and_take> /*call*/,
                 const std::vector<TrialFinish>& finishes, const TakeRequest& request) {
  // In this order: what the worker still holds then is what the call had taken.
  std::vector<bool> stored = repeat(store, Call<&TrialQueue::finish_all>{}, finishes);
  return {std::move(stored), repeat(store, Call<&TrialQueue::take>{}, request)};
}

std::optional<ClaimedTrial> repeat(Store& store, Call<&TrialStore::claim> /*call*/,
                                   const TrialClaim& claim) {
  const std::vector<ClaimedTrial> held =
      held_by(store, claim.worker,
              " AND study_id = " + std::to_string(claim.study_id) +
                  " AND number = " + std::to_string(claim.number));
  return held.empty() ? store.claim(claim) : held.front();
}

std::optional<Lead> repeat(Store& store, Call<&StudyLeads::lead> /*call*/,
                           const LeadRequest& request) {
  const std::optional<Leader> leader = study_leads(store).leader(request.study_id);
  if (!leader || leader->who != request.who) return study_leads(store).lead(request);
  const Rows rows = rows_of(
      store, "SELECT token FROM study_lead WHERE study_id = " + std::to_string(request.study_id));
  return Lead{request.study_id, number_in(rows.at(0)[0])};
}

StudyRow repeat(Store& store, Call<&StudyStore::create_study> /*call*/, const StudySpec& spec) {
  const std::optional<StudyRow> row = store.find_study(spec.name);
  return row && row->spec.config == spec.config ? *row : store.create_study(spec);
}

void repeat(Store& store, Call<&StudyStore::add_event> /*call*/, const EventRow& event) {
  constexpr std::int64_t kLatest = 20;
  const std::vector<EventRow> known =
      event.study_id ? store.events(*event.study_id, kLatest) : std::vector<EventRow>{};
  const bool is_known = std::ranges::any_of(known, [&event](const EventRow& other) {
    return other.kind == event.kind && other.text == event.text;
  });
  if (!is_known) store.add_event(event);
}

ModelRow repeat(Store& store, Call<&ResultStore::add_model> /*call*/, const ModelRow& model) {
  for (const ModelRow& row : store.models(model.architecture_id)) {
    if (row.path == model.path && row.sha256 == model.sha256) return row;
  }
  return store.add_model(model);
}

std::int64_t repeat(Store& store, Call<&WorkerRegistry::add_worker> /*call*/,
                    const WorkerSpec& spec) {
  const std::vector<WorkerRow> workers = worker_registry(store).workers(0);
  if (!workers.empty() && workers.back().spec.name == spec.name) return workers.back().id;
  return worker_registry(store).add_worker(spec);
}

std::int64_t repeat(Store& store, Call<&WorkerRegistry::add_allocation> /*call*/,
                    const AllocationRow& allocation) {
  const auto known = worker_registry(store).allocations(allocation.study_id);
  if (!known.empty() && known.back().job == allocation.job) return known.back().id;
  return worker_registry(store).add_allocation(allocation);
}

/// The result of `Method` where it is the call; else nothing.
template <auto Method>
bool repeat_as(Store& store, std::size_t call, std::string_view bytes, std::string& result) {
  if (call != StoreCalls::index<Method>()) return false;
  const auto work = [&store](const auto&... arguments) {
    return repeat(store, Call<Method>{}, arguments...);
  };
  const auto arguments = Call<Method>::read(bytes);
  if constexpr (std::is_void_v<typename Call<Method>::Traits::Result>) {
    std::apply(work, arguments);
  } else {
    put(result, std::apply(work, arguments));
  }
  return true;
}

template <auto... Methods>
std::optional<std::string> repeat_among(Store& store, std::size_t call, std::string_view bytes) {
  std::string result;
  if ((repeat_as<Methods>(store, call, bytes, result) || ...)) return result;
  return std::nullopt;
}

}  // namespace

std::string repeat_call(Store& store, std::size_t call, std::string_view arguments) {
  const auto result =
      repeat_among<&TrialQueue::finish_all, &TrialQueue::finish_and_take, &TrialStore::finish,
                   &TrialQueue::take, &TrialStore::claim, &StudyLeads::lead,
                   &StudyStore::create_study, &StudyStore::add_event, &ResultStore::add_model,
                   &WorkerRegistry::add_worker, &WorkerRegistry::add_allocation>(store, call,
                                                                                 arguments);
  return result ? *result : StoreCalls::run(store, call, arguments);
}

}  // namespace nas
