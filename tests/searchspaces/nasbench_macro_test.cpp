#include <doctest/doctest.h>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

namespace nas {
namespace {

TEST_CASE("nasbench_macro: published parameters and MACs of two networks") {
  const auto space = test::make_space("nasbench_macro");
  const Task task = test::task_of({3, 32, 32}, 10);
  const GraphCost identity = graph_cost(space->build(space->parse("00000000"), task));
  CHECK(identity.params == 387882);
  CHECK(identity.macs == 7713280);
  const GraphCost one_block = graph_cost(space->build(space->parse("00000001"), task));
  CHECK(one_block.params == 791594);
  CHECK(one_block.macs == 14115328);
}

TEST_CASE("nasbench_macro: texts of another length or with another digit are refused") {
  const auto space = test::make_space("nasbench_macro");
  for (const char* text : {"", "0000000", "000000000", "00000003", "0000000x"}) {
    CHECK_FALSE(test::usage_error([&] { space->parse(text); }).empty());
  }
}

TEST_CASE("acceptance: nasbench_macro has the published parameters and MACs of all 6,561") {
  const auto dir = test::test_data("tab-nbmacro");
  if (dir.empty()) return;
  const CsvTable table =
      CsvTable::parse(read_file(dir / "nas_bench_macro_cifar10.csv.gz"), "nbmacro");
  REQUIRE(table.rows() == 6561);
  const std::size_t arch = table.column("arch"), params = table.column("params"),
                    macs = table.column("flops");
  const auto space = test::make_space("nasbench_macro");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  const Task task = test::task_of({3, 32, 32}, 10);
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Architecture architecture = space->parse(table.at(row, arch));
    const GraphCost cost = graph_cost(space->build(architecture, task));
    const bool equal = parse_int(table.at(row, params)) == cost.params &&
                       parse_int(table.at(row, macs)) == cost.macs &&
                       indexed.index_of(architecture) == row;
    wrong += equal ? 0 : 1;
  }
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace nas
