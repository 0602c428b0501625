#include "app/host_models/device_models.h"

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::filesystem::path folder_of(Session& session) {
  return session.files_directory() / "devices";
}

/// Of the model of this name before it is replaced, else a name that no file has: another database
/// in the folder may have a model of this name.
std::filesystem::path path_for(Session& session, const std::string& name) {
  if (session.store_exists()) {
    if (const auto row = session.reader().find_artifact(kDeviceModel, name)) {
      const std::filesystem::path path = session.file_path(row->path);
      if (holds_file(path) && sha256_file(path) == row->sha256) return path;
    }
  }
  return free_path(folder_of(session) / (name + ".json"));
}

}  // namespace

std::string StoredDeviceModel::identity() const {
  return model->state().kind + "=" + row.name + "; " + sha256_mark(row.sha256);
}

bool has_device_model(Session& session, const std::string& name) {
  return session.store_exists() && session.reader().find_artifact(kDeviceModel, name).has_value();
}

StoredDeviceModel load_device_model(Session& session, const std::string& name) {
  std::optional<ArtifactRow> row = session.reader().find_artifact(kDeviceModel, name);
  if (!row) {
    std::vector<std::string> names;
    for (const ArtifactRow& known : device_models(session)) names.push_back(known.name);
    throw Error(ErrorKind::kUsage, unknown_name("model of a device", printable(name), names) +
                                       (names.empty() ? "; nasctl device fit makes one" : ""));
  }
  const std::filesystem::path path = session.file_path(row->path);
  const std::string where = "model '" + name + "': " + path.string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw Error(ErrorKind::kIo, where + " is missing; restore it, or fit it again");
  }
  const std::string json = read_file(path);
  if (sha256_hex(json) != row->sha256) {
    throw Error(ErrorKind::kData, where +
                                      ": is not the file that the database knows (other "
                                      "SHA-256); restore it, or fit it again");
  }
  return {*std::move(row), std::make_unique<DeviceModel>(parse_device_model(json, where))};
}

std::vector<ArtifactRow> device_models(Session& session) {
  if (!session.store_exists()) return {};
  return session.reader().artifacts(kDeviceModel);
}

StoredDeviceModel keep_device_model(Session& session, const std::string& name,
                                    DeviceModelState state, const std::string& info) {
  const std::string json = to_json(state);
  const std::filesystem::path path = path_for(session, name);
  make_directory(path.parent_path());
  write_file_atomically(path, json);
  ArtifactRow row;
  row.kind = kDeviceModel;
  row.name = name;
  row.path = "devices/" + path.filename().string();
  row.sha256 = sha256_hex(json);
  row.bytes = static_cast<std::int64_t>(json.size());
  row.info = info;
  row.version = version_text();
  return {session.writer().put_artifact(row, {}), std::make_unique<DeviceModel>(std::move(state))};
}

std::filesystem::path measurement_path(Session& session, const std::string& name) {
  return folder_of(session) / (name + ".measurements.jsonl");
}

}  // namespace nas
