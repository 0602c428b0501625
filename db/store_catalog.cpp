#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kAddDataset[] =
    "INSERT INTO dataset (name, spec, content, classes, samples, added_us) VALUES (?, ?, ?, ?, ?, "
    "?) "
    "ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, content = excluded.content, "
    "classes = excluded.classes, samples = excluded.samples, added_us = excluded.added_us";
constexpr char kDatasets[] =
    "SELECT name, spec, content, classes, samples FROM dataset ORDER BY name";
constexpr char kDevices[] =
    "SELECT name, kind, settings, "
    "(SELECT count(*) FROM metric WHERE metric.device_id = device.id) "
    "FROM device ORDER BY name, settings";

}  // namespace

void SqlStore::add_dataset(const DatasetRow& dataset) {
  require_writable("add a data set");
  connection_->write([&] {
    connection_->execute(kAddDataset, dataset.name, dataset.spec, dataset.content, dataset.classes,
                         dataset.samples, connection_->now_us());
  });
}

std::vector<DatasetRow> SqlStore::datasets() const {
  std::vector<DatasetRow> datasets;
  Rows rows = connection_->select(kDatasets);
  while (rows.next()) {
    datasets.push_back({.name = rows.string(0),
                        .spec = rows.string(1),
                        .content = rows.string(2),
                        .classes = rows.integer(3),
                        .samples = rows.integer(4)});
  }
  return datasets;
}

std::vector<DeviceRow> SqlStore::devices() const {
  std::vector<DeviceRow> devices;
  Rows rows = connection_->select(kDevices);
  while (rows.next()) {
    devices.push_back(
        {.device = {.name = rows.string(0), .kind = rows.string(1), .settings = rows.string(2)},
         .values = rows.integer(3)});
  }
  return devices;
}

}  // namespace nas
