#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "app/benchmarks/correlation.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

// Published zero-cost scores against accuracy beyond NAS-Bench-201's 9,445 cells: other spaces and
// tasks (NAS-Bench-Suite-Zero, arXiv:2210.03230), and the caches of FreeREA (arXiv:2207.05135).

namespace nas::test {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

CsvTable csv_of(const std::filesystem::path& path) {
  return CsvTable::parse(read_file(path), path.string());
}

/// A column, of one task where there are several; -1e8 is what the tables say for "not finite".
std::vector<double> values_of(const CsvTable& csv, const std::string& column,
                              const std::string& task = "") {
  std::vector<double> values;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    if (!task.empty() && csv.at(row, csv.column("task")) != task) continue;
    const double value = parse_double(csv.at(row, csv.column(column))).value_or(kMissing);
    values.push_back(value <= -1e8 ? -std::numeric_limits<double>::infinity() : value);
  }
  return values;
}

void check_spearman(const CsvTable& csv, const std::string& score, const std::string& truth,
                    const std::string& task, double published) {
  const Correlation found =
      correlate(score, values_of(csv, truth, task), values_of(csv, score, task));
  CAPTURE(task);
  CAPTURE(score);
  CAPTURE(found.spearman.value_or(kMissing));
  CHECK(std::abs(found.spearman.value_or(kMissing) - published) < 0.0051);  // two decimals
}

const char* const kTasks[] = {"class_scene", "class_object", "jigsaw",         "room_layout",
                              "autoencoder", "normal",       "segmentsemantic"};

/// The scores in the order of `kTasks`; shorter rows are of the first tasks.
using TaskRows = std::map<std::string, std::vector<double>>;

void check_tasks(const std::filesystem::path& path, const std::string& truth,
                 const TaskRows& published) {
  const CsvTable csv = csv_of(path);
  CAPTURE(path.filename().string());
  for (const auto& [score, row] : published) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      check_spearman(csv, score, truth, kTasks[i], row[i]);
    }
  }
}

void check_one(const std::filesystem::path& path, const std::string& task,
               const std::map<std::string, double>& published) {
  const CsvTable csv = csv_of(path);
  CAPTURE(path.filename().string());
  for (const auto& [score, value] : published) {
    check_spearman(csv, score, "val_accuracy", task, value);
  }
}

}  // namespace

TEST_CASE("acceptance: proxies on NAS-Bench-101, DARTS and CIFAR-100 correlate as published") {
  const auto folder = test_data("zc-suite-zero");
  if (folder.empty()) return;
  check_one(folder / "sample500_nb101.csv.gz", "",
            {{"flops", .72},
             {"params", .72},
             {"l2_norm", .55},
             {"jacov", -.50},
             {"synflow", .65},
             {"snip", .45},
             {"grad_norm", .38},
             {"fisher", .38},
             {"grasp", -.03},
             {"epe_nas", -.02},
             {"plain", .06}});
  check_one(folder / "sample725_nb301.csv.gz", "",
            {{"flops", .48},
             {"params", .52},
             {"l2_norm", .52},
             {"nwot", .55},
             {"jacov", -.04},
             {"synflow", .22},
             {"snip", -.04},
             {"grad_norm", -.02},
             {"fisher", -.30},
             {"grasp", .30},
             {"epe_nas", -.02},
             {"plain", -.30}});
  check_one(folder / "sample725_nb201.csv.gz", "cifar100",
            {{"flops", .72},
             {"params", .74},
             {"l2_norm", .75},
             {"nwot", .81},
             {"jacov", .72},
             {"synflow", .76},
             {"snip", .66},
             {"grad_norm", .65},
             {"fisher", .55},
             {"grasp", .55},
             {"epe_nas", .42},
             {"plain", -.27}});
}

TEST_CASE("acceptance: proxies on the seven tasks of TransNAS-Bench-101 correlate as published") {
  const auto folder = test_data("zc-suite-zero");
  if (folder.empty()) return;
  check_tasks(folder / "sample711_tnb101_micro.csv.gz", "val_accuracy",
              {{"flops", {.62, .46, .44, .30, -.10, .67, .71}},
               {"params", {.61, .44, .44, .30, -.09, .66, .69}},
               {"l2_norm", {.50, .35, .34, .17, -.03, .54, .50}},
               {"nwot", {.57, .45, .42, .25, -.04, .60, .54}},
               {"jacov", {.75, .56, .56, .41, .17, .75, .78}},
               {"snip", {.65, .46, .38, .29, -.32, .51, .67}},
               {"grad_norm", {.60, .40, .33, .23, -.38, .40, .60}},
               {"fisher", {.61, .44, .27, .27, -.58, .22, .12}},
               {"grasp", {-.23, -.21, -.13, -.24, -.14, .06, -.06}},
               {"plain", {.22, .34, .34, .27, .11, .01, .05}}});
  check_tasks(folder / "sample725_tnb101_macro.csv.gz", "val_accuracy",
              {{"flops", {.84, .72, .70, .56, .84, .76, .73}},
               {"params", {.44, .06, .23, .16, -.14, .42, .18}},
               {"l2_norm", {.40, .02, .20, .10, -.14, .45, .32}},
               {"nwot", {.83, .78, .78, .64, .74, .79, .87}},
               {"jacov", {.18, .02, .06, -.02, .51, .55, .65}},
               {"snip", {.00, -.41, -.19, -.11, .33, .58, .43}},
               {"grad_norm", {-.21, -.56, -.28, -.24, .45, .43, .36}},
               {"fisher", {.05, -.26, -.26, -.13, -.16, .23, .07}},
               {"grasp", {-.36, -.69, -.30, -.10, .00, .00, -.07}},
               {"plain", {-.14, -.06, -.25, -.21, -.10, .02, .06}}});
  check_tasks(folder / "full_tnb101_micro.csv.gz", "val_metric",
              {{"synflow", {.72, .48, .47, .31}},
               {"zen", {.72, .53, .50, .38, .14, .71, .66}},
               {"epe_nas", {.53, .39, .16, .38}}});
  check_tasks(folder / "full_tnb101_macro.csv.gz", "val_metric",
              {{"synflow", {.28, .12, .34, -.02}},
               {"zen", {.27, .10, .24, -.04, -.02, .38, .27}},
               {"epe_nas", {.02, -.01, .01, -.01}}});
}

TEST_CASE("acceptance: no proxy orders NAS-Bench-201 on ninapro and spherical CIFAR-100") {
  const auto folder = test_data("zc-suite-zero");
  if (folder.empty()) return;
  const CsvTable csv = csv_of(folder / "extra_9x_199archs.csv.gz");
  std::map<std::string, std::vector<double>> truth;
  std::map<std::string, std::map<std::string, std::vector<double>>> scores;
  const std::vector<std::string> names = {"params", "grad_norm", "nwot",    "jacov", "zen",
                                          "grasp",  "l2_norm",   "epe_nas", "snip",  "synflow",
                                          "fisher", "plain",     "flops"};
  for (const std::string task : {"ninapro", "scifar100", "svhn"}) {
    for (const std::string& name : names) scores[task][name];
    for (std::size_t row = 0; row < csv.rows(); ++row) {
      if (csv.at(row, csv.column("space")) != "nasbench201") continue;
      if (csv.at(row, csv.column("task")) != task) continue;
      truth[task].push_back(parse_double(csv.at(row, csv.column("val_accuracy"))).value());
      for (const std::string& name : names) {
        const double value = parse_double(csv.at(row, csv.column(name))).value_or(kMissing);
        scores[task][name].push_back(value <= -1e8 ? -INFINITY : value);
      }
    }
  }
  CHECK(truth["svhn"].size() == 199);
  for (const std::string name : {"nwot", "grad_norm"}) {
    const Correlation found = correlate(name, truth["svhn"], scores["svhn"][name]);
    CAPTURE(found.spearman.value());
    CHECK(std::abs(found.spearman.value() - .79) < 0.0051);
  }
  double largest = 0;
  for (const std::string task : {"ninapro", "scifar100"}) {
    for (const std::string& name : names) {
      const Correlation found = correlate(name, truth[task], scores[task][name]);
      largest = std::max(largest, std::abs(found.spearman.value()));
    }
  }
  CHECK(std::abs(largest - .36) < 0.0051);
}

// All 15,625 cells. NASWOT is -inf for 201 of them; the published number leaves those out.
TEST_CASE("acceptance: the scores of FreeREA and zen correlate as published on all cells") {
  const auto folder = test_data("zc-nb201");
  if (folder.empty()) return;
  const CsvTable csv = csv_of(folder / "nb201_all.csv.gz");
  struct Published {
    const char* score;
    const char* dataset;
    double spearman, kendall;
  };
  const Published rows[] = {
      {"freerea_synflow_", "cifar10", .769, .571},
      {"freerea_synflow_", "cifar100", .761, .564},
      {"freerea_synflow_", "ImageNet16-120", .747, .556},
      {"freerea_logsynflow_", "cifar10", .826, .630},
      {"freerea_logsynflow_", "cifar100", .792, .597},
      {"freerea_logsynflow_", "ImageNet16-120", .777, .585},
      {"freerea_naswot_", "cifar10", .785, .598},
      {"freerea_naswot_", "cifar100", .800, .615},
      {"freerea_naswot_", "ImageNet16-120", .771, .587},
      {"freerea_nregions_", "cifar10", .725, .539},
      {"freerea_nregions_", "cifar100", .802, .616},
      {"zen_", "cifar10", .386, .296},
      {"zen_", "cifar100", .361, .283},
      {"zen_", "ImageNet16-120", .399, .294},
      {"params_M", "cifar10", .753, .578},
      {"params_M", "cifar100", .728, .553},
      {"params_M", "ImageNet16-120", .692, .520},
  };
  for (const Published& row : rows) {
    const std::string column =
        std::string(row.score) + (row.score == std::string("params_M") ? "" : row.dataset);
    std::vector<double> score = values_of(csv, column);
    if (column.starts_with("freerea_naswot")) {
      for (double& value : score) value = std::isfinite(value) ? value : kMissing;
    }
    const Correlation found =
        correlate(column, values_of(csv, "testacc_" + std::string(row.dataset) + "_nats"), score);
    CAPTURE(column);
    CAPTURE(std::string(row.dataset));
    CAPTURE(found.spearman.value());
    CAPTURE(found.kendall.value());
    if (column.starts_with("freerea_naswot")) CHECK(found.pairs == 15424);
    CHECK(std::abs(found.spearman.value() - row.spearman) < 0.00051);
    CHECK(std::abs(found.kendall.value() - row.kendall) < 0.00051);
  }
}

// HW-NAS-Bench (ICLR 2021), in the official order: its first row, and a latency that follows MACs.
TEST_CASE("acceptance: latencies of HW-NAS-Bench belong to the cells of NAS-Bench-201") {
  const auto folder = test_data("tab-nb201");
  if (folder.empty()) return;
  const CsvTable hardware = csv_of(folder / "hw_nas_bench_nb201.csv.gz");
  const CsvTable cells = csv_of(folder / "nb201_tss.csv.gz");
  const std::vector<double> latency = values_of(hardware, "c10_edgegpu_latency");
  REQUIRE(latency.size() == cells.rows());
  CHECK(std::abs(latency[0] - 5.807418537) < 1e-6);
  const std::vector<double> macs = values_of(cells, "macs_c10");
  const double ordered = correlate("macs", latency, macs).spearman.value();
  std::vector<double> mixed = macs;
  std::reverse(mixed.begin(), mixed.end());
  const double unordered = correlate("macs", latency, mixed).spearman.value();
  MESSAGE("rho of edge GPU latency and MACs " << ordered << ", in reversed order " << unordered);
  CHECK(ordered > 0);
  CHECK(ordered > 2 * std::abs(unordered));
}

}  // namespace nas::test
