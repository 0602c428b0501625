#include "hwmodels/mcu/mcu_latency.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

namespace nas {
namespace {

constexpr double kKilohertz = 480'000;  // STM32H743

CsvTable read(const std::filesystem::path& path) {
  return CsvTable::parse(read_file(path), path.string());
}

/// What mcu-tables has of TinyEngine, with the work of the networks.
std::vector<McuMeasurement> published(const std::filesystem::path& folder) {
  const CsvTable zoo = read(folder / "mcunet_zoo_stm32f746.csv");
  const CsvTable times = read(folder / "tinyengine_stm32h743.csv");
  std::map<std::string, McuWork> work;
  for (std::size_t row = 0; row < zoo.rows(); ++row) {
    const double side = parse_double(zoo.at(row, zoo.column("resolution"))).value();
    work[std::string(zoo.at(row, zoo.column("net_id")))] = {
        1e6 * parse_double(zoo.at(row, zoo.column("macs_M"))).value(), side * side};
  }
  work["proxyless-w0.3-r176"] = work.at("proxyless-w0.3");
  std::vector<McuMeasurement> measurements;
  for (std::size_t row = 0; row < times.rows(); ++row) {
    const auto network = work.find(std::string(times.at(row, times.column("net_id"))));
    const auto ms = parse_double(times.at(row, times.column("latency_ms")));
    if (times.at(row, times.column("library")) != "tinyengine" || network == work.end() || !ms) {
      continue;
    }
    measurements.push_back({network->second, *ms * kKilohertz});
  }
  return measurements;
}

TEST_CASE("latencies of TinyEngine: each network left out is within 15 %") {
  const auto folder = test::test_data("mcu-tables");
  if (folder.empty()) return;
  const std::vector<McuMeasurement> all = published(folder);
  REQUIRE(all.size() == 9);
  double sum = 0;
  for (std::size_t out = 0; out < all.size(); ++out) {
    std::vector<McuMeasurement> others = all;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(out));
    const double cycles = fit_cycle_model(others).cycles(all[out].work);
    const double error = std::abs(cycles / all[out].cycles - 1);
    CHECK(error < 0.15);
    sum += error;
  }
  CHECK(sum / static_cast<double>(all.size()) < 0.05);
}

TEST_CASE("the model in the program is the fit of the published latencies") {
  const auto folder = test::test_data("mcu-tables");
  if (folder.empty()) return;
  const CycleModel model = fit_cycle_model(published(folder));
  CHECK(model.per_mac == doctest::Approx(kTinyEngineM7.per_mac).epsilon(1e-3));
  CHECK(model.per_pixel == doctest::Approx(kTinyEngineM7.per_pixel).epsilon(1e-3));
}

TEST_CASE("latency goes with the clock, and is refused for a core without measurements") {
  const McuWork work{11.6e6, 80.0 * 80};
  const double h743 = mcu_latency_ms(work, mcu_device("stm32h743"));
  CHECK(h743 == doctest::Approx(51).epsilon(0.06));  // published of mcunet-vww1
  CHECK(mcu_latency_ms(work, mcu_device("stm32f746")) == doctest::Approx(h743 * 480 / 216));
  CHECK_THROWS_AS(mcu_latency_ms(work, mcu_device("stm32f412")), Error);
}

}  // namespace
}  // namespace nas
