#include "db/transfer/table_catalogue.h"

#include <algorithm>

#include "core/util/error.h"

namespace nas {

namespace {

constexpr ColumnType kInteger = ColumnType::kInteger;
constexpr ColumnType kReal = ColumnType::kReal;
constexpr ColumnType kText = ColumnType::kText;
constexpr ColumnType kBlob = ColumnType::kBlob;
constexpr ColumnPart kIdentity = ColumnPart::kIdentity;
constexpr ColumnPart kFact = ColumnPart::kFact;
constexpr ColumnPart kOccasion = ColumnPart::kOccasion;
constexpr bool kMayBeNull = true;

// What most tables have.
constexpr TableColumn kId = {"id", kInteger, ColumnPart::kId};
constexpr std::string_view kIdKey[] = {"id"};

constexpr TableColumn reference(std::string_view column, ColumnPart part, std::string_view table,
                                bool nullable = false) {
  return {column, kInteger, part, table, nullable};
}

constexpr TableColumn kSpaceColumns[] = {
    kId,
    {"name", kText, kIdentity},
    {"version", kText, kIdentity},
    {"definition", kText, kFact},
};

constexpr TableColumn kNetworkColumns[] = {
    kId,
    {"text", kText, kIdentity},
};

constexpr TableColumn kFidelityColumns[] = {
    kId,
    {"text", kText, kIdentity},
};

constexpr TableColumn kDeviceColumns[] = {
    kId,
    {"name", kText, kIdentity},
    {"kind", kText, kIdentity},
    {"settings", kText, kIdentity},
    {"machine", kText, kOccasion},
    {"runtime", kText, kOccasion},
    {.name = "batch", .type = kInteger, .part = kOccasion, .nullable = true},
    {.name = "threads", .type = kInteger, .part = kOccasion, .nullable = true},
    {"precision", kText, kOccasion},
    {.name = "added_us", .type = kInteger, .part = kOccasion, .nullable = true},
};

constexpr TableColumn kEnvironmentColumns[] = {
    kId,
    {"version", kText, kIdentity},
    {"libraries", kText, kIdentity},
    {"cpu", kText, kIdentity},
    {"threads", kInteger, kIdentity},
};

constexpr TableColumn kDatasetColumns[] = {
    kId,
    {"name", kText, kIdentity},
    {"spec", kText, kOccasion},
    {"content", kText, kFact},
    {"classes", kInteger, kOccasion},
    {"samples", kInteger, kOccasion},
    {"added_us", kInteger, kOccasion},
};

constexpr TableColumn kArchitectureColumns[] = {
    kId,
    reference("space_id", kIdentity, "space"),
    {"digest", kText, kIdentity},
    {"text", kText, kIdentity},
    {"published_params", kInteger, kFact},
    {"published_macs", kInteger, kFact},
    {"created_us", kInteger, kOccasion},
};

constexpr TableColumn kStudyColumns[] = {
    kId,
    {"name", kText, kIdentity},
    reference("space_id", kFact, "space"),
    {"searcher", kText, kFact},
    {"config", kText, kFact},
    {"seed", kInteger, kFact},
    {"budget_trials", kInteger, kFact},
    {"state", kText, kOccasion},
    reference("environment_id", kOccasion, "environment"),
    {"created_us", kInteger, kOccasion},
    {"updated_us", kInteger, kOccasion},
};

constexpr TableColumn kObjectiveColumns[] = {
    reference("study_id", kIdentity, "study"),
    {"position", kInteger, kIdentity},
    {"metric", kText, kFact},
    {"device", kText, kFact},
    {"direction", kText, kFact},
};
constexpr std::string_view kObjectiveKey[] = {"study_id", "position"};

constexpr TableColumn kTrialColumns[] = {
    kId,
    reference("study_id", kIdentity, "study"),
    {"number", kInteger, kIdentity},
    reference("architecture_id", kFact, "architecture"),
    {"state", kText, kFact},
    {"worker", kText, kOccasion},
    {"token", kInteger, kOccasion},
    {"lease_until_us", kInteger, kOccasion},
    {"started_us", kInteger, kOccasion},
    {.name = "finished_us", .type = kInteger, .part = kOccasion, .nullable = true},
    {.name = "seconds", .type = kReal, .part = kOccasion, .nullable = true},
    {.name = "violation", .type = kReal, .part = kFact, .nullable = true},
    {"error", kText, kOccasion},
    {"reused_from", kText, kOccasion},
    reference("network_id", kFact, "network", kMayBeNull),
    reference("environment_id", kOccasion, "environment", kMayBeNull),
};

constexpr TableColumn kMetricColumns[] = {
    kId,
    reference("architecture_id", kIdentity, "architecture"),
    reference("trial_id", kIdentity, "trial", kMayBeNull),
    reference("study_id", kIdentity, "study", kMayBeNull),
    {.name = "trial_number", .type = kInteger, .part = kIdentity, .nullable = true},
    {"name", kText, kIdentity},
    {.name = "value", .type = kReal, .part = kIdentity, .nullable = true},
    {"status", kText, kIdentity},
    {"source", kText, kIdentity},
    reference("fidelity_id", kIdentity, "fidelity", kMayBeNull),
    reference("device_id", kIdentity, "device", kMayBeNull),
    {"ranked", kInteger, kIdentity},
    reference("network_id", kIdentity, "network", kMayBeNull),
    {.name = "low", .type = kReal, .part = kOccasion, .nullable = true},
    {.name = "high", .type = kReal, .part = kOccasion, .nullable = true},
};

constexpr TableColumn kMeritColumns[] = {
    reference("trial_id", kIdentity, "trial"),
    {"study_id", kInteger, kFact},
    {.name = "a", .type = kReal, .part = kFact, .nullable = true},
    {.name = "b", .type = kReal, .part = kFact, .nullable = true},
    {.name = "c", .type = kReal, .part = kFact, .nullable = true},
    {.name = "d", .type = kReal, .part = kFact, .nullable = true},
};
constexpr std::string_view kMeritKey[] = {"trial_id"};

constexpr TableColumn kCurveColumns[] = {
    reference("trial_id", kIdentity, "trial"),
    {"position", kInteger, kIdentity},
    {"epoch", kInteger, kFact},
    {"name", kText, kFact},
    {.name = "value", .type = kReal, .part = kFact, .nullable = true},
    {"status", kText, kFact},
    reference("network_id", kFact, "network", kMayBeNull),
};
constexpr std::string_view kCurveKey[] = {"trial_id", "position"};

constexpr TableColumn kProposalColumns[] = {
    reference("trial_id", kIdentity, "trial"),
    {"token", kInteger, kIdentity},
    {"searcher", kText, kOccasion},
    {"reason", kText, kOccasion},
    {.name = "seconds", .type = kReal, .part = kOccasion, .nullable = true},
};
constexpr std::string_view kProposalKey[] = {"trial_id", "token"};

constexpr TableColumn kStudyCurveColumns[] = {
    reference("study_id", kIdentity, "study"),
    {"name", kText, kIdentity},
    {"epoch", kInteger, kIdentity},
    {.name = "value", .type = kReal, .part = kFact, .nullable = true},
    {"status", kText, kFact},
};
constexpr std::string_view kStudyCurveKey[] = {"study_id", "name", "epoch"};

constexpr TableColumn kModelColumns[] = {
    kId,
    reference("architecture_id", kIdentity, "architecture"),
    reference("trial_id", kIdentity, "trial", kMayBeNull),
    {.name = "path", .type = kText, .part = kIdentity, .is_path = true},
    {"sha256", kText, kIdentity},
    reference("fidelity_id", kIdentity, "fidelity", kMayBeNull),
    {.name = "value", .type = kReal, .part = kOccasion, .nullable = true},
    {"created_us", kInteger, kOccasion},
    reference("network_id", kIdentity, "network", kMayBeNull),
    {.name = "metric", .type = kText, .part = kOccasion, .nullable = true},
};

constexpr TableColumn kBenchmarkColumns[] = {
    kId,
    {"name", kText, kIdentity},
    {"source", kText, kOccasion},
    {"licence", kText, kOccasion},
    {"rows", kInteger, kFact},
    {"sha256", kText, kFact},
    {"imported_us", kInteger, kOccasion},
    {"space", kText, kFact},
    {"space_version", kText, kFact},
};

constexpr TableColumn kBenchmarkTextColumns[] = {
    reference("benchmark_id", kIdentity, "benchmark"),
    {"crc32", kInteger, kFact},
    {"texts", kBlob, kOccasion},
};
constexpr std::string_view kBenchmarkTextKey[] = {"benchmark_id"};

constexpr TableColumn kBenchmarkColumnColumns[] = {
    kId,
    reference("benchmark_id", kIdentity, "benchmark"),
    {"metric", kText, kIdentity},
    {"dataset", kText, kIdentity},
    {"split", kText, kIdentity},
    {"epochs", kInteger, kIdentity},
    {"statistic", kText, kIdentity},
    {"device", kText, kIdentity},
    {"unit", kText, kFact},
    {"direction", kText, kFact},
    {"source", kText, kFact},
    {"origin", kText, kOccasion},
    {"width", kInteger, kFact},
    {"missing", kInteger, kFact},
    {"failed", kInteger, kFact},
    {"encoding", kText, kOccasion},
    {"crc32", kInteger, kFact},
    {"data", kBlob, kOccasion},
};

constexpr TableColumn kBenchmarkColumnNetworkColumns[] = {
    reference("column_id", kIdentity, "benchmark_column"),
    reference("network_id", kFact, "network"),
};
constexpr std::string_view kBenchmarkColumnNetworkKey[] = {"column_id"};

constexpr TableColumn kPredictorColumns[] = {
    kId,
    {"name", kText, kIdentity},
    {"plugin", kText, kFact},
    {"options", kText, kOccasion},
    {"space", kText, kFact},
    {"target", kText, kOccasion},
    {"features", kText, kOccasion},
    {"samples", kInteger, kOccasion},
    {"seed", kInteger, kOccasion},
    {.name = "path", .type = kText, .part = kOccasion, .is_path = true},
    {"sha256", kText, kFact},
    {"report", kText, kOccasion},
    {"created_us", kInteger, kOccasion},
};

constexpr TableColumn kArtifactColumns[] = {
    kId,
    {"kind", kText, kIdentity},
    {"name", kText, kIdentity},
    reference("study_id", kOccasion, "study", kMayBeNull),
    reference("trial_id", kOccasion, "trial", kMayBeNull),
    reference("architecture_id", kOccasion, "architecture", kMayBeNull),
    {.name = "path", .type = kText, .part = kOccasion, .is_path = true},
    {"sha256", kText, kFact},
    {"bytes", kInteger, kFact},
    {"info", kText, kOccasion},
    {"version", kText, kOccasion},
    {"created_us", kInteger, kOccasion},
};

constexpr TableColumn kArtifactCurveColumns[] = {
    reference("artifact_id", kIdentity, "artifact"),
    {"position", kInteger, kIdentity},
    {"epoch", kInteger, kFact},
    {"name", kText, kFact},
    {.name = "value", .type = kReal, .part = kFact, .nullable = true},
    {"status", kText, kFact},
};
constexpr std::string_view kArtifactCurveKey[] = {"artifact_id", "position"};

constexpr TableColumn kEventColumns[] = {
    kId,
    {"at_us", kInteger, kIdentity},
    reference("study_id", kIdentity, "study", kMayBeNull),
    reference("trial_id", kIdentity, "trial", kMayBeNull),
    {"kind", kText, kIdentity},
    {"text", kText, kIdentity},
};

constexpr TableRecord kTables[] = {
    {"space", kSpaceColumns, kIdKey, RowRule::kShared},
    {"network", kNetworkColumns, kIdKey, RowRule::kShared},
    {"fidelity", kFidelityColumns, kIdKey, RowRule::kShared},
    {"device", kDeviceColumns, kIdKey, RowRule::kShared},
    {"environment", kEnvironmentColumns, kIdKey, RowRule::kShared},
    {"dataset", kDatasetColumns, kIdKey, RowRule::kShared},
    {"architecture", kArchitectureColumns, kIdKey, RowRule::kShared},
    {"study", kStudyColumns, kIdKey, RowRule::kShared},
    {"objective", kObjectiveColumns, kObjectiveKey, RowRule::kOwned, "study_id"},
    {"trial", kTrialColumns, kIdKey, RowRule::kShared, "study_id"},
    {"metric", kMetricColumns, kIdKey, RowRule::kOwned, "trial_id"},
    {"merit", kMeritColumns, kMeritKey, RowRule::kDerived, "trial_id"},
    {"curve", kCurveColumns, kCurveKey, RowRule::kOwned, "trial_id"},
    {"proposal", kProposalColumns, kProposalKey, RowRule::kOwned, "trial_id"},
    {"study_curve", kStudyCurveColumns, kStudyCurveKey, RowRule::kShared, "study_id"},
    {"model", kModelColumns, kIdKey, RowRule::kShared},
    {"benchmark", kBenchmarkColumns, kIdKey, RowRule::kShared},
    {"benchmark_text", kBenchmarkTextColumns, kBenchmarkTextKey, RowRule::kOwned, "benchmark_id"},
    {"benchmark_column", kBenchmarkColumnColumns, kIdKey, RowRule::kShared, "benchmark_id"},
    {"benchmark_column_network", kBenchmarkColumnNetworkColumns, kBenchmarkColumnNetworkKey,
     RowRule::kOwned, "column_id"},
    {"predictor", kPredictorColumns, kIdKey, RowRule::kShared},
    {"artifact", kArtifactColumns, kIdKey, RowRule::kShared},
    {"artifact_curve", kArtifactCurveColumns, kArtifactCurveKey, RowRule::kOwned, "artifact_id"},
    {"event", kEventColumns, kIdKey, RowRule::kShared, "study_id"},
};

constexpr std::string_view kPresentTables[] = {"study_lead", "queue", "worker", "allocation"};

}  // namespace

std::span<const TableRecord> store_tables() {
  return kTables;
}

std::span<const std::string_view> present_tables() {
  return kPresentTables;
}

const TableRecord& store_table(std::string_view name) {
  const auto* found = std::find_if(std::begin(kTables), std::end(kTables),
                                   [name](const TableRecord& table) { return table.name == name; });
  NAS_CHECK(found != std::end(kTables), "no table " + std::string(name));
  return *found;
}

std::size_t column_at(const TableRecord& table, std::string_view column) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == column) return i;
  }
  NAS_CHECK(false, "no column " + std::string(column) + " of " + std::string(table.name));
}

bool has_id(const TableRecord& table) {
  return table.columns.front().part == ColumnPart::kId;
}

}  // namespace nas
