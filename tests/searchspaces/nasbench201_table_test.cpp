#include <doctest/doctest.h>

#include <array>
#include <map>
#include <set>

#include "core/ir/digest.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

// The complete table of NAS-Bench-201 (15,625 rows): strings, sizes and isomorphism groups.

namespace nas {
namespace {

constexpr std::size_t kRows = 15625;

struct Table {
  explicit Table(const std::filesystem::path& folder)
      : csv(CsvTable::parse(read_file(folder / "nb201_tss.csv.gz"), "nb201_tss.csv.gz")) {}
  std::string_view text(std::size_t row, std::string_view column) const {
    return csv.at(row, csv.column(column));
  }
  std::int64_t number(std::size_t row, std::string_view column) const {
    return parse_int(text(row, column)).value();
  }
  CsvTable csv;
};

TEST_CASE("acceptance: nasbench201 regenerates the official list, which reads back") {
  const auto dir = test::test_data("tab-nb201");
  if (dir.empty()) return;
  const Table table(dir);
  REQUIRE(table.csv.rows() == kRows);
  const test::Stopwatch watch;
  const auto space = test::make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const Architecture architecture = indexed.at(row);
    const std::string_view text = table.text(row, "arch_str");
    std::string digits;
    for (const std::uint16_t choice : architecture.choices) digits += std::to_string(choice);
    const bool right = table.number(row, "index") == static_cast<std::int64_t>(row) &&
                       space->format(architecture) == text && space->parse(text) == architecture &&
                       indexed.index_of(architecture) == row && digits == table.text(row, "ops");
    wrong += right ? 0 : 1;
  }
  CHECK(wrong == 0);
  MESSAGE("15,625 strings in ", watch.seconds(), " s");
}

struct Head {
  std::string name;
  std::int64_t size;
  std::int64_t classes;
};

TEST_CASE("acceptance: nasbench201 parameters and MACs of all cells and heads are exact") {
  const auto dir = test::test_data("tab-nb201");
  if (dir.empty()) return;
  const Table table(dir);
  REQUIRE(table.csv.rows() == kRows);
  const test::Stopwatch watch;
  const auto space = test::make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  for (const Head& head : {Head{"c10", 32, 10}, Head{"c100", 32, 100}, Head{"in16", 16, 120}}) {
    const Task task = test::task_of({3, head.size, head.size}, head.classes);
    const std::size_t params = table.csv.column("params_" + head.name);
    const std::size_t macs = table.csv.column("macs_" + head.name);
    std::vector<char> right(kRows, 0);
    test::on_two_threads(kRows, [&](std::size_t row) {
      const GraphCost cost = graph_cost(space->build(indexed.at(row), task));
      right[row] = parse_int(table.csv.at(row, params)) == cost.params &&
                   parse_int(table.csv.at(row, macs)) == published_macs(space->info(), cost);
    });
    CHECK(std::count(right.begin(), right.end(), 1) == kRows);
  }
  MESSAGE("3 x 15,625 networks built and counted in ", watch.seconds(), " s");
}

TEST_CASE("acceptance: nasbench201 isomorphism keys make the published 6,466 groups") {
  const auto dir = test::test_data("tab-nb201");
  if (dir.empty()) return;
  const Table table(dir);
  REQUIRE(table.csv.rows() == kRows);
  const auto space = test::make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  const auto& keys = dynamic_cast<const IsomorphismKeys&>(*space);
  std::map<std::string, std::size_t> first;  // smallest index by key
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto [found, added] = first.emplace(keys.isomorphism_key(indexed.at(row)), row);
    wrong += found->second == static_cast<std::size_t>(table.number(row, "iso_group")) ? 0 : 1;
  }
  CHECK(first.size() == 6466);
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace nas
