#include "db/catalogue.h"

#include "core/api/device_settings.h"
#include "core/ir/same/digest.h"
#include "core/util/error.h"

namespace nas {

namespace {

constexpr char kFindSpace[] = "SELECT id FROM space WHERE name = ? AND version = ?";
constexpr char kNewestSpace[] = "SELECT id FROM space WHERE name = ? ORDER BY id DESC LIMIT 1";
constexpr char kAddSpace[] = "INSERT INTO space (name, version) VALUES (?, ?)";
constexpr char kStudySpace[] =
    "SELECT space.name, space.id FROM study JOIN space ON space.id = study.space_id WHERE study.id "
    "= ?";
constexpr char kAddArchitecture[] =
    "INSERT INTO architecture (space_id, digest, text, published_params, published_macs, "
    "created_us) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING";
constexpr char kFindArchitecture[] =
    "SELECT id FROM architecture WHERE digest = ? AND text = ? AND space_id = ?";
constexpr char kFindFidelity[] = "SELECT id FROM fidelity WHERE text = ?";
constexpr char kAddFidelity[] = "INSERT INTO fidelity (text) VALUES (?)";
constexpr char kFindNetwork[] = "SELECT id FROM network WHERE text = ?";
constexpr char kAddNetwork[] = "INSERT INTO network (text) VALUES (?)";
constexpr char kFindDevice[] = "SELECT id FROM device WHERE name = ? AND settings = ? AND kind = ?";
constexpr char kAddDevice[] =
    "INSERT INTO device (name, settings, kind, machine, runtime, batch, threads, precision) VALUES "
    "(?, ?, ?, ?, ?, ?, ?, ?)";

template <class... Values>
OptionalInt find_id(Connection& connection, std::string_view sql, const Values&... values) {
  Rows rows = connection.select(sql, values...);
  return rows.next() ? OptionalInt(rows.integer(0)) : OptionalInt();
}

}  // namespace

void Catalogue::forget_after_rollback() {
  if (rollbacks_ == connection_.rollbacks()) return;
  rollbacks_ = connection_.rollbacks();
  study_spaces_.clear();
  fidelities_.clear();
  devices_.clear();
}

std::int64_t Catalogue::space(const std::string& name, const std::string& version) {
  if (const OptionalInt id = find_id(connection_, kFindSpace, name, version)) return *id;
  return connection_.insert(kAddSpace, name, version);
}

std::int64_t Catalogue::space_in_study(std::int64_t study_id, const std::string& name) {
  forget_after_rollback();
  const auto key = std::pair(study_id, name);
  const auto known = study_spaces_.find(key);
  if (known != study_spaces_.end()) return known->second;
  OptionalInt id;
  {
    Rows rows = connection_.select(kStudySpace, study_id);
    if (!rows.next()) {
      throw Error(ErrorKind::kUsage, "database '" + connection_.path_text() +
                                         "': there is no study with id " +
                                         std::to_string(study_id));
    }
    if (rows.text(0) == name) id = rows.integer(1);
  }
  if (!id) id = find_id(connection_, kNewestSpace, name);
  return study_spaces_[key] = id ? *id : space(name, "");
}

std::int64_t Catalogue::architecture(const TrialClaim& claim, std::int64_t space_id) {
  const std::string digest = to_hex(claim.digest);
  const OptionalInt added =
      connection_.insert_new(kAddArchitecture, space_id, digest, claim.text, claim.published_params,
                             claim.published_macs, connection_.now_us());
  if (added) return *added;
  const OptionalInt id = find_id(connection_, kFindArchitecture, digest, claim.text, space_id);
  NAS_CHECK(id.has_value(), "an architecture neither added nor found: " + claim.text);
  return *id;
}

OptionalInt Catalogue::fidelity(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (const OptionalInt id = find_fidelity(text)) return id;
  return fidelities_[text] = connection_.insert(kAddFidelity, text);
}

OptionalInt Catalogue::find_fidelity(std::string_view text) {
  forget_after_rollback();
  const std::string key(text);
  const auto known = fidelities_.find(key);
  if (known != fidelities_.end()) return known->second;
  const OptionalInt id = find_id(connection_, kFindFidelity, key);
  if (id) fidelities_[key] = *id;
  return id;
}

OptionalInt Catalogue::network(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (const OptionalInt id = find_network(text)) return id;
  return connection_.insert(kAddNetwork, text);
}

OptionalInt Catalogue::find_network(std::string_view text) {
  return find_id(connection_, kFindNetwork, text);
}

OptionalInt Catalogue::device(const std::optional<Device>& device) {
  if (!device) return std::nullopt;
  if (const OptionalInt id = find_device(*device)) return id;
  const DeviceSettings known = known_settings(device->settings);
  const std::int64_t id =
      connection_.insert(kAddDevice, device->name, device->settings, device->kind, known.machine,
                         known.runtime, known.batch, known.threads, known.precision);
  return devices_[{device->name, device->settings, device->kind}] = id;
}

OptionalInt Catalogue::find_device(const Device& device) {
  forget_after_rollback();
  const auto key = std::tuple(device.name, device.settings, device.kind);
  const auto known = devices_.find(key);
  if (known != devices_.end()) return known->second;
  const OptionalInt id =
      find_id(connection_, kFindDevice, device.name, device.settings, device.kind);
  if (id) devices_[key] = *id;
  return id;
}

}  // namespace nas
