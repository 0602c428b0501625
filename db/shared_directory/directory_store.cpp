#include "db/shared_directory/directory_store.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/shared_directory/directory_client.h"
#include "db/shared_directory/directory_files.h"
#include "db/shared_directory/repeated_calls.h"
#include "db/shared_directory/store_calls.h"
#include "db/sqlite_store_impl.h"

namespace nas {

namespace {

/// Does calls on the database where this process has it, and asks for them elsewhere.
class DirectoryStore final : public Store,
                             public DeviceStore,
                             public StudyEditor,
                             public StudyLeads,
                             public TrialQueue,
                             public TypedQuery,
                             public WorkerRegistry {
 public:
  DirectoryStore(std::shared_ptr<SharedDirectory> directory, OpenMode mode, std::stop_token stop)
      : directory_(std::move(directory)),
        mode_(mode),
        stop_(std::move(stop)),
        client_(std::make_unique<DirectoryClient>(directory_, stop_)) {}

  std::unique_ptr<Store> connect() const override {
    return std::make_unique<DirectoryStore>(directory_, mode_, stop_);
  }

  StudyRow create_study(const StudySpec& spec) override {
    return call<&StudyStore::create_study>(spec);
  }
  std::optional<StudyRow> find_study(std::string_view name) const override {
    return call<&StudyStore::find_study>(name);
  }
  std::vector<StudyRow> studies() const override { return call<&StudyStore::studies>(); }
  void set_study_state(std::int64_t study_id, StudyState state) override {
    return call<&StudyStore::set_study_state>(study_id, state);
  }
  void change_study(std::int64_t study_id, const StudyChange& change) override {
    return call<&StudyEditor::change_study>(study_id, change);
  }
  StudyRemoval remove_study(std::int64_t study_id, bool dry_run) override {
    return call<&StudyEditor::remove_study>(study_id, dry_run);
  }
  void add_event(const EventRow& event) override { return call<&StudyStore::add_event>(event); }
  std::vector<EventRow> events(std::int64_t study_id, std::int64_t limit) const override {
    return call<&StudyStore::events>(study_id, limit);
  }

  std::optional<ClaimedTrial> claim(const TrialClaim& claim) override {
    return call<&TrialStore::claim>(claim);
  }
  bool renew(const ClaimedTrial& claim, double lease_seconds) override {
    return call<&TrialStore::renew>(claim, lease_seconds);
  }
  bool finish(const TrialFinish& finish) override { return call<&TrialStore::finish>(finish); }
  std::int64_t reclaim(std::int64_t study_id, std::string_view worker_prefix) override {
    return call<&TrialStore::reclaim>(study_id, worker_prefix);
  }
  std::vector<TrialRow> trials(std::int64_t study_id) const override {
    return call<&TrialStore::trials>(study_id);
  }
  std::vector<CurvePoint> curve(std::int64_t trial_id) const override {
    return call<&TrialStore::curve>(trial_id);
  }

  std::optional<Lead> lead(const LeadRequest& request) override {
    return call<&StudyLeads::lead>(request);
  }
  bool renew_lead(const Lead& lead, double seconds) override {
    return call<&StudyLeads::renew_lead>(lead, seconds);
  }
  void leave(const Lead& lead) override { return call<&StudyLeads::leave>(lead); }
  std::optional<Leader> leader(std::int64_t study_id) const override {
    return call<&StudyLeads::leader>(study_id);
  }

  bool enqueue(const Lead& lead, const QueuedStudy& study,
               std::span<const QueuedTrial> trials) override {
    return call<&TrialQueue::enqueue>(lead, study, trials);
  }
  std::int64_t withdraw(const Lead& lead) override { return call<&TrialQueue::withdraw>(lead); }
  std::vector<TakenTrial> take(const TakeRequest& request) override {
    return call<&TrialQueue::take>(request);
  }
  std::vector<bool> finish_all(std::span<const TrialFinish> finishes) override {
    return call<&TrialQueue::finish_all>(finishes);
  }
  TrialTurn finish_and_take(std::span<const TrialFinish> finishes,
                            const TakeRequest& request) override {
    return call<&TrialQueue::finish_and_take>(finishes, request);
  }
  std::int64_t release(std::span<const ClaimedTrial> claims, std::string_view why) override {
    return call<&TrialQueue::release>(claims, why);
  }
  std::vector<Backlog> backlog() const override { return call<&TrialQueue::backlog>(); }
  std::vector<TrialRow> finished(std::int64_t study_id,
                                 std::span<const std::int64_t> numbers) const override {
    return call<&TrialQueue::finished>(study_id, numbers);
  }
  std::vector<TrialRow> finished_equals(std::int64_t study_id, const Digest& digest,
                                        std::int64_t last_number) const override {
    return call<&TrialQueue::finished_equals>(study_id, digest, last_number);
  }

  std::int64_t add_worker(const WorkerSpec& spec) override {
    return call<&WorkerRegistry::add_worker>(spec);
  }
  void beat(std::int64_t worker_id, const WorkerPulse& pulse) override {
    return call<&WorkerRegistry::beat>(worker_id, pulse);
  }
  std::vector<WorkerRow> workers(std::int64_t since_us) const override {
    return call<&WorkerRegistry::workers>(since_us);
  }
  std::vector<RunningTrial> running() const override { return call<&WorkerRegistry::running>(); }
  std::int64_t now_us() const override { return call<&WorkerRegistry::now_us>(); }
  std::int64_t add_allocation(const AllocationRow& allocation) override {
    return call<&WorkerRegistry::add_allocation>(allocation);
  }
  void end_allocation(std::int64_t allocation_id) override {
    return call<&WorkerRegistry::end_allocation>(allocation_id);
  }
  std::vector<AllocationRow> allocations(std::int64_t study_id) const override {
    return call<&WorkerRegistry::allocations>(study_id);
  }
  std::vector<std::int64_t> judged_elsewhere(std::int64_t study_id) const override {
    return call<&WorkerRegistry::judged_elsewhere>(study_id);
  }

  std::vector<LeaderRow> leaderboard(std::int64_t study_id, const Objective& objective,
                                     std::int64_t limit) const override {
    return call<&ResultStore::leaderboard>(study_id, objective, limit);
  }
  std::optional<MetricValue> find_metric(const Digest& digest, std::string_view network,
                                         std::string_view metric, std::string_view fidelity,
                                         const std::optional<Device>& device) const override {
    return call<&ResultStore::find_metric>(digest, network, metric, fidelity, device);
  }
  std::int64_t add_metrics(const ArchitectureKey& architecture,
                           std::span<const MetricValue> metrics) override {
    return call<&ResultStore::add_metrics>(architecture, metrics);
  }
  ModelRow add_model(const ModelRow& model) override {
    return call<&ResultStore::add_model>(model);
  }
  std::vector<ModelRow> models(std::int64_t architecture_id) const override {
    return call<&ResultStore::models>(architecture_id);
  }

  void add_dataset(const DatasetRow& dataset) override {
    return call<&CatalogStore::add_dataset>(dataset);
  }
  std::vector<DatasetRow> datasets() const override { return call<&CatalogStore::datasets>(); }
  std::vector<DeviceRow> devices() const override { return call<&CatalogStore::devices>(); }
  void add_device(const Device& device) override { return call<&DeviceStore::add_device>(device); }
  std::vector<DeviceRecord> device_records() const override {
    return call<&DeviceStore::device_records>();
  }
  std::vector<DeviceValue> device_values(const Device& device) const override {
    return call<&DeviceStore::device_values>(device);
  }

  void put_benchmark(const Benchmark& benchmark) override {
    return call<&BenchmarkStore::put_benchmark>(benchmark);
  }
  void put_benchmark_columns(const Benchmark& benchmark,
                             std::span<const std::size_t> columns) override {
    return call<&BenchmarkStore::put_benchmark_columns>(benchmark, columns);
  }
  std::vector<BenchmarkRow> benchmarks() const override {
    return call<&BenchmarkStore::benchmarks>();
  }
  std::shared_ptr<const Benchmark> open_benchmark(
      std::string_view name, std::span<const std::string> wide) const override {
    return call<&BenchmarkStore::open_benchmark>(name, wide);
  }
  void remove_benchmark(std::string_view name) override {
    return call<&BenchmarkStore::remove_benchmark>(name);
  }

  PredictorRow put_predictor(const PredictorRow& predictor) override {
    return call<&PredictorStore::put_predictor>(predictor);
  }
  std::vector<PredictorRow> predictors() const override {
    return call<&PredictorStore::predictors>();
  }
  ArtifactRow put_artifact(const ArtifactRow& artifact,
                           std::span<const CurvePoint> curve) override {
    return call<&ArtifactStore::put_artifact>(artifact, curve);
  }
  std::optional<ArtifactRow> find_artifact(std::string_view kind,
                                           std::string_view name) const override {
    return call<&ArtifactStore::find_artifact>(kind, name);
  }
  std::vector<ArtifactRow> artifacts(std::string_view kind) const override {
    return call<&ArtifactStore::artifacts>(kind);
  }
  std::vector<CurvePoint> artifact_curve(std::int64_t artifact_id) const override {
    return call<&ArtifactStore::artifact_curve>(artifact_id);
  }
  bool remove_artifact(std::string_view kind, std::string_view name) override {
    return call<&ArtifactStore::remove_artifact>(kind, name);
  }
  void put_study_record(std::int64_t study_id, const StudyRecord& record) override {
    return call<&StudyCurveStore::put_study_record>(study_id, record);
  }
  std::vector<CurvePoint> study_curve(std::int64_t study_id) const override {
    return call<&StudyCurveStore::study_curve>(study_id);
  }

  QueryResult query(std::string_view sql, std::int64_t limit) const override {
    return call<&StoreAdmin::query>(sql, limit);
  }
  StoreStats stats() const override { return call<&StoreAdmin::stats>(); }
  std::vector<std::string> check() const override { return call<&StoreAdmin::check>(); }

  void judge_in(const Environment& environment) override {
    environment_ = environment;
    client_->judge_in(environment);
    if (local_) worker_registry(*local_).judge_in(environment);
  }

  QueryResult typed_query(std::string_view sql, std::int64_t limit,
                          NumberFlags& numbers) const override {
    std::string bytes;
    put(bytes, sql);
    put(bytes, limit);
    while (true) {
      if (Store* store = local()) {
        return dynamic_cast<TypedQuery&>(*store).typed_query(sql, limit, numbers);
      }
      const auto answer = client_->ask(typed_query_call(), bytes);
      if (!answer.result) continue;
      WireReader in(*answer.result);
      auto rows = get<QueryResult>(in);
      numbers = get<NumberFlags>(in);
      return rows;
    }
  }

 private:
  template <auto Method, class... Args>
  auto call(const Args&... arguments) const -> typename Call<Method>::Traits::Result {
    using Traits = typename Call<Method>::Traits;
    if (Traits::kWrites && mode_ == OpenMode::kReadOnly) {
      throw Error(ErrorKind::kUsage, "shared directory: it was opened for reading only");
    }
    while (true) {
      Store* store = local();
      if (store == nullptr) break;
      try {
        return std::invoke(Method, dynamic_cast<typename Traits::Class&>(*store), arguments...);
      } catch (const Error&) {
        // Nothing of it was kept then; the next coordinator does it.
        if (!owner_->lost()) throw;
      }
    }
    const std::string bytes = call_bytes<Method>(arguments...);
    const std::string result = done_elsewhere(StoreCalls::index<Method>(), bytes);
    if constexpr (!std::is_void_v<typename Traits::Result>) {
      WireReader in(result);
      return get<typename Traits::Result>(in);
    }
  }

  std::string done_elsewhere(std::size_t index, const std::string& bytes) const {
    bool again = false;
    while (true) {
      if (Store* store = local()) {
        try {
          return again ? repeat_call(*store, index, bytes) : StoreCalls::run(*store, index, bytes);
        } catch (const Error&) {
          if (!owner_->lost()) throw;
        }
      }
      DirectoryClient::Answer answer = client_->ask(index, bytes);
      if (answer.result) return *std::move(answer.result);
      again = again || answer.again;
    }
  }

  /// The database, while this process has it.
  Store* local() const {
    std::shared_ptr<const DirectoryOwner> owner = directory_->owner();
    if (owner != owner_) {
      local_.reset();
      owner_ = std::move(owner);
    }
    if (owner_ && !local_) {
      local_ =
          open_sqlite_store(owner_->database(), OpenMode::kReadWrite, owner_->sqlite_options());
      if (environment_) worker_registry(*local_).judge_in(*environment_);
    }
    return local_.get();
  }

  std::shared_ptr<SharedDirectory> directory_;
  OpenMode mode_;
  std::stop_token stop_;
  std::optional<Environment> environment_;
  std::unique_ptr<DirectoryClient> client_;
  mutable std::shared_ptr<const DirectoryOwner> owner_;  ///< of `local_`
  mutable std::unique_ptr<Store> local_;
};

}  // namespace

std::unique_ptr<Store> open_directory_store(const std::filesystem::path& path, OpenMode mode,
                                            DirectoryRole role, const DirectoryOptions& options) {
  auto directory = SharedDirectory::join(path, role, options);
  directory->look();
  return std::make_unique<DirectoryStore>(std::move(directory), mode, options.sqlite.stop);
}

std::unique_ptr<Connection> connect_to_directory(const std::filesystem::path& path, OpenMode mode,
                                                 const DirectoryOptions& options) {
  auto directory = SharedDirectory::join(path, DirectoryRole::kCoordinator, options);
  const DirectoryLeader leader = directory->look();
  const std::shared_ptr<const DirectoryOwner> owner = directory->owner();
  if (!owner) {
    throw Error(ErrorKind::kUsage, "shared directory '" + printable(path.native()) + "': process " +
                                       printable(leader.who) + " has it; wait until it has ended");
  }
  SqliteOptions sqlite = owner->sqlite_options();
  sqlite.before_commit = [directory, before = sqlite.before_commit] { before(); };
  // A connection that only watches holds locks that keep a process out which has the file alone.
  const OpenMode own = mode == OpenMode::kReadOnly ? OpenMode::kReadWrite : mode;
  return open_connection(owner->database(), own, sqlite);
}

bool directory_store_exists(const std::filesystem::path& path) {
  return newest_generation(path, "coordinator", "") > 0;
}

}  // namespace nas
