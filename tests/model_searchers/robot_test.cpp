#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "searchers/registry.h"
#include "searchers/score_pool.h"
#include "searchspaces/registry.h"
#include "tests/model_searchers/table_scores.h"
#include "tests/searchers/toy_study.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

const std::vector<std::string> kSix = {"grad_norm", "snip", "grasp", "fisher", "synflow", "jacov"};

CsvTable csv_of(const std::filesystem::path& path) {
  return CsvTable::parse(read_file(path), path.string());
}

std::vector<double> numbers(const CsvTable& csv, std::string_view column) {
  std::vector<double> values;
  for (std::size_t i = 0; i < csv.rows(); ++i) {
    values.push_back(parse_double(csv.at(i, csv.column(column))).value_or(std::nan("")));
  }
  return values;
}

// The cells of NAS-Bench-201 that have all six scores, with what the table says of each.
struct Nb201 {
  std::unique_ptr<SearchSpace> space =
      find_plugin(space_plugins(), "space", "nasbench201").make({});
  TableScores scores;
  std::vector<std::size_t> index;  // official, by row
  std::vector<double> objective, seconds, c10, in16;

  Nb201(const std::filesystem::path& tables, const std::filesystem::path& proxies) {
    const CsvTable all = csv_of(tables / "nb201_tss.csv.gz");
    const CsvTable zc = csv_of(proxies);
    const std::vector<double> by_index[] = {
        numbers(all, "c10_valid_12ep"), numbers(all, "cost_12ep_s"), numbers(all, "c10_test_200ep"),
        numbers(all, "in16_test_200ep")};
    const auto* indexed = dynamic_cast<const IndexedSpace*>(space.get());
    for (const double number : numbers(zc, "nb201_index")) {
      const auto i = static_cast<std::size_t>(number);
      index.push_back(i);
      scores.add_row(indexed->at(i));
      objective.push_back(by_index[0][i]);
      seconds.push_back(by_index[1][i]);
      c10.push_back(by_index[2][i]);
      in16.push_back(by_index[3][i]);
    }
    for (const std::string& name : kSix) scores.add_column(name, numbers(zc, name));
    scores.index();
  }

  TableRun run(const OptionMap& options, std::uint64_t seed, std::int64_t trials = 20) const {
    const auto searcher = find_plugin(searcher_plugins(), "searcher", "robot").make(options);
    return run_on_table(*searcher,
                        {.space = *space,
                         .objectives = {{"accuracy", true}},
                         .seed = seed,
                         .budget_trials = trials,
                         .scores = &scores},
                        scores, objective);
  }
};

std::size_t searching(const TableRun& run) {
  return static_cast<std::size_t>(std::count_if(
      run.reasons.begin(), run.reasons.end(),
      [](const std::string& reason) { return reason.starts_with("weights of step"); }));
}

// What the second part does with one score and its natural sign.
std::size_t best_of_twenty(const Nb201& nb201, const std::string& name) {
  std::vector<Architecture> pool = nb201.scores.pool();
  const std::vector<std::string> names = {name};
  const std::vector<double> scores = nb201.scores.scores(pool, names);
  const ScorePool ranking(pool, names, scores);
  std::vector<bool> seen(pool.size(), false);
  const double weight[] = {1};
  std::optional<std::size_t> best;
  for (int i = 0; i < 20; ++i) {
    const std::size_t row = ranking.first_unseen(weight, seen).value();
    seen[row] = true;
    if (!best || nb201.objective[row] > nb201.objective[*best]) best = row;
  }
  return *best;
}

}  // namespace

TEST_CASE("robot: scores are normalised over the pool; failed and missing ones add nothing") {
  std::vector<Architecture> pool;
  for (std::uint16_t i = 0; i < 5; ++i) pool.push_back({"toy", {i}});
  // Second score: constant, so it stays as it is. First: 0, 1/2, 1 and two without a value.
  const ScorePool scores(pool, {"a", "b"}, {10, 7, 15, 7, 20, 7, -1e8, 7, std::nan(""), 7});
  const double a[] = {1, 0}, minus_a[] = {-1, 0}, b[] = {0, 1}, none[] = {0, 0};
  CHECK(scores.first(a) == 2);
  // 0, -1/2, -1, 0, 0: of the equal ones the last.
  CHECK(scores.first(minus_a) == 4);
  CHECK(scores.first(b) == 4);
  CHECK(scores.first(none) == 4);
  CHECK(scores.first_unseen(a, {false, false, true, true, false}) == 1);
  CHECK_FALSE(scores.first_unseen(a, std::vector<bool>(5, true)).has_value());
}

TEST_CASE("robot: without scores it says what it needs, and names a score it does not know") {
  const ToySpace space({3, 3});
  const auto make = [](const OptionMap& options) {
    return find_plugin(searcher_plugins(), "searcher", "robot").make(options);
  };
  CHECK_THROWS_WITH_AS(make({})->start({.space = space, .objectives = {{"merit", true}}}),
                       doctest::Contains("needs zero-cost scores"), Error);
  TableScores scores;
  scores.add_row({"toy", {0, 0}});
  scores.add_column("synflow", {1});
  scores.index();
  CHECK_THROWS_WITH_AS(
      make({{"proxies", "synflo"}})
          ->start({.space = space, .objectives = {{"merit", true}}, .scores = &scores}),
      doctest::Contains("did you mean 'synflow'"), Error);
}

TEST_CASE("robot: every query is new, and the search for weights leaves some for the ranking") {
  const ToySpace space({6, 6, 6});
  TableScores scores;
  std::vector<double> good, bad, objective;
  for (const Architecture& architecture : architecture_pool(space, 1000, Rng({}))) {
    scores.add_row(architecture);
    objective.push_back(hill(architecture).merits[0]);
    good.push_back(objective.back() + architecture.choices[0]);
    bad.push_back(-architecture.choices[1]);
  }
  scores.add_column("good", good);
  scores.add_column("bad", bad);
  scores.index();
  const auto searcher = find_plugin(searcher_plugins(), "searcher", "robot").make({});
  const TableRun run = run_on_table(
      *searcher,
      {.space = space, .objectives = {{"merit", true}}, .budget_trials = 20, .scores = &scores},
      scores, objective);
  CHECK(run.rows.size() == 20);
  CHECK(std::set<std::size_t>(run.rows.begin(), run.rows.end()).size() == 20);
  CHECK(searching(run) >= 1);
  CHECK(searching(run) < 20);
  CHECK(objective[run.best] >= -1);
}

// RoBoT (arXiv:2403.07591), table 1: 94.36 / 73.51 / 46.34 with deviation 0. On the seed-averaged
// 12-epoch objective the best cell is 13714, the published one 9930 is second; both are right.
TEST_CASE("acceptance: RoBoT ends at cell 13714 or 9930 of NAS-Bench-201 for ten seeds of ten") {
  const auto tables = test_data("tab-nb201"), proxies = test_data("zc-nb201");
  if (tables.empty() || proxies.empty()) return;
  const Nb201 nb201(tables, proxies / "nb201_zc_cifar10.csv.gz");
  CHECK(nb201.index.size() == 9445);
  double cost_sum = 0, t0_sum = 0;
  for (std::uint64_t seed = 10; seed < 20; ++seed) {
    const TableRun run = nb201.run({}, seed);
    double cost = 0;
    for (const std::size_t row : run.rows) cost += nb201.seconds[row];
    const std::size_t t0 = searching(run);
    cost_sum += cost / 10;
    t0_sum += static_cast<double>(t0) / 10;
    CAPTURE(seed);
    const std::size_t cell = nb201.index[run.best];
    CHECK((cell == 13714 || cell == 9930));
    CHECK(nb201.c10[run.best] >= 94.36);
    CHECK(cost > 2000);
    CHECK(cost < 4000);
    CHECK(t0 >= 5);
    CHECK(t0 <= 13);
  }
  MESSAGE("cost " << cost_sum << " s, first part " << t0_sum << " queries");
  CHECK(t0_sum >= 6);
  CHECK(t0_sum <= 12);
}

// With the scores of ImageNet16-120 it is not as certain: of 40 seeds 31 end there.
TEST_CASE("acceptance: RoBoT on the scores of ImageNet16-120 mostly ends at the same cells") {
  const auto tables = test_data("tab-nb201"), proxies = test_data("zc-nb201");
  if (tables.empty() || proxies.empty()) return;
  const Nb201 nb201(tables, proxies / "nb201_zc_ImageNet16-120.csv.gz");
  int reached = 0;
  for (std::uint64_t seed = 10; seed < 20; ++seed) {
    const std::size_t cell = nb201.index[nb201.run({}, seed).best];
    reached += cell == 13714 || cell == 9930 ? 1 : 0;
  }
  MESSAGE(reached << " of 10 seeds");
  CHECK(reached >= 6);
}

// An independent computation on the same tables: best of the top 20 by one score alone.
TEST_CASE("acceptance: RoBoT with a single metric is the best of that metric's top 20") {
  const auto tables = test_data("tab-nb201"), proxies = test_data("zc-nb201");
  if (tables.empty() || proxies.empty()) return;
  const Nb201 cifar(tables, proxies / "nb201_zc_cifar10.csv.gz");
  const Nb201 imagenet(tables, proxies / "nb201_zc_ImageNet16-120.csv.gz");
  const std::map<std::string, std::pair<double, double>> expected = {
      {"synflow", {94.37, 46.33}}, {"jacov", {93.91, 44.03}},     {"snip", {91.64, 38.83}},
      {"grasp", {91.41, 37.42}},   {"grad_norm", {91.09, 37.00}}, {"fisher", {91.09, 38.83}}};
  for (const auto& [name, accuracies] : expected) {
    CAPTURE(name);
    const std::size_t best = best_of_twenty(cifar, name);
    CHECK(std::abs(cifar.c10[best] - accuracies.first) < 0.006);
    const std::size_t other = best_of_twenty(imagenet, name);
    CHECK(std::abs(imagenet.in16[other] - accuracies.second) < 0.006);
  }
}

// Mean ranks of an independent computation with T = 30 and ten seeds; random search reaches 22.4 to
// 23.6, so that the method does not help on the last two. One seed of forty ends far off in
// class_scene, and class_object is as wide as its bound, hence forty here.
TEST_CASE("acceptance: RoBoT on the sample of TransNAS-Bench-101 with six scores and no synflow") {
  const auto folder = test_data("zc-suite-zero");
  if (folder.empty()) return;
  const CsvTable csv = csv_of(folder / "sample711_tnb101_micro.csv.gz");
  const ToySpace space({4, 4, 4, 4, 4, 4});
  const std::map<std::string, std::pair<double, double>> expected = {{"class_scene", {4.4, 5}},
                                                                     {"room_layout", {12.2, 10}},
                                                                     {"jigsaw", {22.9, 10}},
                                                                     {"class_object", {83.3, 40}}};
  for (const auto& [task, reference] : expected) {
    TableScores scores;
    std::vector<double> objective;
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < csv.rows(); ++i) {
      if (csv.at(i, csv.column("task")) != task) continue;
      rows.push_back(i);
      Architecture architecture{"toy", {}};
      for (const char c : csv.at(i, csv.column("arch"))) {  // "(1, 0, 0, 2, 1, 0)"
        if (c >= '0' && c <= '3') {
          architecture.choices.push_back(static_cast<std::uint16_t>(c - '0'));
        }
      }
      scores.add_row(architecture);
      objective.push_back(parse_double(csv.at(i, csv.column("val_accuracy"))).value());
    }
    REQUIRE(rows.size() == 711);
    for (const std::string name : {"fisher", "grad_norm", "grasp", "jacov", "l2_norm", "snip"}) {
      std::vector<double> values;
      for (const std::size_t i : rows) {
        values.push_back(parse_double(csv.at(i, csv.column(name))).value_or(std::nan("")));
      }
      scores.add_column(name, values);
    }
    scores.index();
    double rank = 0;
    for (std::uint64_t seed = 10; seed < 50; ++seed) {
      const auto searcher = find_plugin(searcher_plugins(), "searcher", "robot")
                                .make({{"proxies", "fisher+grad_norm+grasp+jacov+l2_norm+snip"}});
      const TableRun run = run_on_table(*searcher,
                                        {.space = space,
                                         .objectives = {{"accuracy", true}},
                                         .seed = seed,
                                         .budget_trials = 30,
                                         .scores = &scores},
                                        scores, objective);
      const auto ahead = std::count_if(objective.begin(), objective.end(),
                                       [&](double value) { return value > objective[run.best]; });
      rank += static_cast<double>(1 + ahead) / 40;
    }
    MESSAGE(task << ": mean rank " << rank);
    CHECK(std::abs(rank - reference.first) <= reference.second);
  }
}
