#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "tests/db/importers/importer_testing.h"

namespace nas {
namespace {

using test::contains;
using test::error_of;

/// Writes the text under the name and imports it with the importer that recognises it.
ImportResult import(const std::string& name, const std::string& text, bool force = false) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / name, text);
  ImportRequest request = test::request_for(folder.path() / name);
  request.force = force;
  return importer_for(request.path).make({})->import(request);
}

double value(const ImportResult& result, std::size_t row, std::string_view column) {
  return result.benchmark.value(result.benchmark.column(column), row);
}

TEST_CASE("suite_zero: NAS-Bench-201's val_accuracy is named as what it is, -1e8 is the worst") {
  const std::string record =
      R"("val_accuracy": 81.9, "synflow": {"score": -1e8, "time": 0.5}, "params": {"score": )";
  const auto file = [&](const std::string& params) {
    return R"json({"cifar10": {"(4, 3, 3, 0, 0, 0)": {"idx": 0, )json" + record + params + "}}}}";
  };
  const ImportResult result = import("zc_nasbench201.json", file("0.129306"));
  CHECK(result.benchmark.info().space == "nasbench201");
  CHECK(value(result, 0, "accuracy:dataset=cifar10-valid,split=test,statistic=seed=888") == 81.9);
  CHECK(value(result, 0, "synflow:dataset=cifar10") == -INFINITY);
  CHECK(value(result, 0, "synflow_seconds") == 0.5);
  CHECK(value(result, 0, "params") == 129306);
  // The same digits under another edge order have other parameters.
  CHECK(contains(error_of([&] { import("zc_nasbench201.json", file("0.101306")); }),
                 "params:dataset=cifar10 recomputed"));
}

TEST_CASE("suite_zero: damaged files name data set and architecture") {
  CHECK(contains(error_of([] { import("zc_nasbench201.json", "[1, 2]"); }), "one JSON object"));
  CHECK(contains(
      error_of([] {
        import("zc_nasbench201.json", R"json({"cifar10": {"(4, 3)": {"val_accuracy": 1}}})json");
      }),
      "cifar10, (4, 3): nasbench201: at character 1 of '(4, 3)': expected six digits from 0 to 4"));
}

TEST_CASE("nasbench_macro: a sample keeps runs, mean and recomputed sizes when forced") {
  const std::string text =
      R"({"00000000": {"test_acc": [45.32, 45.33, 45.44], "mean_acc": 45.36333, "std": 0.05434,
          "params": 387882, "flops": 7713280}})";
  CHECK(contains(error_of([&] { import("nas-bench-macro_cifar10.json", text); }),
                 "rows: expected 6,561, got 1"));
  const ImportResult result = import("nas-bench-macro_cifar10.json", text, true);
  CHECK(value(result, 0, "accuracy:statistic=run=2") == 45.33);
  for (const SelfCheck& check : result.checks) {
    if (contains(check.what, "recomputed")) CHECK(check.ok);
  }
}

const std::string kCells =
    R"("normal": [["sep_conv_3x3", 0], ["sep_conv_3x3", 1], ["sep_conv_3x3", 0], ["skip_connect", 1],
        ["skip_connect", 0], ["sep_conv_3x3", 1], ["skip_connect", 0], ["dil_conv_3x3", 2]],
       "normal_concat": [2, 3, 4, 5],
       "reduce": [["max_pool_3x3", 0], ["max_pool_3x3", 1], ["skip_connect", 2], ["max_pool_3x3", 1],
        ["max_pool_3x3", 0], ["skip_connect", 2], ["skip_connect", 2], ["max_pool_3x3", 1]],
       "reduce_concat": [2, 3, 4, 5])";

TEST_CASE("nds: errors become accuracies, DARTS cells are rows of the space darts") {
  const std::string job = R"({"net": {"genotype": {)" + kCells +
                          R"(}, "width": 16, "depth": 8}, "test_ep_top1": [60, 7.5, 8.0],
                             "min_test_top1": 7.5, "params": 3.1, "flops": 500})";
  const ImportResult result = import("DARTS_fix-w-d.json", "[" + job + "]");
  CHECK(result.benchmark.info().space == "darts");
  CHECK(value(result, 0, "accuracy:statistic=last") == 92);
  CHECK(value(result, 0, "accuracy:statistic=best") == 92.5);
  const std::size_t curve = result.benchmark.column("accuracy_curve");
  CHECK(result.benchmark.columns()[curve].width == 3);
  // The same cell twice: no longer a table of cells.
  const ImportResult twice =
      import("DARTS.json", R"({"top": [)" + job + R"(], "mid": [)" + job + "]}");
  CHECK(twice.benchmark.rows() == 2);
  CHECK(twice.benchmark.info().space.empty());
}

TEST_CASE("nds: networks of other families keep their description; damage names the job") {
  const std::string job = R"({"net": {"ds": [1, 2], "ws": [16, 32]}, "test_ep_top1": [10]})";
  const ImportResult result = import("ResNet.json", "[" + job + "]");
  CHECK(result.benchmark.text(0) == R"({"ds":[1,2],"ws":[16,32]})");
  CHECK(contains(error_of([&] { import("ResNet.json", "[" + job + R"(, {"net": {}}])"); }),
                 "job 1: no 'test_ep_top1'"));
  CHECK(contains(error_of([&] { import("ResNet.json", "{}"); }), "expected a list of jobs"));
}

TEST_CASE("importers: files that nobody knows, and names that do not exist") {
  CHECK(contains(error_of([] { import("notes.txt", "hello"); }), "no importer recognises it"));
  CHECK(contains(error_of([] { importer_for("/no/such/file"); }), "no such file or folder"));
  for (const Plugin<Importer>* plugin : importer_plugins()) {
    CHECK_FALSE(plugin->summary.empty());
    CHECK(plugin->resolve({}).size() == plugin->fields().size());
  }
}

}  // namespace
}  // namespace nas
