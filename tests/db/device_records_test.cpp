#include <doctest/doctest.h>

#include "core/api/device_settings.h"
#include "core/api/device_store.h"
#include "core/util/file.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

const Device kLab{
    "host", "cpu",
    "batch=1,threads=2,precision=float32,runtime=libtorch 1.13.1,machine=lab-3 (a, b)"};

struct DeviceFixture {
  TemporaryDirectory directory;
  std::unique_ptr<Store> store = open_sqlite_store(directory.path() / "r.db", OpenMode::kCreate);
  DeviceStore& devices() { return device_store(*store); }
};

}  // namespace

TEST_CASE("settings of a device read back as they were written, commas of the machine included") {
  const DeviceSettings settings = parse_device_settings(kLab.settings);
  CHECK(settings.batch == 1);
  CHECK(settings.threads == 2);
  CHECK(settings.precision == "float32");
  CHECK(settings.runtime == "libtorch 1.13.1");
  CHECK(settings.machine == "lab-3 (a, b)");
  CHECK(to_text(settings) == kLab.settings);
  CHECK(parse_device_settings("") == DeviceSettings{});
  CHECK(to_text(parse_device_settings("threads=3,batch=2")) == "batch=2,threads=3");
  for (const char* bad : {"batch=0", "batch=many", "threads=4097", "cores=2", "batch"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_device_settings(bad), Error);
  }
}

TEST_CASE("what can be read of any settings is in the columns, as migration 8 reads it") {
  DeviceFixture fixture;
  struct Row {
    const char *settings, *batch, *threads, *precision;
  };
  const std::vector<Row> rows = {
      {"batch=8192,threads=2,precision=int8", "8192", "2", "int8"},
      {"cores=4,batch=2,odd,precision=fp16", "2", "", "fp16"},
      {"batch=16x,threads=many", "16", "", ""},
      {"batch=0,threads=99999999999999999999", "", "9223372036854775807", ""},
      {"whatever it was", "", "", ""}};
  for (const Row& row : rows) fixture.devices().add_device({row.settings, "gpu", row.settings});
  for (const char* column : {"batch", "threads", "precision"}) {
    for (const Row& row : rows) {
      CAPTURE(row.settings);
      const std::string is = "device WHERE settings = '" + std::string(row.settings) + "'";
      const auto read =
          fixture.store->query("SELECT ifnull(" + std::string(column) + ", '') FROM " + is, 1);
      const std::string expected = column == std::string("batch")     ? row.batch
                                   : column == std::string("threads") ? row.threads
                                                                      : row.precision;
      CHECK(read.rows.at(0).at(0) == expected);
    }
  }
  // The expressions of db/migrations/0008_devices.sql.
  const auto migrated = fixture.store->query(
      "SELECT count(*) FROM device WHERE batch IS NOT CASE WHEN ',' || settings GLOB "
      "'*,batch=[1-9]*' THEN CAST(substr(settings, instr(',' || settings, ',batch=') + 6) AS "
      "INTEGER) END OR threads IS NOT CASE WHEN ',' || settings GLOB '*,threads=[1-9]*' THEN "
      "CAST(substr(settings, instr(',' || settings, ',threads=') + 8) AS INTEGER) END",
      1);
  CHECK(migrated.rows.at(0).at(0) == "0");
}

TEST_CASE("a name stands for one device: other settings are an error that names both") {
  DeviceFixture fixture;
  const Device phone{"phone", "cpu", "batch=1,threads=4"};
  fixture.devices().add_device(phone);
  fixture.devices().add_device(phone);
  const Device other{"phone", "cpu", "batch=8,threads=4"};
  const std::string error = error_of([&] { fixture.devices().add_device(other); });
  CHECK(error.find("(cpu, batch=1,threads=4)") != std::string::npos);
  CHECK(error.find("(cpu, batch=8,threads=4)") != std::string::npos);
  CHECK(error_of([&] {
          fixture.devices().add_device({"phone", "gpu", phone.settings});
        }).find("(gpu, batch=1,threads=4)") != std::string::npos);
  REQUIRE(fixture.devices().device_records().size() == 1);
  CHECK(fixture.devices().device_records()[0].added);
  check_sound(*fixture.store);
}

TEST_CASE("the host of two machines is two devices, and columns say what the settings say") {
  DeviceFixture fixture;
  const StudyRow study = fixture.store->create_study(sample_study("s"));
  TrialFinish finish = sample_finish(fixture.store->claim(sample_claim(study.id, 0)).value(), 90);
  for (const char* machine : {"lab-3", "lab-4"}) {
    MetricValue latency = sample_metric("latency_ms", 1.5);
    latency.device->settings += std::string(",machine=") + machine;
    finish.metrics.push_back(latency);
  }
  fixture.store->finish(finish);
  const auto records = fixture.devices().device_records();
  REQUIRE(records.size() == 2);
  CHECK_FALSE(records[0].added);
  CHECK(records[0].values == 1);
  const QueryResult rows = fixture.store->query(
      "SELECT device, machine, batch, threads, precision FROM latency ORDER BY machine", 10);
  REQUIRE(rows.rows.size() == 2);
  CHECK(rows.rows[1] ==
        std::vector<std::optional<std::string>>{"host", "lab-4", "1", "1", "float32"});
  const auto values = fixture.devices().device_values(records[1].device);
  REQUIRE(values.size() == 1);
  CHECK(values[0].metric == "latency_ms");
  CHECK(values[0].value == 1.5);
  CHECK(values[0].space == "nasbench201");
  CHECK(values[0].source == MetricSource::kMeasured);
}

TEST_CASE(
    "a device that values refer to can be given its name later, and settings of any text stay") {
  DeviceFixture fixture;
  const StudyRow study = fixture.store->create_study(sample_study("s"));
  TrialFinish finish = sample_finish(fixture.store->claim(sample_claim(study.id, 0)).value(), 90);
  MetricValue latency = sample_metric("latency_ms", 2);
  latency.device = Device{"board", "mcu", "whatever it was"};
  finish.metrics.push_back(latency);
  fixture.store->finish(finish);
  fixture.devices().add_device(*latency.device);
  REQUIRE(fixture.devices().device_records().size() == 1);
  CHECK(fixture.devices().device_records()[0].added);
  CHECK(fixture.devices().device_records()[0].values == 1);
  const std::string error = error_of([&] { fixture.devices().add_device({"board", "mcu", ""}); });
  CHECK(error.find("(mcu, whatever it was)") != std::string::npos);
  check_sound(*fixture.store);
}

}  // namespace nas::test
