#include "core/util/text.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kAdded[] =
    "SELECT kind, settings FROM device WHERE name = ? AND added_us IS NOT NULL";
constexpr char kSetAdded[] = "UPDATE device SET added_us = ? WHERE id = ?";
constexpr char kRecords[] =
    "SELECT name, kind, settings, added_us IS NOT NULL, "
    "(SELECT count(*) FROM metric WHERE metric.device_id = device.id) "
    "FROM device ORDER BY name, settings";
constexpr char kValues[] =
    "SELECT space.name, architecture.text, architecture.digest, network.text, metric.name, value, "
    "source, fidelity.text FROM metric JOIN architecture ON architecture.id = architecture_id "
    "JOIN space ON space.id = space_id LEFT JOIN network ON network.id = metric.network_id "
    "LEFT JOIN fidelity ON fidelity.id = fidelity_id "
    "WHERE device_id = ? AND status = 'finite' ORDER BY metric.id";

/// "cpu, batch=1,threads=1"; "nothing said" for a device of which only the name is known.
std::string described(std::string_view kind, std::string_view settings) {
  const std::string text = std::string(kind) + (kind.empty() || settings.empty() ? "" : ", ");
  const std::string all = text + std::string(settings);
  return all.empty() ? "nothing but the name" : all;
}

}  // namespace

void SqlStore::add_device(const Device& device) {
  require_writable("add a device");
  connection_->write([&] {
    {
      Rows rows = connection_->select(kAdded, device.name);
      if (rows.next()) {
        if (rows.text(0) == device.kind && rows.text(1) == device.settings) return;
        throw Error(ErrorKind::kUsage,
                    "device '" + printable(device.name) + "' is known as (" +
                        described(rows.text(0), rows.text(1)) + ") and cannot also be (" +
                        described(device.kind, device.settings) + "); choose another name");
      }
    }
    const OptionalInt id = catalogue_->device(device);
    connection_->execute(kSetAdded, connection_->now_us(), id);
  });
}

std::vector<DeviceRecord> SqlStore::device_records() const {
  std::vector<DeviceRecord> records;
  Rows rows = connection_->select(kRecords);
  while (rows.next()) {
    records.push_back(
        {.device = {.name = rows.string(0), .kind = rows.string(1), .settings = rows.string(2)},
         .added = rows.integer(3) != 0,
         .values = rows.integer(4)});
  }
  return records;
}

std::vector<DeviceValue> SqlStore::device_values(const Device& device) const {
  std::vector<DeviceValue> values;
  const OptionalInt id = catalogue_->find_device(device);
  if (!id) return values;
  Rows rows = connection_->select(kValues, id);
  while (rows.next()) {
    values.push_back({.space = rows.string(0),
                      .architecture = rows.string(1),
                      .digest = parse_digest(rows.text(2)),
                      .network = rows.string(3),
                      .metric = rows.string(4),
                      .value = rows.real(5),
                      .source = metric_source_of(rows.text(6)),
                      .fidelity = rows.string(7)});
  }
  return values;
}

}  // namespace nas
