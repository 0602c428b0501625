#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "app/simulation/simulation.h"
#include "core/util/statistics.h"
#include "searchers/registry.h"
#include "tests/app/simulation/tables.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

struct Reference {
  double budget_s;
  const char* searcher;
  OptionMap options;
  double valid, valid_deviation;
  double c10, c10_deviation, c100, c100_deviation, in16, in16_deviation;
  double queries;
};

const OptionMap kRepeats{{"repeats", "true"}};
const OptionMap kEvolution{{"repeats", "true"}, {"mutation", "node"}};
const OptionMap kSlow{{"repeats", "true"}, {"rate", "0.001"}};
const OptionMap kFull{{"move", "best"}};
const OptionMap kOne{{"initial", "1"}};

// Simulations on the same table, 500 seeds, by an independent implementation of the published
// settings; they agree with NATS-Bench (arXiv 2009.00437, table IV) within 0.05 points.
const Reference kReferences[] = {
    {12'000, "random", kRepeats, 83.75, .58, 93.75, .34, 71.20, 1.08, 44.79, 1.18, 109.9},
    {12'000, "evolution", kEvolution, 84.20, .69, 93.94, .39, 71.95, 1.18, 45.49, 1.16, 103.1},
    {12'000, "reinforce", kRepeats, 83.84, .49, 93.80, .30, 71.35, 1.02, 44.90, 1.15, 107.6},
    {12'000, "reinforce", kSlow, 83.77, .52, 93.75, .32, 71.17, 1.02, 44.74, 1.16, 109.6},
    {12'000, "local", {}, 84.69, .31, 94.21, .25, 72.68, .82, 45.90, .82, 94.2},
    {12'000, "local", kFull, 84.55, .41, 94.12, .29, 72.43, 1.01, 45.66, .97, 98.1},
    {12'000, "local", kOne, 84.65, .34, 94.18, .26, 72.61, .84, 45.84, .83, 93.4},
    {20'000, "random", kRepeats, 84.02, .43, 93.89, .26, 71.61, .97, 45.19, 1.05, 182.9},
    {20'000, "evolution", kEvolution, 84.45, .46, 94.07, .30, 72.35, 1.00, 45.78, .99, 169.5},
    {20'000, "reinforce", kRepeats, 84.11, .38, 93.93, .24, 71.74, .93, 45.37, 1.01, 176.4},
    {20'000, "local", {}, 84.83, .18, 94.31, .16, 72.98, .41, 46.20, .44, 156.4},
    {20'000, "local", kFull, 84.75, .27, 94.24, .22, 72.80, .68, 46.01, .69, 160.8},
};

const char* const kTests[] = {"accuracy:dataset=cifar10,split=test,epochs=200",
                              "accuracy:dataset=cifar100,split=test,epochs=200",
                              "accuracy:dataset=ImageNet16-120,split=test,epochs=200"};

// Three standard errors of the reference, a mean of 500 seeds of two decimals. Ours is of 5,000, so
// that its own error hardly counts.
void check_mean(const char* what, const std::vector<double>& values, double expected,
                double deviation) {
  const double error = deviation / std::sqrt(500.0);
  CAPTURE(what);
  CAPTURE(expected);
  CHECK(std::abs(mean(values) - expected) < 3 * error + 0.005);  // the reference has two decimals
}

}  // namespace

TEST_CASE("acceptance: searchers in published settings reach their accuracies on NAS-Bench-201") {
  const auto folder = test_data("tab-nb201");
  if (folder.empty()) return;
  const Benchmark table = nasbench201_table(folder);
  const auto space = space_of("nasbench201");
  const auto start = std::chrono::steady_clock::now();
  for (const Reference& reference : kReferences) {
    SimulationConfig config;
    config.objectives = {"accuracy:split=valid,epochs=12"};
    config.cost = "training_seconds";
    config.budget_seconds = reference.budget_s;
    config.report = {std::begin(kTests), std::end(kTests)};
    const Simulation simulation(table, *space, config);
    const auto& plugin = find_plugin(searcher_plugins(), "searcher", reference.searcher);
    const auto runs =
        simulate(simulation, reference.searcher, [&] { return plugin.make(reference.options); },
                 {.runs = 5000, .seed = 0});
    std::vector<double> valid, c10, c100, in16, queries, microseconds;
    for (const SimulatedRun& run : runs) {
      valid.push_back(run.trajectory.back().value);
      c10.push_back(run.report[0]);
      c100.push_back(run.report[1]);
      in16.push_back(run.report[2]);
      queries.push_back(static_cast<double>(run.queries));
      microseconds.push_back(run.wall_microseconds);
    }
    CAPTURE(std::string(reference.searcher));
    CAPTURE(reference.budget_s);
    MESSAGE(std::string(reference.searcher)
            << " " << reference.budget_s << " s: " << mean(valid) << " +- "
            << sample_deviation(valid) << ", " << mean(c10) << ", " << mean(c100) << ", "
            << mean(in16) << ", queries " << mean(queries) << ", " << mean(microseconds)
            << " us a query");
    check_mean("validation", valid, reference.valid, reference.valid_deviation);
    check_mean("CIFAR-10", c10, reference.c10, reference.c10_deviation);
    check_mean("CIFAR-100", c100, reference.c100, reference.c100_deviation);
    check_mean("ImageNet16-120", in16, reference.in16, reference.in16_deviation);
    CHECK(std::abs(mean(queries) - reference.queries) < 2);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  MESSAGE("the whole table: " << seconds.count() << " s");
  CHECK(seconds.count() < 60);
}

// NATS-Bench (table IV) and NAS-Bench-201 (table 5): cells that published searches ended in.
TEST_CASE("acceptance: the cells of published searches have their published accuracies") {
  const auto folder = test_data("tab-nb201");
  if (folder.empty()) return;
  const Benchmark table = nasbench201_table(folder);
  struct Known {
    std::size_t index;
    double c10, c100, in16;  // NaN: not stated
    double tolerance = 0.0001;
  };
  const double none = std::nan("");
  const Known known[] = {{1462, 93.7600, 71.1067, 41.4444},  {6960, none, none, 39.40, 0.005},
                         {3928, 93.6067, none, none},        {138, 93.6733, none, none},
                         {6168, 92.4150, none, none},        {1835, 54.2967, 15.6067, 16.3222},
                         {6223, 87.64, 58.64, 31.43, 0.005}, {11472, 93.91, 70.89, 44.23, 0.005},
                         {11342, 57.17, 11.60, 14.76, 0.005}};
  for (const Known& cell : known) {
    const double expected[] = {cell.c10, cell.c100, cell.in16};
    for (std::size_t i = 0; i < 3; ++i) {
      if (std::isnan(expected[i])) continue;
      CAPTURE(cell.index);
      CHECK(std::abs(table.value(table.column(kTests[i]), cell.index) - expected[i]) <=
            cell.tolerance);
    }
  }
}

// What the tables hold at their best (NATS-Bench, arXiv:2009.00437), and how well one training
// speaks for another: numbers that a mixed-up row or column would change.
TEST_CASE("acceptance: the best cells of NAS-Bench-201 and the order of its trainings") {
  const auto folder = test_data("tab-nb201");
  if (folder.empty()) return;
  const Benchmark table = nasbench201_table(folder);
  struct Best {
    const char* column;
    double value;
    std::vector<std::size_t> rows;
  };
  const Best bests[] = {
      {"accuracy:dataset=cifar10-valid,split=valid,epochs=12", 84.892, {13714}},
      {"accuracy:dataset=cifar10-valid,split=valid,epochs=200", 91.6067, {6111}},
      {kTests[0], 94.3733, {6111, 13714}},
      {kTests[1], 73.5133, {9930}},
      {kTests[2], 47.3111, {857}},
  };
  for (const Best& best : bests) {
    CAPTURE(std::string(best.column));
    const auto values = table.values(table.column(best.column));
    const double largest = *std::max_element(values.begin(), values.end());
    CHECK(std::abs(largest - best.value) < 0.00006);
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (values[row] == largest) rows.push_back(row);
    }
    CHECK(rows == best.rows);
  }
  const auto test = table.values(table.column(kTests[0]));
  const auto full = table.values(table.column(bests[1].column));
  const auto brief = table.values(table.column(bests[0].column));
  CHECK(std::abs(kendall_tau_b(full, test).value() - .892) < 0.00051);
  CHECK(std::abs(spearman(brief, test).value() - .772) < 0.00051);
}

// The columns of 12 and 200 epochs are two trainings, not points of one; the rungs are honest about
// that only because `stored_epochs` must be asked for.
TEST_CASE("acceptance: Hyperband and BOHB on the two trainings that the table has") {
  const auto folder = test_data("tab-nb201");
  if (folder.empty()) return;
  const Benchmark table = nasbench201_table(folder);
  const auto space = space_of("nasbench201");
  SimulationConfig config;
  config.objectives = {"accuracy:dataset=cifar10-valid,split=valid,epochs=200"};
  config.cost = "training_seconds";
  config.budget_seconds = 100'000;
  config.report = {kTests[0]};
  for (const char* name : {"hyperband", "bohb", "asha", "successive_halving"}) {
    CAPTURE(name);
    const auto& plugin = find_plugin(searcher_plugins(), "searcher", name);
    const auto make = [&] { return plugin.make({{"min_epochs", "12"}}); };
    const Simulation strict(table, *space, config);
    CHECK_THROWS_WITH_AS(simulate(strict, name, make, {.runs = 1}),
                         doctest::Contains("learning curves"), Error);
    SimulationConfig lenient = config;
    lenient.stored_epochs = true;
    const auto runs = simulate(Simulation(table, *space, lenient), name, make, {.runs = 100});
    const auto random = simulate(
        Simulation(table, *space, lenient), "random",
        [] { return find_plugin(searcher_plugins(), "searcher", "random").make(kRepeats); },
        {.runs = 100});
    std::vector<double> accuracy, baseline;
    for (const SimulatedRun& run : runs) accuracy.push_back(run.report[0]);
    for (const SimulatedRun& run : random) baseline.push_back(run.report[0]);
    MESSAGE(std::string(name) << ": " << mean(accuracy) << ", random search of full trainings "
                              << mean(baseline));
    CHECK(mean(accuracy) > mean(baseline));
  }
}
