#include "app/host_models/measurement_log.h"

#include <doctest/doctest.h>

#include <fstream>

#include "core/util/error.h"
#include "core/util/file.h"

using namespace nas;

TEST_CASE("device measurements: a log resumes after a torn line, for equal settings") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "devices" / "log.jsonl";
  const LoggedNetwork network{
      3, "nasbench201", "cell", 1.5, {{"relu 16x8x8", 0.25}, {"relu 16x8x8", 0.35}}};
  {
    MeasurementLog log(path, "a");
    log.add(TimedPair{"conv2d", "relu", 1, 0.5, 1.4});
    LoggedNetwork slower = network;
    slower.milliseconds = 2;
    slower.kernels[0].second = 0.2;
    log.add(slower);
    log.add(network);
    log.add(LoggedStrip{0, {{"relu 8x8x8", 0.1}}});
    log.add(LoggedStrip{1, {{"relu 4x8x8", 0.1}}});
  }
  std::ofstream(path, std::ios::app) << R"({"round": 2, "ker)";
  {
    MeasurementLog log(path, "a");
    CHECK(log.pairs().size() == 1);
    CHECK(log.strips().size() == 2);
    log.add(LoggedStrip{2, {{"relu 2x8x8", 0.1}}});
  }
  const MeasurementLog log(path, "a");
  CHECK(log.strips().size() == 3);
  const DeviceMeasurements data = log.measurements(1);
  REQUIRE(data.networks.size() == 1);
  CHECK(data.networks[0].milliseconds == 1.5);
  CHECK(data.networks[0].kernels == std::vector<std::uint32_t>{0, 0});
  CHECK(data.kernels.size() == 2);
  CHECK(data.times.size() == 3);
  CHECK(data.times[0].milliseconds == 0.2);
  CHECK(data.times[1].milliseconds == 0.35);
  CHECK(log.measurements(3).kernels.size() == 4);
  CHECK_THROWS_WITH_AS(MeasurementLog(path, "b"), doctest::Contains("other settings"), Error);
}

TEST_CASE("device measurements: a log that was killed within its first line begins anew") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "log.jsonl";
  for (const char* torn : {"", R"({"schema":"searchlight.dev)"}) {
    write_file_atomically(path, torn);
    CHECK(MeasurementLog(path).settings().empty());
    CHECK(read_file(path) == torn);
    MeasurementLog(path, "a").add(TimedPair{"conv2d", "relu", 1, 0.5, 1.4});
    CHECK(MeasurementLog(path).settings() == "a");
    CHECK(MeasurementLog(path, "a").pairs().size() == 1);
    CHECK_THROWS_WITH_AS(MeasurementLog(path, "b"), doctest::Contains("other settings"), Error);
  }
}

TEST_CASE("device measurements: a log without a heading is refused, and a reader changes nothing") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "log.jsonl";
  for (const char* text : {"{\"round\":0,\"kernels\":[]}\n", "\n", "[]\n", "half a li\n"}) {
    write_file_atomically(path, text);
    CHECK_THROWS_WITH_AS(MeasurementLog(path, "a"), doctest::Contains("first line"), Error);
    CHECK_THROWS_WITH_AS(MeasurementLog{path}, doctest::Contains("first line"), Error);
  }
  std::filesystem::remove(path);
  MeasurementLog(path, "a").add(LoggedStrip{0, {{"relu 8x8x8", 0.1}}});
  const std::string torn = read_file(path) + R"({"round":1,"ker)";
  write_file_atomically(path, torn);
  CHECK(MeasurementLog(path).strips().size() == 1);
  CHECK(read_file(path) == torn);
}

TEST_CASE("device measurements: of another plan of a round only what was timed is left out") {
  const TemporaryDirectory directory;
  MeasurementLog log(directory.path() / "log.jsonl", "a");
  log.add(LoggedStrip{1, {{"relu 8x8x8", 0.1}, {"relu 4x8x8", 0.1}}});
  log.add(LoggedStrip{0, {{"relu 2x8x8", 0.1}}});
  std::vector<Kernel> plan;
  for (const char* text : {"relu 2x8x8", "relu 8x8x8", "relu 6x8x8", "relu 8x8x8"}) {
    plan.push_back(parse_kernel(text));
  }
  std::vector<std::string> missing;
  for (const Kernel& kernel : log.missing(1, plan)) missing.push_back(kernel_text(kernel));
  CHECK(missing == std::vector<std::string>{"relu 2x8x8", "relu 6x8x8", "relu 8x8x8"});
}
