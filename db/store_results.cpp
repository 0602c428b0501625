#include <limits>
#include <set>

#include "core/ir/same/digest.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

// The leaderboard walks the index metric_ranking from value to value: ordering by value and number
// at once would sort all equal values, and a metric such as the number of parameters has thousands
// of them.
constexpr char kNextLower[] =
    "SELECT value FROM metric WHERE ranked = 1 AND study_id = ? AND name = ? AND value < ? ORDER "
    "BY value DESC LIMIT 1";
constexpr char kNextHigher[] =
    "SELECT value FROM metric WHERE ranked = 1 AND study_id = ? AND name = ? AND value > ? ORDER "
    "BY value LIMIT 1";
constexpr char kAtValue[] =
    "SELECT trial_number, architecture.text, published_params, published_macs, network.text, "
    "(SELECT size.value FROM metric AS size WHERE size.architecture_id = metric.architecture_id "
    "AND "
    "size.trial_id = metric.trial_id AND size.name = 'params' LIMIT 1), "
    "(SELECT size.value FROM metric AS size WHERE size.architecture_id = metric.architecture_id "
    "AND "
    "size.trial_id = metric.trial_id AND size.name = 'macs' LIMIT 1) FROM metric "
    "JOIN architecture ON architecture.id = metric.architecture_id "
    "JOIN trial ON trial.id = metric.trial_id LEFT JOIN network ON network.id = trial.network_id "
    "WHERE ranked = 1 AND metric.study_id = ?1 AND metric.name = ?2 AND metric.value = ?3 "
    "AND (?4 = '' OR EXISTS (SELECT 1 FROM device WHERE device.id = device_id AND device.name = "
    "?4)) "
    "ORDER BY trial_number";
// The best evidence first, then the oldest.
constexpr char kByDigest[] =
    "SELECT value, status, source, low, high FROM architecture JOIN metric ON "
    "metric.architecture_id = "
    "architecture.id "
    "WHERE digest = ? AND metric.name = ? AND source <> 'tabular' AND fidelity_id IS NOT DISTINCT "
    "FROM ? AND device_id IS NOT DISTINCT FROM ? AND network_id IS NOT DISTINCT FROM ? "
    "ORDER BY CASE source WHEN 'computed' THEN 0 WHEN 'measured' THEN 1 WHEN 'predicted' THEN 2 "
    "ELSE 3 END, metric.id "
    "LIMIT 1";
constexpr char kAddFreeMetric[] =
    "INSERT INTO metric (architecture_id, name, value, status, source, fidelity_id, device_id, "
    "network_id, ranked, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)";
constexpr char kAddModel[] =
    "INSERT INTO model (architecture_id, trial_id, path, sha256, fidelity_id, network_id, "
    "metric, value, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kForgetModel[] = "DELETE FROM model WHERE path = ?";
constexpr char kModels[] =
    "SELECT model.id, architecture_id, trial_id, path, sha256, fidelity.text, value, "
    "network.text, metric FROM model LEFT JOIN fidelity ON fidelity.id = fidelity_id "
    "LEFT JOIN network ON network.id = network_id WHERE architecture_id = ? ORDER BY model.id";

/// A size that a trial recorded; nullopt where it did not.
std::optional<std::int64_t> recorded_size(const Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return static_cast<std::int64_t>(rows.real(column));
}

}  // namespace

std::vector<LeaderRow> SqlStore::leaderboard(std::int64_t study_id, const Objective& objective,
                                             std::int64_t limit) const {
  return connection_->read([&] {
    const auto [metric, device] = parse_metric_selector(objective.metric);
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double value = objective.maximize ? kInfinity : -kInfinity;
    std::vector<LeaderRow> leaders;
    std::set<std::int64_t>
        seen;  // a trial may have the metric at two fidelities; its better one counts
    while (static_cast<std::int64_t>(leaders.size()) < limit) {
      {
        Rows next = connection_->select(objective.maximize ? kNextLower : kNextHigher, study_id,
                                        metric, value);
        if (!next.next()) break;
        value = next.real(0);
      }
      Rows rows = connection_->select(kAtValue, study_id, metric, value, device);
      while (static_cast<std::int64_t>(leaders.size()) < limit && rows.next()) {
        if (!seen.insert(rows.integer(0)).second) continue;
        leaders.push_back({.study_id = study_id,
                           .trial_number = rows.integer(0),
                           .text = rows.string(1),
                           .value = value,
                           .network = rows.string(4),
                           .params = recorded_size(rows, 5),
                           .macs = recorded_size(rows, 6),
                           .published_params = rows.integer(2),
                           .published_macs = rows.integer(3)});
      }
    }
    return leaders;
  });
}

std::optional<MetricValue> SqlStore::find_metric(const Digest& digest, std::string_view network,
                                                 std::string_view metric, std::string_view fidelity,
                                                 const std::optional<Device>& device) const {
  const OptionalInt fidelity_id =
      fidelity.empty() ? OptionalInt() : catalogue_->find_fidelity(fidelity);
  if (!fidelity.empty() && !fidelity_id) return std::nullopt;
  const OptionalInt device_id = device ? catalogue_->find_device(*device) : OptionalInt();
  if (device && !device_id) return std::nullopt;
  const OptionalInt network_id = catalogue_->find_network(network);
  if (!network.empty() && !network_id) return std::nullopt;
  const std::string digest_text = to_hex(digest);
  Rows rows =
      connection_->select(kByDigest, digest_text, metric, fidelity_id, device_id, network_id);
  if (!rows.next()) return std::nullopt;
  return MetricValue{.name = std::string(metric),
                     .value = value_of(rows.text(1), rows.real(0)),
                     .source = metric_source_of(rows.text(2)),
                     .fidelity = std::string(fidelity),
                     .device = device,
                     .network = std::string(network),
                     .interval = interval_in(rows, 3)};
}

std::int64_t SqlStore::add_metrics(const ArchitectureKey& architecture,
                                   std::span<const MetricValue> metrics) {
  require_writable("add metrics");
  return connection_->write([&] {
    TrialClaim row;
    row.text = architecture.text;
    row.digest = architecture.digest;
    row.published_params = architecture.published_params;
    row.published_macs = architecture.published_macs;
    const std::int64_t id = catalogue_->architecture(
        row, catalogue_->space(architecture.space, architecture.space_version));
    for (const MetricValue& metric : metrics) {
      connection_->execute(kAddFreeMetric, id, metric.name, stored_value(metric.value),
                           value_status(metric.value), metric_source_code(metric.source),
                           catalogue_->fidelity(metric.fidelity), catalogue_->device(metric.device),
                           catalogue_->network(metric.network), low_of(metric), high_of(metric));
    }
    return id;
  });
}

ModelRow SqlStore::add_model(const ModelRow& model) {
  require_writable("add a model");
  return connection_->write([&] {
    const OptionalInt fidelity_id = catalogue_->fidelity(model.fidelity);
    connection_->execute(kForgetModel, model.path);
    ModelRow added = model;
    added.id = connection_->insert(kAddModel, model.architecture_id, model.trial_id, model.path,
                                   model.sha256, fidelity_id, catalogue_->network(model.network),
                                   model.metric, model.value, connection_->now_us());
    return added;
  });
}

std::vector<ModelRow> SqlStore::models(std::int64_t architecture_id) const {
  std::vector<ModelRow> models;
  Rows rows = connection_->select(kModels, architecture_id);
  while (rows.next()) {
    models.push_back({.id = rows.integer(0),
                      .architecture_id = rows.integer(1),
                      .trial_id = rows.optional_integer(2),
                      .path = rows.string(3),
                      .sha256 = rows.string(4),
                      .fidelity = rows.string(5),
                      .network = rows.string(7),
                      .metric = rows.string(8),
                      .value = rows.real(6)});
  }
  return models;
}

}  // namespace nas
