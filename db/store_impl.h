#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/device_store.h"
#include "core/api/study_editor.h"
#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/api/typed_query.h"
#include "core/api/worker_registry.h"
#include "db/catalogue.h"
#include "db/connection.h"
#include "db/sqlite_store.h"

namespace nas {

/// The store on one connection, in SQL that every back end understands. Its parts are in
/// store_studies, store_study_changes, store_study_curves, store_trials, store_trial_rows,
/// store_leads, store_queue, store_workers, store_results, store_catalog, store_devices,
/// store_benchmarks, store_predictors, store_artifacts, store_files and store_rules.cpp, each with
/// the SQL it uses. What is left, and what one of them does better, is in SqliteStore and
/// PostgresStore.
class SqlStore : public Store,
                 public DeviceStore,
                 public StudyEditor,
                 public StudyLeads,
                 public TrialQueue,
                 public TypedQuery,
                 public WorkerRegistry {
 public:
  SqlStore(std::unique_ptr<Connection> connection, OpenMode mode);

  std::unique_ptr<Store> connect() const final;

  StudyRow create_study(const StudySpec& spec) override;
  std::optional<StudyRow> find_study(std::string_view name) const override;
  std::vector<StudyRow> studies() const override;
  void set_study_state(std::int64_t study_id, StudyState state) override;
  void change_study(std::int64_t study_id, const StudyChange& change) override;
  StudyRemoval remove_study(std::int64_t study_id, bool dry_run) override;
  void add_event(const EventRow& event) override;
  std::vector<EventRow> events(std::int64_t study_id, std::int64_t limit) const override;

  std::optional<ClaimedTrial> claim(const TrialClaim& claim) override;
  bool renew(const ClaimedTrial& claim, double lease_seconds) override;
  bool finish(const TrialFinish& finish) override;
  std::int64_t reclaim(std::int64_t study_id, std::string_view worker_prefix) override;
  std::vector<TrialRow> trials(std::int64_t study_id) const override;
  std::vector<CurvePoint> curve(std::int64_t trial_id) const override;

  std::optional<Lead> lead(const LeadRequest& request) override;
  bool renew_lead(const Lead& lead, double seconds) override;
  void leave(const Lead& lead) override;
  std::optional<Leader> leader(std::int64_t study_id) const override;

  bool enqueue(const Lead& lead, const QueuedStudy& study,
               std::span<const QueuedTrial> trials) override;
  std::int64_t withdraw(const Lead& lead) override;
  std::vector<TakenTrial> take(const TakeRequest& request) override;
  std::vector<bool> finish_all(std::span<const TrialFinish> finishes) override;
  TrialTurn finish_and_take(std::span<const TrialFinish> finishes,
                            const TakeRequest& request) override;
  std::int64_t release(std::span<const ClaimedTrial> claims, std::string_view why) override;
  std::vector<Backlog> backlog() const override;
  std::vector<TrialRow> finished(std::int64_t study_id,
                                 std::span<const std::int64_t> numbers) const override;
  std::vector<TrialRow> finished_equals(std::int64_t study_id, const Digest& digest,
                                        std::int64_t last_number) const override;

  void judge_in(const Environment& environment) override { environment_ = environment; }
  std::int64_t add_worker(const WorkerSpec& spec) override;
  void beat(std::int64_t worker_id, const WorkerPulse& pulse) override;
  std::vector<WorkerRow> workers(std::int64_t since_us) const override;
  std::vector<RunningTrial> running() const override;
  std::int64_t now_us() const override { return connection_->now_us(); }
  std::int64_t add_allocation(const AllocationRow& allocation) override;
  void end_allocation(std::int64_t allocation_id) override;
  std::vector<AllocationRow> allocations(std::int64_t study_id) const override;
  std::vector<std::int64_t> judged_elsewhere(std::int64_t study_id) const override;

  std::vector<LeaderRow> leaderboard(std::int64_t study_id, const Objective& objective,
                                     std::int64_t limit) const override;
  std::optional<MetricValue> find_metric(const Digest& digest, std::string_view network,
                                         std::string_view metric, std::string_view fidelity,
                                         const std::optional<Device>& device) const override;
  std::int64_t add_metrics(const ArchitectureKey& architecture,
                           std::span<const MetricValue> metrics) override;
  ModelRow add_model(const ModelRow& model) override;
  std::vector<ModelRow> models(std::int64_t architecture_id) const override;

  void add_dataset(const DatasetRow& dataset) override;
  std::vector<DatasetRow> datasets() const override;
  std::vector<DeviceRow> devices() const override;

  void add_device(const Device& device) override;
  std::vector<DeviceRecord> device_records() const override;
  std::vector<DeviceValue> device_values(const Device& device) const override;

  void put_benchmark(const Benchmark& benchmark) override;
  void put_benchmark_columns(const Benchmark& benchmark,
                             std::span<const std::size_t> columns) override;
  std::vector<BenchmarkRow> benchmarks() const override;
  std::shared_ptr<const Benchmark> open_benchmark(
      std::string_view name, std::span<const std::string> wide = {}) const override;
  void remove_benchmark(std::string_view name) override;

  PredictorRow put_predictor(const PredictorRow& predictor) override;
  std::vector<PredictorRow> predictors() const override;

  ArtifactRow put_artifact(const ArtifactRow& artifact, std::span<const CurvePoint> curve) override;
  std::optional<ArtifactRow> find_artifact(std::string_view kind,
                                           std::string_view name) const override;
  std::vector<ArtifactRow> artifacts(std::string_view kind) const override;
  std::vector<CurvePoint> artifact_curve(std::int64_t artifact_id) const override;
  bool remove_artifact(std::string_view kind, std::string_view name) override;

  void put_study_record(std::int64_t study_id, const StudyRecord& record) override;
  std::vector<CurvePoint> study_curve(std::int64_t study_id) const override;

  QueryResult query(std::string_view sql, std::int64_t limit) const override;

 protected:
  OpenMode mode() const { return mode_; }
  Connection& connection() const { return *connection_; }
  Catalogue& catalogue() const { return *catalogue_; }
  void require_writable(std::string_view what) const;
  /// Of a row with name, value, status, source, fidelity, name, kind and settings of the device,
  /// network.
  static MetricValue read_metric(const Rows& rows);
  /// Trials of the study that is its first parameter, without their metrics; conditions may follow.
  static const std::string& trial_rows_sql();
  static TrialRow read_trial(const Rows& rows);
  /// Within a transaction.
  std::vector<TrialRow> all_trials(std::int64_t study_id) const;
  /// Of `judge_in`.
  OptionalInt own_environment();
  /// What `check` finds in rows: rules that no constraint can state, damaged benchmarks, files that
  /// are missing or changed, passed leases.
  std::vector<std::string> row_problems() const;
  /// The rows of these tables.
  StoreStats table_stats(const std::vector<std::string>& tables) const;

 private:
  /// A further connection.
  virtual std::unique_ptr<SqlStore> another() const = 0;

  struct TrialKey {
    std::int64_t trial_id = 0;
    std::int64_t study_id = 0;
    std::int64_t number = 0;
    std::int64_t architecture_id = 0;
    std::int64_t token = 0;
    std::int64_t lease_until_us = 0;
    std::string state;
    std::string worker;
  };

  void log(OptionalInt study_id, OptionalInt trial_id, std::string_view kind,
           std::string_view text);
  StudyRow read_study(Rows& rows) const;
  std::int64_t count_trials(std::int64_t study_id, std::string_view sql) const;
  std::optional<TrialKey> find_trial(std::int64_t trial_id) const;
  std::optional<TrialKey> find_trial(std::int64_t study_id, std::int64_t number) const;
  static TrialKey read_trial_key(Rows& rows);
  std::int64_t start_trial(const TrialClaim& claim, std::int64_t architecture_id);
  void take_over(const TrialClaim& claim, const TrialKey& trial, std::int64_t architecture_id);
  void log_take_over(const TrialKey& trial, std::string_view worker);
  bool store_finish(const TrialFinish& finish);
  bool leads(const Lead& lead) const;
  virtual void enqueue_all(std::int64_t study_id, const QueuedStudy& study,
                           std::span<const QueuedTrial> trials);
  bool lacks_needs(const TakeRequest& request) const;
  std::vector<TakenTrial> take_some(const TakeRequest& request);
  /// Sets `alone` where what was taken may have ended its workers: nothing else is taken with it.
  std::vector<TakenTrial> take_passed(const TakeRequest& request, bool& alone);
  void take_waiting(const TakeRequest& request, std::int64_t limit, std::vector<TakenTrial>& taken);
  /// Those of `numbers` that exist, by number.
  virtual std::vector<TrialRow> trials_of(std::int64_t study_id,
                                          std::span<const std::int64_t> numbers) const;
  void log_late_finish(const TrialFinish& finish, const std::optional<TrialKey>& trial);
  void insert_metrics(const TrialFinish& finish, const TrialKey& trial);
  void insert_curve(const TrialFinish& finish);
  void read_metrics(std::vector<TrialRow>& trials) const;
  /// `trials` are all of the study, by number.
  virtual void read_metrics_of_study(std::int64_t study_id, std::vector<TrialRow>& trials) const;
  std::int64_t find_benchmark(std::string_view name) const;
  std::vector<std::string> benchmark_problems() const;  ///< damaged texts and columns
  std::vector<std::string> file_problems() const;       ///< of models, predictors and artifacts
  void write_benchmark_column(std::int64_t benchmark_id, const Benchmark& benchmark,
                              std::size_t column);

  std::unique_ptr<Connection>
      connection_;  ///< const methods read through it; it holds their prepared statements
  std::unique_ptr<Catalogue> catalogue_;
  OpenMode mode_;
  std::optional<Environment> environment_;  ///< that trials are claimed and taken in
};

/// From now to the end of a lease. Throws Error(kUsage) for what is not 0 or more.
std::int64_t lease_us(double seconds);

/// Throws Error(kUsage): 1 to 200 characters, no NUL.
void check_study_name(std::string_view name);

}  // namespace nas
