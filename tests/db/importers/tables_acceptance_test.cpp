#include <doctest/doctest.h>

#include "tests/db/importers/importer_testing.h"
#include "tests/test_data.h"

// The public tables through their built-in mappings: each ends with its own self-check, which
// throws when rows, best values, official indices or recomputed parameters differ.

namespace nas {
namespace {

ImportResult import_table(const std::filesystem::path& file) {
  return test::import_with("table", test::request_for(file));
}

void check_all(const ImportResult& result, std::size_t at_least) {
  CHECK(result.checks.size() >= at_least);
  for (const SelfCheck& check : result.checks) {
    CAPTURE(check.what);
    CHECK(check.ok);
  }
}

TEST_CASE("acceptance: importers read the tables of NAS-Bench-201") {
  const auto dir = test::test_data("tab-nb201");
  if (dir.empty()) return;
  const ImportResult result = import_table(dir / "nb201_tss.csv.gz");
  check_all(result, 15);
  const Benchmark& tss = result.benchmark;
  CHECK(tss.rows() == 15625);
  // Cell 0 of the official list, as in the original files.
  CHECK(tss.value(tss.column("macs:dataset=cifar10"), 0) == 15647370);
  check_all(import_table(dir / "hw_nas_bench_nb201.csv.gz"), 10);
  check_all(import_table(dir / "robustness_c10.csv.gz"), 1);
}

TEST_CASE("acceptance: importers read the zero-cost tables of NAS-Bench-201") {
  const auto dir = test::test_data("zc-nb201");
  if (dir.empty()) return;
  check_all(import_table(dir / "nb201_all.csv.gz"), 5);
  check_all(import_table(dir / "nb201_zc_cifar10.csv.gz"), 4);
  check_all(import_table(dir / "nb201_zc_ImageNet16-120.csv.gz"), 4);
}

}  // namespace
}  // namespace nas
