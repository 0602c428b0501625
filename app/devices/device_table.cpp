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

}  // namespace

std::optional<DeviceTable> device_table(Session& session, const std::string& device) {
  if (!session.store_exists()) return std::nullopt;
  const auto row = session.reader().find_artifact(kLookupTable, device);
  if (!row) return std::nullopt;
  return DeviceTable{session.store_path().parent_path() / row->path, row->sha256};
}

std::size_t keep_device_table(Session& session, const Device& device,
                              const std::filesystem::path& file) {
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
  const std::filesystem::path relative = std::filesystem::path("devices") / (device.name + ".csv");
  const std::filesystem::path kept = session.store_path().parent_path() / relative;
  make_directory(kept.parent_path());
  write_file_atomically(kept, text);
  ArtifactRow row;
  row.kind = kLookupTable;
  row.name = device.name;
  row.path = relative.string();
  row.sha256 = sha256_hex(text);
  row.bytes = static_cast<std::int64_t>(text.size());
  row.info = "{\"device\": " + json_quote(device.name) +
             ", \"settings\": " + json_quote(device.settings) +
             ", \"from\": " + json_quote(file.filename().string()) + "}";
  row.version = version_text();
  session.writer().put_artifact(row, {});
  return CsvTable::parse(text, file.string()).rows();
}

}  // namespace nas
