#include <doctest/doctest.h>

#include <cmath>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "searchers/registry.h"
#include "tests/searchers/toy_study.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

// Accuracy and cost of all 15,625 cells, by the six operations read as a number of base 5.
struct Table {
  std::vector<double> accuracy = std::vector<double>(15'625);
  std::vector<double> seconds = std::vector<double>(15'625);
};

std::size_t row_of(const Architecture& architecture) {
  std::size_t row = 0;
  for (const std::uint16_t choice : architecture.choices) row = row * 5 + choice;
  return row;
}

Table read_table(const std::filesystem::path& path) {
  const CsvTable csv = CsvTable::parse(read_file(path), path.string());
  Table table;
  for (std::size_t i = 0; i < csv.rows(); ++i) {
    Architecture architecture{"toy", {}};
    for (const char digit : csv.at(i, csv.column("ops"))) {
      architecture.choices.push_back(static_cast<std::uint16_t>(digit - '0'));
    }
    const std::size_t row = row_of(architecture);
    table.accuracy[row] = parse_double(csv.at(i, csv.column("c10_valid_12ep"))).value();
    table.seconds[row] = parse_double(csv.at(i, csv.column("cost_12ep_s"))).value();
  }
  return table;
}

struct Outcomes {
  double accuracy = 0;  ///< mean over the seeds of the best one met
  double queries = 0;   ///< mean number of trainings
};

// Simulated studies of `budget_s` seconds of training; the last one may overshoot.
Outcomes simulate(const Table& table, const ToyStudy& base, double budget_s, int seeds) {
  const ToySpace space({5, 5, 5, 5, 5, 5});
  Outcomes outcomes;
  for (int seed = 0; seed < seeds; ++seed) {
    ToyStudy study = base;
    study.seed = static_cast<std::uint64_t>(seed);
    const std::unique_ptr<Searcher> searcher = started(study, space);
    double spent = 0, best = 0;
    std::int64_t number = 0;
    for (; spent < budget_s; ++number) {
      const Proposal proposal = searcher->ask(number).value();
      const std::size_t row = row_of(proposal.architecture);
      best = std::max(best, table.accuracy[row]);
      spent += table.seconds[row];
      tell(*searcher, {number, proposal.architecture, "", {.merits = {table.accuracy[row]}}});
    }
    outcomes.accuracy += best / seeds;
    outcomes.queries += static_cast<double>(number) / seeds;
  }
  return outcomes;
}

}  // namespace

// The reference is a simulation on the same table (500 seeds, 12,000 s, CIFAR-10 validation after
// 12 epochs) that agrees with NATS-Bench (arXiv 2009.00437, table IV) within 0.05 points. It draws
// a node first when it mutates, so evolution gets a wider tolerance than three standard errors.
TEST_CASE("acceptance: searchers reach the published accuracies on NAS-Bench-201") {
  const auto folder = test_data("tab-nb201");
  if (folder.empty()) return;
  const Table table = read_table(folder / "nb201_tss.csv.gz");
  struct Reference {
    ToyStudy study;
    double accuracy, tolerance, queries;
  };
  const std::vector<Reference> references = {
      {{.searcher = "random", .options = {{"repeats", "true"}}}, 83.75, 0.08, 109.9},
      {{.searcher = "evolution", .options = {{"repeats", "true"}}}, 84.20, 0.15, 103.1},
      {{.searcher = "local", .options = {{"move", "first"}}}, 84.69, 0.08, 94.2},
      {{.searcher = "local", .options = {{"move", "best"}}}, 84.55, 0.08, 98.1},
      {{.searcher = "local", .options = {{"initial", "1"}}}, 84.65, 0.08, 93.4},
  };
  for (const Reference& reference : references) {
    const Outcomes outcomes = simulate(table, reference.study, 12'000, 500);
    CAPTURE(reference.study.searcher);
    MESSAGE(reference.study.searcher << ": " << outcomes.accuracy << " % after " << outcomes.queries
                                     << " trainings");
    CHECK(std::abs(outcomes.accuracy - reference.accuracy) < reference.tolerance);
    CHECK(std::abs(outcomes.queries - reference.queries) < 3);
  }
}
