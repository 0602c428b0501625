#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <set>
#include <thread>

#include "core/problems/data_kinds.h"
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

/// Bounds that a re-implementation reached on noise. plain, grasp and epe_nas have none of their
/// own: they depend on labels and signs, and one draw of the published columns is noise too.
const std::map<std::string, double> kAccepted = {
    {"synflow", 0.98}, {"zen", 0.97},   {"nwot", 0.95},   {"snip", 0.95},  {"grad_norm", 0.95},
    {"jacov", 0.85},   {"fisher", 0.8}, {"params", 0.99}, {"flops", 0.99}, {"l2_norm", 0.95}};

constexpr const char* kProxies =
    "params,flops,l2_norm,plain,grad_norm,snip,grasp,fisher,synflow:log=true,jacov,epe_nas,nwot,"
    "zen";

std::vector<std::size_t> sample_rows(std::size_t rows, std::size_t count) {
  Rng rng({.seed = 7, .purpose = Purpose::kTest});
  std::set<std::size_t> sample;
  while (sample.size() < count) sample.insert(static_cast<std::size_t>(rng.below(rows)));
  return {sample.begin(), sample.end()};
}

/// The scores of each row, by two threads.
std::vector<std::vector<ProxyScore>> score_rows(const ProxyEngine& engine, const Columns& columns,
                                                const std::vector<std::size_t>& rows) {
  std::vector<std::vector<ProxyScore>> scores(rows.size());
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      set_intra_op_threads(1);
      for (std::size_t i = next++; i < rows.size(); i = next++) {
        scores[i] = engine.score(columns.graph(rows[i]));
      }
    });
  }
  threads.clear();
  return scores;
}

void compare(const Columns& columns, const std::string& data) {
  const ProxyEngine engine(parse_proxies(kProxies), {},
                           data.empty() ? nullptr : open_problem(data));
  const std::vector<std::size_t> rows = sample_rows(columns.csv.rows(), 60);
  const auto scores = score_rows(engine, columns, rows);
  for (std::size_t k = 0; k < engine.outputs().names.size(); ++k) {
    const std::string& name = engine.outputs().names[k];
    std::vector<double> ours, theirs;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ours.push_back(scores[i][k].value);
      theirs.push_back(columns.value(rows[i], name));
      if (name == "l2_norm") CHECK(ours[i] == doctest::Approx(theirs[i]).epsilon(0.01));
    }
    const double rho = spearman(ours, theirs).value();
    MESSAGE(std::string(data.empty() ? "noise " : "images "), name, " rho ", rho, ", medians ",
            median(ours), " and ", median(theirs));
    CAPTURE(name);
    const auto accepted = kAccepted.find(name);
    if (accepted != kAccepted.end()) CHECK(rho >= accepted->second);
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
