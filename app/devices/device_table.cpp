#include "app/devices/device_table.h"

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "hwmodels/lookup_table.h"

namespace nas {
namespace {

constexpr std::string_view kLookupTable = "lookup_table";  // the kind of its artifact

std::optional<ArtifactRow> table_row(Session& session, const std::string& device) {
  if (!session.store_exists()) return std::nullopt;
  return session.reader().find_artifact(kLookupTable, device);
}

/// Another database in the folder may have a file of this name.
std::filesystem::path place_of(const std::filesystem::path& wanted, const std::string& sha256) {
  const bool ours = std::filesystem::exists(wanted) && sha256_file(wanted) == sha256;
  return ours ? wanted : free_path(wanted);
}

bool is_whole(const std::filesystem::path& path, const std::string& sha256) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && sha256_file(path) == sha256;
}

}  // namespace

std::optional<DeviceTable> device_table(Session& session, const std::string& device) {
  const auto row = table_row(session, device);
  if (!row) return std::nullopt;
  const std::filesystem::path path = session.file_path(row->path);
  if (is_whole(path, row->sha256)) return DeviceTable{path, row->sha256};
  std::error_code error;
  const bool there = std::filesystem::exists(path, error);
  throw Error(there ? ErrorKind::kData : ErrorKind::kIo,
              "look-up table of device '" + device + "': " + printable(path.string()) +
                  (there ? " was changed since it was imported (other SHA-256)" : " is missing") +
                  "; import it again (nasctl device import)");
}

bool has_device_table(Session& session, const std::string& device) {
  return table_row(session, device).has_value();
}

KeptTable keep_device_table(Session& session, const Device& device,
                            const std::filesystem::path& file, bool force) {
  const auto model = read_lookup_table(file, device.name);
  const Device& stated = find_device(*model, device.name, file.string());
  // A table that says no settings has those of the device.
  const bool says_none = stated.kind == "table" && stated.settings == "batch=1";
  if (!says_none && stated.settings != device.settings) {
    throw Error(ErrorKind::kUsage, file.string() + ": is of device '" + printable(device.name) +
                                       "' as (" + printable(stated.settings) +
                                       "), which is known as (" + device.settings +
                                       "); import it under another name");
  }
  const std::string text = read_file(file);
  std::filesystem::path kept = session.files_directory() / "devices" / (device.name + ".csv");
  const std::string sha256 = sha256_hex(text);
  KeptTable result{CsvTable::parse(text, file.string()).rows()};
  if (const auto before = table_row(session, device.name)) {
    kept = session.file_path(before->path);
    result.known = before->sha256 == sha256 && is_whole(kept, sha256);
    if (result.known) return result;
    if (before->sha256 != sha256 && !force) {
      throw Error(ErrorKind::kUsage, "device '" + device.name +
                                         "' has another look-up table; replace it with --force");
    }
    // A file that is not the row's is another database's.
    if (!is_whole(kept, before->sha256)) kept = place_of(kept, sha256);
  } else {
    kept = place_of(kept, sha256);
  }
  make_directory(kept.parent_path());
  write_file_atomically(kept, text);
  ArtifactRow row;
  row.kind = kLookupTable;
  row.name = device.name;
  row.path = (std::filesystem::path("devices") / kept.filename()).string();
  row.sha256 = sha256;
  row.bytes = static_cast<std::int64_t>(text.size());
  row.info = "{\"device\": " + json_quote(device.name) +
             ", \"settings\": " + json_quote(device.settings) +
             ", \"from\": " + json_quote(file.filename().string()) + "}";
  row.version = version_text();
  session.writer().put_artifact(row, {});
  return result;
}

}  // namespace nas
