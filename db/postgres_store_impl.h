#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/postgres_connection.h"
#include "db/store_impl.h"

namespace nas {

/// Throws as `open_postgres_store`.
std::unique_ptr<PostgresConnection> open_postgres(const StoreAddress& address, OpenMode mode,
                                                  const PostgresOptions& options);

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
  std::vector<TakenTrial> take(const TakeRequest& request) override;
  std::vector<bool> finish_all(std::span<const TrialFinish> finishes) override;

  std::vector<LeaderRow> leaderboard(std::int64_t study_id, const Objective& objective,
                                     std::int64_t limit) const override;

  QueryResult typed_query(std::string_view sql, std::int64_t limit,
                          NumberFlags& numbers) const override;
  StoreStats stats() const override;
  std::vector<std::string> check() const override;

 private:
  std::unique_ptr<SqlStore> another() const override;
  void read_metrics_of_study(std::int64_t study_id, std::vector<TrialRow>& trials) const override;
  void enqueue_all(std::int64_t study_id, const QueuedStudy& study,
                   std::span<const QueuedTrial> trials) override;

  PostgresConnection& server_;  ///< the store's connection
};

}  // namespace nas
