#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/runtime/model.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "tests/predictors/zerocost/proxy_testing.h"
#include "tests/test_data.h"

// The thirteen proxies against the published columns of NAS-Bench-Suite-Zero (zc-nb201).

namespace nas {
namespace {

/// NASLib's digits (edges by source, operations 0 skip, 1 none, 2 conv3x3, 3 conv1x1, 4 pool) in
/// the order of the official string.
Architecture from_naslib(const SearchSpace& space, std::string_view digits) {
  constexpr std::size_t kEdge[6] = {0, 1, 3, 2, 4, 5};
  constexpr std::uint16_t kOperation[5] = {1, 0, 3, 2, 4};
  Architecture architecture{space.info().name, std::vector<std::uint16_t>(6)};
  for (std::size_t i = 0; i < 6; ++i) {
    architecture.choices[i] = kOperation[digits[kEdge[i]] - '0'];
  }
  return architecture;
}

struct Columns {
  explicit Columns(const std::filesystem::path& folder)
      : csv(CsvTable::parse(read_file(folder / "nb201_zc_cifar10.csv.gz"), "nb201_zc_cifar10")),
        space(test::space_named("nasbench201")) {}
  double value(std::size_t row, std::string_view column) const {
    return parse_double(csv.at(row, csv.column(column))).value();
  }
  ArchGraph graph(std::size_t row) const {
    return space->build(from_naslib(*space, csv.at(row, csv.column("naslib_ops"))),
                        space->info().default_task);
  }
  CsvTable csv;
  std::unique_ptr<SearchSpace> space;
};

TEST_CASE("acceptance: parameters and flops of all 9,445 published rows are exact") {
  const auto dir = test::test_data("zc-nb201");
  if (dir.empty()) return;
  const Columns columns(dir);
  REQUIRE(columns.csv.rows() == 9445);
  const ProxyEngine engine(parse_proxies("params,flops"), {}, nullptr);
  std::size_t wrong_params = 0, wrong_flops = 0;
  for (std::size_t row = 0; row < columns.csv.rows(); ++row) {
    const auto scores = engine.score(columns.graph(row));
    wrong_params += std::abs(scores[0].value - columns.value(row, "params")) < 1e-9 ? 0 : 1;
    wrong_flops += std::abs(scores[1].value - columns.value(row, "flops")) < 2.5e-6 ? 0 : 1;
  }
  CHECK(wrong_params == 0);
  CHECK(wrong_flops == 0);
}

/// Bounds that a re-implementation reached on noise. plain and epe_nas have none: they depend on
/// labels and signs. grasp, which takes most of the time, is checked by finite differences instead.
const std::map<std::string, double> kAccepted = {
    {"synflow", 0.98}, {"zen", 0.97},   {"nwot", 0.95},   {"snip", 0.95},  {"grad_norm", 0.95},
    {"jacov", 0.85},   {"fisher", 0.8}, {"params", 0.99}, {"flops", 0.99}, {"l2_norm", 0.95}};

void compare(const Columns& columns, const std::string& data) {
  constexpr std::size_t kSample = 60;
  set_intra_op_threads(1);
  const std::string names =
      "params,flops,l2_norm,plain,grad_norm,snip,fisher,synflow:log=true,jacov,epe_nas,nwot,"
      "zen";
  const ProxyEngine engine(parse_proxies(names), {}, data.empty() ? nullptr : load_dataset(data));
  std::map<std::string, std::vector<double>> ours, theirs;
  Rng rng({.seed = 7, .purpose = Purpose::kTest});
  std::set<std::size_t> rows;
  while (rows.size() < kSample) {
    rows.insert(static_cast<std::size_t>(rng.below(columns.csv.rows())));
  }
  for (const std::size_t row : rows) {
    for (const ProxyScore& score : engine.score(columns.graph(row))) {
      ours[score.name].push_back(score.value);
      theirs[score.name].push_back(columns.value(row, score.name));
    }
  }
  for (const auto& [name, values] : ours) {
    const double rho = spearman(values, theirs[name]).value();
    MESSAGE((data.empty() ? "noise " : "images "), name, " rho ", rho, ", medians ", median(values),
            " and ", median(theirs[name]));
    CAPTURE(name);
    const auto accepted = kAccepted.find(name);
    if (accepted != kAccepted.end()) CHECK(rho >= accepted->second);
  }
  for (std::size_t i = 0; i < kSample; ++i) {
    CHECK(ours["l2_norm"][i] == doctest::Approx(theirs["l2_norm"][i]).epsilon(0.01));
  }
}

TEST_CASE("acceptance: proxies on noise follow the columns of NAS-Bench-Suite-Zero") {
  const auto dir = test::test_data("zc-nb201");
  if (dir.empty()) return;
  compare(Columns(dir), "");
}

TEST_CASE("acceptance: proxies on CIFAR-10 follow the columns of NAS-Bench-Suite-Zero") {
  const auto dir = test::test_data("zc-nb201");
  const auto images = test::test_data("set-cifar10-subset");
  if (dir.empty() || images.empty()) return;
  compare(Columns(dir), "cifar10:" + images.string());
}

}  // namespace
}  // namespace nas
