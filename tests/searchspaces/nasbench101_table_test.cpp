#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/ir/same/digest.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

// The complete table of NAS-Bench-101 (423,624 rows).

namespace nas {
namespace {

constexpr std::size_t kRows = 423624;

struct Result {
  bool text = false;
  bool hash = false;
  bool params = false;
  Digest digest;
};

TEST_CASE("acceptance: nasbench101 hashes, parameters and digests of all 423,624 cells") {
  const auto dir = test::test_data("tab-nb101");
  if (dir.empty()) return;
  const CsvTable table = CsvTable::parse(read_file(dir / "nb101_full.csv.gz"), "nb101_full.csv.gz");
  REQUIRE(table.rows() == kRows);
  const std::size_t hash = table.column("hash"), vertices = table.column("vertices"),
                    bits = table.column("adj_bits_hex"), ops = table.column("ops"),
                    params = table.column("params");
  const auto space = test::make_space("nasbench101");
  const auto& keys = dynamic_cast<const IsomorphismKeys&>(*space);
  const Task task = test::task_of({3, 32, 32}, 10);
  std::vector<Result> results(kRows);
  const test::Stopwatch watch;
  test::on_two_threads(kRows, [&](std::size_t row) {
    const std::string text = std::string(table.at(row, vertices)) + ":" +
                             std::string(table.at(row, bits)) + ":" +
                             std::string(table.at(row, ops));
    const Architecture architecture = space->parse(text);
    const ArchGraph graph = space->build(architecture, task);
    Result& result = results[row];
    result.text = space->format(architecture) == text;
    result.hash = keys.isomorphism_key(architecture) == table.at(row, hash);
    result.params = parse_int(table.at(row, params)) == graph_cost(graph).params;
    result.digest = digest(graph);
  });
  MESSAGE("423,624 cells parsed, hashed, built, counted and digested in ", watch.seconds(), " s");
  const auto all = [&](bool Result::*member) {
    return std::count_if(results.begin(), results.end(),
                         [&](const Result& result) { return result.*member; });
  };
  CHECK(all(&Result::text) == kRows);
  CHECK(all(&Result::hash) == kRows);
  CHECK(all(&Result::params) == kRows);
  std::set<Digest> digests;
  for (const Result& result : results) digests.insert(result.digest);
  CHECK(digests.size() == kRows);
}

}  // namespace
}  // namespace nas
