#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/postgres_connection.h"
#include "db/store_impl.h"

namespace nas {

/// Throws as `open_postgres_store`.
std::unique_ptr<PostgresConnection> open_postgres(const StoreAddress& address, OpenMode mode,
                                                  const PostgresOptions& options);

/// What a worker saw of a study's queue when it took trials: where the next ones are.
struct QueueView {
  std::int64_t lowest = 0;     ///< lowest number that it took last
  std::int64_t looked_us = 0;  ///< when it looked for leases that have passed
};

/// The store on a PostgreSQL server: what is its own, and what takes one round trip there instead
/// of one for each statement. In postgres_store, postgres_trials, postgres_results and
/// postgres_query.cpp.
class PostgresStore final : public SqlStore {
 public:
  PostgresStore(std::unique_ptr<PostgresConnection> connection, OpenMode mode);

  std::optional<ClaimedTrial> claim(const TrialClaim& claim) override;
  bool renew(const ClaimedTrial& claim, double lease_seconds) override;
  bool finish(const TrialFinish& finish) override;
  std::int64_t reclaim(std::int64_t study_id, std::string_view worker_prefix) override;
  std::vector<TrialRow> trials(std::int64_t study_id) const override;
  std::vector<TakenTrial> take(const TakeRequest& request) override;
  std::vector<bool> finish_all(std::span<const TrialFinish> finishes) override;
  TrialTurn finish_and_take(std::span<const TrialFinish> finishes,
                            const TakeRequest& request) override;
  std::int64_t release(std::span<const ClaimedTrial> claims, std::string_view why) override;
  std::vector<TrialRow> finished(std::int64_t study_id,
                                 std::span<const std::int64_t> numbers) const override;

  std::vector<LeaderRow> leaderboard(std::int64_t study_id, const Objective& objective,
                                     std::int64_t limit) const override;

  QueryResult typed_query(std::string_view sql, std::int64_t limit,
                          NumberFlags& numbers) const override;
  StoreStats stats() const override;
  std::vector<std::string> check() const override;

 private:
  std::unique_ptr<SqlStore> another() const override;
  void read_metrics_of_study(std::int64_t study_id, std::vector<TrialRow>& trials) const override;
  std::vector<TrialRow> trials_of(std::int64_t study_id,
                                  std::span<const std::int64_t> numbers) const override;
  /// Those of `numbers` for which the condition `which` holds, by number.
  std::vector<TrialRow> trials_with(std::int64_t study_id, std::span<const std::int64_t> numbers,
                                    std::string_view which) const;
  /// What `read` gives of committed rows. A process that may write acts on it (it proposes from
  /// results), so this returns only when all of these rows are on disk.
  template <class Read>
  std::vector<TrialRow> kept_for_good(const Read& read) const;
  /// Rows by number of their trial, into `trials` by number.
  static void read_metrics(Rows& rows, std::vector<TrialRow>& trials);
  void enqueue_all(std::int64_t study_id, const QueuedStudy& study,
                   std::span<const QueuedTrial> trials) override;

  /// `relaxed`: they may be lost in a crash of the server.
  std::vector<bool> finish_trials(std::span<const TrialFinish> finishes, bool relaxed);
  TrialTurn take_turn(std::span<const TrialFinish> finishes, const TakeRequest& request);

  PostgresConnection& server_;                ///< the store's connection
  std::map<std::int64_t, QueueView> queues_;  ///< by study, as far as it is known
};

}  // namespace nas
