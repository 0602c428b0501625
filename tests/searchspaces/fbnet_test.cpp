#include <doctest/doctest.h>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

namespace nas {
namespace {

TEST_CASE("fbnet: parameters of two networks as HW-NAS-Bench's code counts them") {
  const auto space = test::make_space("fbnet");
  const Task task = space->info().default_task;
  const auto params = [&](const char* text) {
    return graph_cost(space->build(space->parse(text), task)).params;
  };
  CHECK(params("7818488874147327324245") == 1790500);
  CHECK(params("5355047552024513726040") == 1695572);
}

TEST_CASE("fbnet: texts of another length or with another digit are refused") {
  const auto space = test::make_space("fbnet");
  for (const char* text : {"", "781848887414732732424", "78184888741473273242455",
                           "9818488874147327324245", "x818488874147327324245"}) {
    CHECK_FALSE(test::usage_error([&] { space->parse(text); }).empty());
  }
}

TEST_CASE("acceptance: fbnet has the published parameters of 5,000 networks") {
  const auto help = test::test_data("hw-help-fbnet");
  const auto proxies = test::test_data("hw-fbnet-zcp");
  if (help.empty() || proxies.empty()) return;
  const CsvTable networks = CsvTable::parse(read_file(help / "latency.csv.gz"), "latency.csv.gz");
  const CsvTable counts =
      CsvTable::parse(read_file(proxies / "fbnet_zcp.csv.gz"), "fbnet_zcp.csv.gz");
  REQUIRE(networks.rows() == 5000);
  REQUIRE(counts.rows() == 5000);
  const std::size_t ops = networks.column("ops"), params = counts.column("params");
  const auto space = test::make_space("fbnet");
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < networks.rows(); ++row) {
    std::string text(networks.at(row, ops));
    std::erase(text, ' ');
    const ArchGraph graph = space->build(space->parse(text), space->info().default_task);
    wrong += parse_int(counts.at(row, params)) == graph_cost(graph).params ? 0 : 1;
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace nas
