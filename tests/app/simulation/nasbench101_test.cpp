#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "app/simulation/simulation.h"
#include "core/util/statistics.h"
#include "searchers/registry.h"
#include "tests/app/simulation/tables.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

// The reference (30 seeds) has the mean test accuracy as its objective, on the 21 bits and five
// operations of NAS-Bench-101's space A; deviations are about 0.19, so 0.1 is two to three standard
// errors of the reference.
TEST_CASE("acceptance: random search and evolution reach their accuracies on NAS-Bench-101") {
  const auto folder = test_data("tab-nb101");
  if (folder.empty()) return;
  const Benchmark table = nasbench101_table(folder);
  const auto space = space_of("nasbench101");
  struct Reference {
    const char* searcher;
    OptionMap options;
    double accuracy[3];  // after 150, 300 and 500 queries
  };
  const Reference references[] = {
      {"random", {{"repeats", "true"}}, {93.678, 93.789, 93.863}},
      {"evolution",
       {{"repeats", "true"}, {"population", "100"}, {"tournament", "10"}},
       {93.767, 93.973, 94.065}},
      {"evolution",
       {{"repeats", "true"}, {"population", "30"}, {"tournament", "10"}},
       {93.886, 93.945, 93.965}},
  };
  SimulationConfig config;
  config.objectives = {"accuracy"};
  config.budget_queries = 500;
  const Simulation simulation(table, *space, config);
  CHECK(simulation.best_objective() == doctest::Approx(94.3176).epsilon(1e-6));
  // Cells of at least 94.0, 93.5 and 93.0 %.
  const auto accuracies = table.values(table.column("accuracy"));
  const auto at_least = [&accuracies](double limit) {
    return std::count_if(accuracies.begin(), accuracies.end(),
                         [limit](double value) { return value >= limit; });
  };
  CHECK(at_least(94.0) == 52);
  CHECK(at_least(93.5) == 4364);
  CHECK(at_least(93.0) == 27362);
  for (const Reference& reference : references) {
    const auto& plugin = find_plugin(searcher_plugins(), "searcher", reference.searcher);
    const auto runs = simulate(simulation, reference.searcher,
                               [&] { return plugin.make(reference.options); }, {.runs = 100});
    const std::int64_t queries[] = {150, 300, 500};
    for (std::size_t i = 0; i < 3; ++i) {
      std::vector<double> best;
      for (const SimulatedRun& run : runs) {
        double value = 0;
        for (const Incumbent& incumbent : run.trajectory) {
          if (incumbent.query <= queries[i]) value = incumbent.value;
        }
        best.push_back(value);
        CHECK(run.absent == 0);
      }
      MESSAGE(std::string(reference.searcher)
              << " after " << queries[i] << ": " << mean(best) << " +- " << sample_deviation(best)
              << ", expected " << reference.accuracy[i]);
      CHECK(std::abs(mean(best) - reference.accuracy[i]) < 0.1);
    }
  }
}
