#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/api/benchmark.h"
#include "core/api/evaluation.h"
#include "core/api/predictor.h"
#include "core/api/searcher.h"

namespace nas {

// The results database as interfaces; `db/` implements them for SQLite, and a conformance suite
// (tests/db/store_conformance.h) runs against every implementation. All times are integer
// microseconds UTC of the database's clock. Ids are never re-used. Every method is one transaction
// and throws Error(kIo | kData) in one line; nothing is half-written.

/// Where and with what a study ran.
struct Environment {
  std::string version;    ///< Searchlight's version and git revision
  std::string libraries;  ///< "libtorch 1.13.1, openblas 0.3.21, sqlite 3.40.1"
  std::string cpu;        ///< model and SIMD level
  std::int64_t threads = 1;
  friend bool operator==(const Environment&, const Environment&) = default;
};

enum class StudyState : std::uint8_t { kCreated, kRunning, kPaused, kFinished, kInfeasible };
std::string to_string(StudyState state);

struct StudySpec {
  std::string name;  ///< unique, 1..200 characters
  std::string space;
  std::string space_version;
  std::string searcher;
  std::string config;  ///< resolved TOML; can be run again
  std::uint64_t seed = 0;
  std::int64_t budget_trials = 0;
  std::vector<Objective> objectives;
  Environment environment;
};

struct StudyRow {
  std::int64_t id = 0;
  StudySpec spec;
  StudyState state = StudyState::kCreated;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
  std::int64_t trials_complete = 0;
  std::int64_t trials_infeasible = 0;
  std::int64_t trials_failed = 0;
  std::int64_t trials_running = 0;
};

enum class TrialState : std::uint8_t { kRunning, kComplete, kInfeasible, kFailed };
std::string to_string(TrialState state);

/// Takes a trial number of a study for a worker: architecture, trial and proposal in one
/// transaction.
struct TrialClaim {
  std::int64_t study_id = 0;
  std::int64_t number = 0;
  std::string space;  ///< of the architecture
  std::string text;   ///< the field's own notation
  Digest digest;
  std::int64_t published_params = 0;  ///< of the space's published network
  std::int64_t published_macs = 0;
  std::string network{};  ///< that sizes and latency of the trial are judged of: its text
  std::string worker;     ///< "host:pid:thread"
  double lease_seconds = 60;
  std::string searcher;  ///< proposal
  std::string reason;
  double ask_seconds = 0;
};

/// The right to finish a trial; a token that is no longer the trial's own is refused (fencing).
struct ClaimedTrial {
  std::int64_t trial_id = 0;
  std::int64_t architecture_id = 0;
  std::int64_t token = 0;
};

struct TrialFinish {
  ClaimedTrial claim;
  TrialState state = TrialState::kComplete;
  std::vector<MetricValue> metrics;
  std::vector<CurvePoint> curve;
  std::string curve_network{};  ///< text of the network that `curve` was recorded of
  std::string error;            ///< why failed or infeasible
  std::string reused_from;      ///< "trial 12 (equal digest)" or ""
  double violation = 0;
  double seconds = 0;  ///< monotonic clock
};

struct TrialRow {
  std::int64_t id = 0;
  std::int64_t number = 0;
  std::int64_t architecture_id = 0;
  std::string text;
  Digest digest;
  std::string network;  ///< that the trial was judged as: its text; "" = unknown
  TrialState state = TrialState::kRunning;
  std::string worker;
  std::string reason;
  std::string error;
  std::string reused_from;
  double violation = 0;
  double seconds = 0;
  std::vector<MetricValue> metrics;  ///< those this trial recorded, in the order given
};

struct ModelRow {
  std::int64_t id = 0;
  std::int64_t architecture_id = 0;
  std::optional<std::int64_t> trial_id;
  std::string path;
  std::string sha256;
  std::string fidelity;
  std::string network{};  ///< text of the network that the file holds; "" = unknown
  std::string metric{};   ///< that it was judged by: "test_accuracy"; "" = by none
  double value = 0;       ///< of this metric
};

struct EventRow {
  std::int64_t at_us = 0;
  std::optional<std::int64_t> study_id;
  std::optional<std::int64_t> trial_id;
  std::string kind;
  std::string text;
};

class StudyStore {
 public:
  virtual ~StudyStore() = default;
  /// Throws Error(kUsage) when the name exists.
  virtual StudyRow create_study(const StudySpec& spec) = 0;
  virtual std::optional<StudyRow> find_study(std::string_view name) const = 0;
  virtual std::vector<StudyRow> studies() const = 0;  ///< newest first
  virtual void set_study_state(std::int64_t study_id, StudyState state) = 0;
  virtual void add_event(const EventRow& event) = 0;  ///< at_us is set by the database
  virtual std::vector<EventRow> events(std::int64_t study_id,
                                       std::int64_t limit) const = 0;  ///< newest first
};

class TrialStore {
 public:
  virtual ~TrialStore() = default;
  /// nullopt when the number is taken by a live or finished trial. A running trial whose lease has
  /// passed is taken over with a new token (kept in the event log).
  virtual std::optional<ClaimedTrial> claim(const TrialClaim& claim) = 0;
  /// The lease now ends `lease_seconds` from now; false when the claim is lost.
  virtual bool renew(const ClaimedTrial& claim, double lease_seconds) = 0;
  /// Stores the result; false (and an event, nothing else) when the claim is lost or already
  /// finished.
  virtual bool finish(const TrialFinish& finish) = 0;
  /// Running trials whose lease has passed, or that belong to `worker_prefix` ("host:pid", matched
  /// whole or up to a ':'; empty: nobody), become claimable. Returns how many became so by this
  /// call.
  virtual std::int64_t reclaim(std::int64_t study_id, std::string_view worker_prefix) = 0;
  virtual std::vector<TrialRow> trials(std::int64_t study_id) const = 0;  ///< by number
  virtual std::vector<CurvePoint> curve(std::int64_t trial_id) const = 0;
};

/// A line of the leaderboard: one finished trial.
struct LeaderRow {
  std::int64_t study_id = 0;
  std::int64_t trial_number = 0;
  std::string text;
  double value = 0;
  std::string network;                 ///< that the trial was judged as; "" = unknown
  std::optional<std::int64_t> params;  ///< of that network, as the trial recorded them
  std::optional<std::int64_t> macs;
  std::int64_t published_params = 0;  ///< of the space's published network
  std::int64_t published_macs = 0;
};

/// What identifies an architecture's row, and what is kept of it when it is new.
struct ArchitectureKey {
  std::string space;
  std::string space_version;
  std::string text;
  Digest digest;
  std::int64_t published_params = 0;  ///< of the space's published network
  std::int64_t published_macs = 0;
};

class ResultStore {
 public:
  virtual ~ResultStore() = default;
  /// Best `limit` complete trials of a study by one metric ("latency_ms", or "latency_ms@host" for
  /// one device), a lower trial number first among equals. Values that are not finite do not rank.
  /// Answered by an index, no sorting of the study.
  virtual std::vector<LeaderRow> leaderboard(std::int64_t study_id, const Objective& objective,
                                             std::int64_t limit) const = 0;
  /// A stored value of this network of an equal digest, at this fidelity on this device (name and
  /// settings): the best evidence first (computed, measured, predicted, proxy), then the oldest.
  /// Never a tabular value: benchmarks list isomorphic architectures with different numbers, so
  /// those belong to one text alone.
  virtual std::optional<MetricValue> find_metric(const Digest& digest, std::string_view network,
                                                 std::string_view metric, std::string_view fidelity,
                                                 const std::optional<Device>& device) const = 0;
  /// Values that belong to no trial (a training by hand). The architecture's row is made when it is
  /// new. Returns its id.
  virtual std::int64_t add_metrics(const ArchitectureKey& architecture,
                                   std::span<const MetricValue> metrics) = 0;
  virtual ModelRow add_model(const ModelRow& model) = 0;
  virtual std::vector<ModelRow> models(std::int64_t architecture_id) const = 0;
};

/// A data set under a short name, as `nasctl data add` keeps it.
struct DatasetRow {
  std::string name;
  std::string spec;     ///< "cifar10:/data/cifar-10-batches-bin"
  std::string content;  ///< ProblemData::id when it was added
  std::int64_t classes = 0;
  std::int64_t samples = 0;  ///< training and test
};

/// A device that stored values refer to.
struct DeviceRow {
  Device device;
  std::int64_t values = 0;
};

class CatalogStore {
 public:
  virtual ~CatalogStore() = default;
  /// Adds a name or changes what it stands for.
  virtual void add_dataset(const DatasetRow& dataset) = 0;
  virtual std::vector<DatasetRow> datasets() const = 0;  ///< by name
  virtual std::vector<DeviceRow> devices() const = 0;    ///< by name, settings
};

/// A benchmark as lists show it.
struct BenchmarkRow {
  std::int64_t id = 0;
  BenchmarkInfo info;
  std::int64_t rows = 0;
  std::vector<BenchmarkColumn> columns;
  std::int64_t imported_us = 0;
};

class BenchmarkStore {
 public:
  virtual ~BenchmarkStore() = default;
  /// Adds or replaces the benchmark of this name, whole or not at all. Values are kept bit by bit.
  virtual void put_benchmark(const Benchmark& benchmark) = 0;
  /// Adds or replaces some columns of a stored benchmark with the same rows; one transaction.
  virtual void put_benchmark_columns(const Benchmark& benchmark,
                                     std::span<const std::size_t> columns) = 0;
  virtual std::vector<BenchmarkRow> benchmarks() const = 0;  ///< by name
  /// Columns of width 1 are loaded; wider ones only when their `column_text` is in `wide`. Throws
  /// Error(kUsage) with the near miss for an unknown name, Error(kData) for damaged data.
  virtual std::shared_ptr<const Benchmark> open_benchmark(
      std::string_view name, std::span<const std::string> wide = {}) const = 0;
  virtual void remove_benchmark(std::string_view name) = 0;
};

/// A fitted predictor: its tensors lie in files beside the database.
struct PredictorRow {
  std::int64_t id = 0;
  std::string name;     ///< unique
  std::string plugin;   ///< "parzc"
  std::string options;  ///< resolved, TOML inline table
  std::string space;
  std::string target;    ///< "nasbench201 accuracy:dataset=cifar10,...": what it predicts
  std::string features;  ///< column texts, one per line
  std::int64_t samples = 0;
  std::uint64_t seed = 0;
  std::string path;  ///< of the safetensors file, relative to the database
  std::string sha256;
  std::string report;  ///< JSON: correlations on held-out architectures
  std::int64_t created_us = 0;
};

class PredictorStore {
 public:
  virtual ~PredictorStore() = default;
  /// Adds or replaces the predictor of this name.
  virtual PredictorRow put_predictor(const PredictorRow& predictor) = 0;
  virtual std::vector<PredictorRow> predictors() const = 0;  ///< by name
};

/// A file that belongs to the database and is no model or predictor: a supernet, a checkpoint.
struct ArtifactRow {
  std::int64_t id = 0;
  std::string kind;  ///< "supernet"
  std::string name;  ///< unique among those of its kind
  std::optional<std::int64_t> study_id{};
  std::optional<std::int64_t> trial_id{};
  std::optional<std::int64_t> architecture_id{};
  std::string path;    ///< relative to the database's folder, or absolute
  std::string sha256;  ///< of the file, 64 digits
  std::int64_t bytes = 0;
  std::string info = "{}";  ///< JSON: what there is to say of this kind
  std::string version;      ///< of the program that made it
  std::int64_t created_us = 0;
};

class ArtifactStore {
 public:
  virtual ~ArtifactStore() = default;
  /// Adds or replaces the artifact of this kind and name, with its curve.
  virtual ArtifactRow put_artifact(const ArtifactRow& artifact,
                                   std::span<const CurvePoint> curve) = 0;
  virtual std::optional<ArtifactRow> find_artifact(std::string_view kind,
                                                   std::string_view name) const = 0;
  /// By name.
  virtual std::vector<ArtifactRow> artifacts(std::string_view kind) const = 0;
  /// As it was given.
  virtual std::vector<CurvePoint> artifact_curve(std::int64_t artifact_id) const = 0;
  /// Forgets it; the file stays. False when there is none.
  virtual bool remove_artifact(std::string_view kind, std::string_view name) = 0;
};

/// What a study says of itself while it prepares: a batch of its curve, and events.
struct StudyRecord {
  std::vector<CurvePoint> points;
  struct Event {
    std::string kind;
    std::string text;
  };
  std::vector<Event> events;
};

class StudyCurveStore {
 public:
  virtual ~StudyCurveStore() = default;
  /// A point of a name and epoch that the study has already replaces the former one, and an event
  /// of a kind and text that it has is not repeated: epochs that run again after a kill leave
  /// what an uninterrupted study leaves.
  virtual void put_study_record(std::int64_t study_id, const StudyRecord& record) = 0;
  virtual std::vector<CurvePoint> study_curve(std::int64_t study_id) const = 0;  ///< by name, epoch
};

/// Rows of a free query, as text for people and machines; NULL as nullopt.
struct QueryResult {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};

struct StoreStats {
  std::vector<std::pair<std::string, std::int64_t>> table_rows;
  std::int64_t file_bytes = 0;
  std::int64_t schema_version = 0;
  std::string backend;
};

class StoreAdmin {
 public:
  virtual ~StoreAdmin() = default;
  /// One SQL statement that only reads. Throws Error(kUsage) for anything that would write.
  virtual QueryResult query(std::string_view sql, std::int64_t limit) const = 0;
  virtual StoreStats stats() const = 0;
  /// Problems found (damage, orphan rows, expired leases); empty = sound.
  virtual std::vector<std::string> check() const = 0;
};

/// Everything a store can do. Not thread-safe: one connection a thread, through `Store::connect`.
class Store : public StudyStore,
              public TrialStore,
              public ResultStore,
              public CatalogStore,
              public BenchmarkStore,
              public PredictorStore,
              public ArtifactStore,
              public StudyCurveStore,
              public StoreAdmin {
 public:
  /// A further connection to the same database with the same mode.
  virtual std::unique_ptr<Store> connect() const = 0;
};

}  // namespace nas
