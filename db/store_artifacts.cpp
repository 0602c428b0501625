#include <string>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kPut[] =
    "INSERT INTO artifact (kind, name, study_id, trial_id, architecture_id, path, sha256, bytes, "
    "info, version, created_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, name) "
    "DO UPDATE SET study_id = excluded.study_id, trial_id = excluded.trial_id, architecture_id = "
    "excluded.architecture_id, path = excluded.path, sha256 = excluded.sha256, bytes = "
    "excluded.bytes, info = excluded.info, version = excluded.version, created_us = "
    "excluded.created_us";
const std::string kArtifacts =
    "SELECT id, kind, name, study_id, trial_id, architecture_id, path, sha256, bytes, info, "
    "version, created_us FROM artifact WHERE kind = ?";
const std::string kArtifactsByName = kArtifacts + " ORDER BY name";
const std::string kArtifact = kArtifacts + " AND name = ?";
constexpr char kForgetCurve[] = "DELETE FROM artifact_curve WHERE artifact_id = ?";
constexpr char kAddPoint[] =
    "INSERT INTO artifact_curve (artifact_id, position, epoch, name, value, status) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr char kCurve[] =
    "SELECT epoch, name, value, status FROM artifact_curve WHERE artifact_id = ? ORDER BY position";
constexpr char kRemove[] = "DELETE FROM artifact WHERE kind = ? AND name = ?";

ArtifactRow read_artifact(const Rows& rows) {
  return {.id = rows.integer(0),
          .kind = rows.string(1),
          .name = rows.string(2),
          .study_id = rows.optional_integer(3),
          .trial_id = rows.optional_integer(4),
          .architecture_id = rows.optional_integer(5),
          .path = rows.string(6),
          .sha256 = rows.string(7),
          .bytes = rows.integer(8),
          .info = rows.string(9),
          .version = rows.string(10),
          .created_us = rows.integer(11)};
}

}  // namespace

ArtifactRow SqlStore::put_artifact(const ArtifactRow& artifact, std::span<const CurvePoint> curve) {
  require_writable("store an artifact");
  return connection_->write([&] {
    const ArtifactRow& a = artifact;
    connection_->execute(kPut, a.kind, a.name, a.study_id, a.trial_id, a.architecture_id, a.path,
                         a.sha256, a.bytes, a.info, a.version, connection_->now_us());
    const ArtifactRow stored = find_artifact(a.kind, a.name).value();
    connection_->execute(kForgetCurve, stored.id);
    std::int64_t position = 0;
    for (const CurvePoint& point : curve) {
      connection_->execute(kAddPoint, stored.id, position++, point.epoch, point.name,
                           stored_value(point.value), value_status(point.value));
    }
    return stored;
  });
}

std::optional<ArtifactRow> SqlStore::find_artifact(std::string_view kind,
                                                   std::string_view name) const {
  Rows rows = connection_->select(kArtifact, kind, name);
  if (!rows.next()) return std::nullopt;
  return read_artifact(rows);
}

std::vector<ArtifactRow> SqlStore::artifacts(std::string_view kind) const {
  std::vector<ArtifactRow> artifacts;
  Rows rows = connection_->select(kArtifactsByName, kind);
  while (rows.next()) artifacts.push_back(read_artifact(rows));
  return artifacts;
}

std::vector<CurvePoint> SqlStore::artifact_curve(std::int64_t artifact_id) const {
  std::vector<CurvePoint> curve;
  Rows rows = connection_->select(kCurve, artifact_id);
  while (rows.next()) {
    curve.push_back({rows.integer(0), rows.string(1), value_of(rows.text(3), rows.real(2))});
  }
  return curve;
}

bool SqlStore::remove_artifact(std::string_view kind, std::string_view name) {
  require_writable("remove an artifact");
  return connection_->write([&] {
    const bool removed = connection_->execute(kRemove, kind, name) > 0;
    return removed;
  });
}

}  // namespace nas
