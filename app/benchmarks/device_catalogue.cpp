#include "app/benchmarks/device_catalogue.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/api/device_store.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "db/importers/mapping.h"
#include "db/importers/registry.h"

namespace nas {
namespace {

CatalogueDevice& entry_of(std::vector<CatalogueDevice>& devices, const std::string& name) {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&name](const auto& one) { return one.device.name == name; });
  if (found != devices.end()) return *found;
  return devices.emplace_back(CatalogueDevice{{name, "", ""}, false, 0, {}});
}

void summarise(std::vector<double> values, DeviceColumn& column) {
  column.measured = static_cast<std::int64_t>(values.size());
  if (values.empty()) return;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  column.least = *least;
  column.most = *most;
  column.median = median(std::move(values));
}

/// What the store holds of a device, by metric and evidence.
void add_stored(Session& session, const Device& device, std::vector<DeviceColumn>& columns) {
  std::map<std::pair<std::string, std::string>, std::vector<double>> values;
  for (const DeviceValue& value : device_store(session.reader()).device_values(device)) {
    values[{value.space, value.metric + ", " + to_string(value.source)}].push_back(value.value);
  }
  for (auto& [key, numbers] : values) {
    DeviceColumn& column = columns.emplace_back();
    column.space = key.first;
    column.column = key.second;
    summarise(std::move(numbers), column);
  }
}

}  // namespace

std::vector<CatalogueDevice> device_catalogue(Session& session) {
  std::vector<CatalogueDevice> devices{{host_device(1, 1), false, 0, {}}};
  if (!session.store_exists()) return devices;
  for (const DeviceRecord& row : device_store(session.reader()).device_records()) {
    const auto same = std::find_if(devices.begin(), devices.end(), [&row](const auto& one) {
      return one.device.name == row.device.name && one.device.settings == row.device.settings;
    });
    if (same != devices.end()) {
      same->values += row.values;
    } else {
      devices.push_back({row.device, row.added, row.values, {}});
    }
  }
  for (const BenchmarkRow& row : session.reader().benchmarks()) {
    for (const BenchmarkColumn& column : row.columns) {
      if (column.device.empty()) continue;
      entry_of(devices, column.device).columns.push_back(row.info.name + " " + column_text(column));
    }
  }
  std::stable_sort(devices.begin() + 1, devices.end(),
                   [](const auto& a, const auto& b) { return a.device.name < b.device.name; });
  return devices;
}

std::vector<PublishedDevices> published_devices() {
  std::vector<PublishedDevices> all;
  for (const BuiltinMapping& mapping : builtin_mappings()) {
    const Mapping table = parse_mapping(mapping.text, mapping.name);
    PublishedDevices one{
        std::string(mapping.name), table.space, table.files.empty() ? "" : table.files.front(), {}};
    for (const ColumnRule& rule : table.columns) {
      const std::string& device = rule.column.device;
      const bool known = std::ranges::find(one.devices, device) != one.devices.end();
      const bool named = !device.empty() && !device.starts_with("unnamed");
      if (named && !known) one.devices.push_back(device);
    }
    if (!one.devices.empty() && !one.space.empty()) all.push_back(std::move(one));
  }
  return all;
}

std::string how_to_import(std::string_view device, std::string_view space) {
  std::string text;
  for (const PublishedDevices& one : published_devices()) {
    if (!space.empty() && one.space != space) continue;
    if (std::ranges::find(one.devices, device) == one.devices.end()) continue;
    text += (text.empty() ? "; published for " : ", for ") + one.space + ": nasctl bench import " +
            one.file + " --mapping " + one.mapping;
  }
  return text;
}

std::vector<DeviceColumn> device_columns(Session& session, const std::string& device) {
  std::vector<std::string> names;
  std::vector<DeviceColumn> result;
  bool known = false;
  for (const CatalogueDevice& one : device_catalogue(session)) {
    names.push_back(one.device.name);
    known = known || one.device.name == device;
  }
  if (!known) {
    throw Error(ErrorKind::kUsage,
                unknown_name("device", printable(device), names) + how_to_import(device));
  }
  if (!session.store_exists()) return result;
  for (const CatalogueDevice& one : device_catalogue(session)) {
    if (one.device.name == device && one.values > 0) add_stored(session, one.device, result);
  }
  for (const BenchmarkRow& row : session.reader().benchmarks()) {
    const auto has = [&device](const BenchmarkColumn& column) {
      return column.device == device && column.width == 1;
    };
    if (std::none_of(row.columns.begin(), row.columns.end(), has)) continue;
    const std::shared_ptr<const Benchmark> table = session.benchmark(row.info.name);
    for (std::size_t i = 0; i < table->columns().size(); ++i) {
      if (!has(table->columns()[i])) continue;
      DeviceColumn& column = result.emplace_back();
      column.benchmark = row.info.name;
      column.column = column_text(table->columns()[i]);
      column.unit = table->columns()[i].unit;
      column.failed = static_cast<std::int64_t>(count_special(table->values(i)).failed);
      std::vector<double> finite;
      for (const double value : table->values(i)) {
        if (std::isfinite(value)) finite.push_back(value);
      }
      summarise(std::move(finite), column);
    }
  }
  return result;
}

}  // namespace nas
