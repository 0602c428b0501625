#include <doctest/doctest.h>

#include "tests/db/importers/importer_testing.h"
#include "tests/test_data.h"

// The files that the authors test their own package with (three cells of each space); values of
// their read-me and of the published paper's tables.

namespace nas {
namespace {

double value(const Benchmark& benchmark, std::size_t row, std::string_view column) {
  return benchmark.value(benchmark.column(column), row);
}

TEST_CASE("nats: the topology sample has the official values") {
  const auto dir = test::test_data("tab-nats-official-sample");
  if (dir.empty()) return;
  const ImportResult result =
      test::import_with("nats", test::request_for(dir / "NATS-tss-v1_0-3ffb9-simple"));
  const Benchmark& benchmark = result.benchmark;
  REQUIRE(benchmark.rows() == 3);
  CHECK(result.notes.front() == "3 of 15,625 architectures are there, the others are missing");
  const double expected[3][4] = {{81.9827, 85.8633, 52.9133, 26.6333},
                                 {87.9400, 91.5833, 67.6067, 30.1667},
                                 {86.0467, 88.7900, 62.1400, 32.4667}};
  const std::string mean = ",epochs=200,statistic=mean";
  for (std::size_t row = 0; row < 3; ++row) {
    CAPTURE(row);
    CHECK(value(benchmark, row, "accuracy:dataset=cifar10-valid,split=valid" + mean) ==
          doctest::Approx(expected[row][0]).epsilon(3e-6));
    CHECK(value(benchmark, row, "accuracy:dataset=cifar10,split=test" + mean) ==
          doctest::Approx(expected[row][1]).epsilon(3e-6));
    CHECK(value(benchmark, row, "accuracy:dataset=cifar100,split=test" + mean) ==
          doctest::Approx(expected[row][2]).epsilon(3e-6));
    CHECK(value(benchmark, row, "accuracy:dataset=ImageNet16-120,split=test" + mean) ==
          doctest::Approx(expected[row][3]).epsilon(3e-6));
  }
  // Cost of the official 12-epoch query of cell 11: 149.545 s of training, 4.151 s of evaluation.
  CHECK(value(benchmark, 1, "training_seconds:dataset=cifar10-valid,epochs=12") ==
        doctest::Approx(149.545).epsilon(1e-5));
  CHECK(value(benchmark, 1, "evaluation_seconds:dataset=cifar10-valid,split=valid,epochs=12") ==
        doctest::Approx(4.151).epsilon(1e-3));
  CHECK(value(benchmark, 1, "params:dataset=ImageNet16-120") == 809576);
  CHECK(value(benchmark, 1, "macs:dataset=ImageNet16-120") == 28495480);
}

TEST_CASE("nats: a folder without any architecture is refused, not imported empty") {
  const auto dir = test::test_data("tab-nats-official-sample");
  if (dir.empty()) return;
  const TemporaryDirectory folder;
  std::filesystem::copy_file(dir / "NATS-tss-v1_0-3ffb9-simple" / "meta.pickle.pbz2",
                             folder.path() / "meta.pickle.pbz2");
  const std::string error =
      test::error_of([&] { test::import_with("nats", test::request_for(folder.path())); });
  CHECK(test::contains(error, "no file of an architecture (000000.pickle.pbz2)"));
}

TEST_CASE("nats: single seeds, and curves as long as the training") {
  const auto dir = test::test_data("tab-nats-official-sample");
  if (dir.empty()) return;
  const ImportResult result =
      test::import_with("nats", test::request_for(dir / "NATS-tss-v1_0-3ffb9-simple"));
  const Benchmark& benchmark = result.benchmark;
  double sum = 0;
  for (const char* seed : {"777", "888", "999"}) {
    sum +=
        value(benchmark, 0,
              "accuracy:dataset=cifar10,split=test,epochs=200,statistic=seed=" + std::string(seed));
  }
  CHECK(sum / 3 == doctest::Approx(85.8633).epsilon(3e-6));
  const std::size_t curve = benchmark.column(
      "accuracy_curve:dataset=cifar10-valid,split=valid,epochs=200,statistic=seed=777");
  REQUIRE(benchmark.columns()[curve].width == 200);
  CHECK(benchmark.values(curve)[199] ==
        value(benchmark, 0,
              "accuracy:dataset=cifar10-valid,split=valid,epochs=200,statistic=seed=777"));
}

TEST_CASE("nats: the size sample has the official values") {
  const auto dir = test::test_data("tab-nats-official-sample");
  if (dir.empty()) return;
  const ImportResult result =
      test::import_with("nats", test::request_for(dir / "NATS-sss-v1_0-50262-simple"));
  const Benchmark& benchmark = result.benchmark;
  REQUIRE(benchmark.rows() == 3);
  CHECK(benchmark.info().space == "nats_size");
  CHECK(benchmark.text(1) == "8:8:8:16:32");
  CHECK(value(benchmark, 0,
              "accuracy:dataset=cifar10-valid,split=valid,epochs=12,statistic=seed=777") ==
        doctest::Approx(66.604));
  CHECK(value(benchmark, 0,
              "accuracy:dataset=ImageNet16-120,split=test,epochs=12,statistic=seed=777") ==
        doctest::Approx(12.833).epsilon(1e-4));
  const double expected[3][6] = {{76.888, 79.79, 32.24, 32.30, 16.600, 15.533},
                                 {83.724, 85.77, 54.46, 53.68, 25.667, 25.467},
                                 {86.796, 89.51, 62.78, 62.70, 33.333, 32.767}};
  const char* const columns[6] = {"cifar10-valid,split=valid",  "cifar10,split=test",
                                  "cifar100,split=valid",       "cifar100,split=test",
                                  "ImageNet16-120,split=valid", "ImageNet16-120,split=test"};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t i = 0; i < 6; ++i) {
      CAPTURE(row);
      CAPTURE(columns[i]);
      CHECK(value(benchmark, row,
                  "accuracy:dataset=" + std::string(columns[i]) + ",epochs=90,statistic=mean") ==
            doctest::Approx(expected[row][i]).epsilon(3e-5));
    }
  }
  CHECK(value(benchmark, 2, "params:dataset=cifar10") == 144834);
}

}  // namespace
}  // namespace nas
