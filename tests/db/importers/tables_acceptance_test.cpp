#include <doctest/doctest.h>

#include <algorithm>

#include "db/importers/mapping.h"
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

/// Imports every table of a folder that a built-in mapping is meant for.
void check_folder(const std::string& name, std::size_t tables) {
  const auto dir = test::test_data(name);
  if (dir.empty()) return;
  std::size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    if (!has_mapping(entry.path())) continue;
    CAPTURE(entry.path().string());
    check_all(import_table(entry.path()), 1);
    ++read;
  }
  CHECK(read == tables);
}

TEST_CASE("acceptance: importers read the zero-cost tables of NAS-Bench-201") {
  check_folder("zc-nb201", 3);
}
TEST_CASE("acceptance: importers read HELP's latencies of three spaces") {
  for (const char* folder : {"hw-help-nb201", "hw-help-fbnet", "hw-help-ofa"}) {
    check_folder(folder, 1);
  }
}
TEST_CASE("acceptance: importers read the complete table of NAS-Bench-101") {
  check_folder("tab-nb101", 2);
}
TEST_CASE("acceptance: importers read the labelled circuits, whose shares are the published ones") {
  check_folder("quantum-golden", 2);
  const auto dir = test::test_data("quantum-golden");
  if (dir.empty()) return;
  const auto share = [](const Benchmark& table, std::string_view column, double bound) {
    const std::span<const double> values = table.values(table.column(column));
    const auto found = std::count_if(values.begin(), values.end(),
                                     [bound](double value) { return value >= bound; });
    return static_cast<double>(found) / static_cast<double>(table.rows());
  };
  const Benchmark four = import_table(dir / "circuits_4q_20k.csv.gz").benchmark;
  CHECK(share(four, "reward:dataset=h2", 0.95) == doctest::Approx(0.22785).epsilon(1e-9));
  CHECK(share(four, "reward:dataset=maxcut", 0.95) == doctest::Approx(0.3831).epsilon(1e-9));
  CHECK(share(four, "reward:dataset=fidelity", 0.95) == doctest::Approx(0.0695).epsilon(1e-9));
  const Benchmark eight = import_table(dir / "circuits_8q_5k.csv.gz").benchmark;
  CHECK(share(eight, "reward:dataset=tfim", 0.9) == doctest::Approx(0.0416).epsilon(1e-9));
  CHECK(share(eight, "reward:dataset=maxcut", 0.925) == doctest::Approx(0.1978).epsilon(1e-9));
  CHECK(share(eight, "reward:dataset=fidelity", 0.75) == doctest::Approx(0.0198).epsilon(1e-9));
}
TEST_CASE("acceptance: importers read the tables of TransNAS-Bench-101") {
  check_folder("tab-tnb101", 2);
}
TEST_CASE("acceptance: importers read the table of NAS-Bench-Macro") {
  check_folder("tab-nbmacro", 1);
}
TEST_CASE("acceptance: importers read the residual networks of DisWOT") {
  check_folder("tab-diswot-s0", 1);
}
TEST_CASE("acceptance: importers read trained DARTS cells") {
  check_folder("tab-darts", 2);
}
TEST_CASE("acceptance: importers read the samples of NAS-Bench-Suite-Zero") {
  check_folder("zc-suite-zero", 9);
}
TEST_CASE("acceptance: importers read language models with training-free metrics") {
  check_folder("zc-nlp", 9);
}
TEST_CASE("acceptance: importers read small vision transformers") {
  check_folder("zc-vit", 1);
}

}  // namespace
}  // namespace nas
