#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"
#include "tests/model_searchers/table_scores.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

struct Cells {
  std::unique_ptr<SearchSpace> space =
      find_plugin(space_plugins(), "space", "nasbench201").make({});
  TableScores scores;
  std::vector<double> valid;  // CIFAR-10 after 12 epochs, by official index

  explicit Cells(const std::filesystem::path& path) {
    const CsvTable csv = CsvTable::parse(read_file(path), path.string());
    const auto* indexed = dynamic_cast<const IndexedSpace*>(space.get());
    const std::size_t column = csv.column("c10_valid_12ep");
    for (std::size_t i = 0; i < csv.rows(); ++i) {
      scores.add_row(indexed->at(i));
      valid.push_back(parse_double(csv.at(i, column)).value());
    }
    scores.index();
  }

  // Mean over seeds of the best of so many queries.
  double best(const std::string& name, const OptionMap& options, int seeds,
              std::int64_t queries) const {
    double sum = 0;
    for (int seed = 0; seed < seeds; ++seed) {
      const auto searcher = find_plugin(searcher_plugins(), "searcher", name).make(options);
      const TableRun run = run_on_table(*searcher,
                                        {.space = *space,
                                         .objectives = {{"accuracy", true}},
                                         .seed = static_cast<std::uint64_t>(seed),
                                         .budget_trials = queries,
                                         .predictors = make_predictor},
                                        scores, valid);
      sum += valid[run.best] / seeds;
    }
    return sum;
  }
};

}  // namespace

TEST_CASE("learning searchers: without predictors, and for bad settings, one line says so") {
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  for (const std::string name : {"bananas", "bayesian", "predictor_guided"}) {
    const auto searcher = find_plugin(searcher_plugins(), "searcher", name).make({});
    CHECK_THROWS_WITH_AS(searcher->start({.space = *space, .objectives = {{"accuracy", true}}}),
                         doctest::Contains("no predictors"), Error);
  }
  const auto bananas = [](const OptionMap& options) {
    return find_plugin(searcher_plugins(), "searcher", "bananas").make(options);
  };
  CHECK_THROWS_AS(bananas({{"settings", "width"}}), Error);
  const SearchSetup setup{
      .space = *space, .objectives = {{"accuracy", true}}, .predictors = make_predictor};
  CHECK_THROWS_WITH_AS(bananas({{"predictor", "mpl"}})->start(setup),
                       doctest::Contains("did you mean 'mlp'"), Error);
  CHECK_THROWS_WITH_AS(bananas({{"scores", "synflow"}})->start(setup),
                       doctest::Contains("no zero-cost scores"), Error);
}

TEST_CASE("predictor_guided: the random share of a batch is what is asked for") {
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  const std::map<std::string, std::int64_t> predicted_of_ten = {
      {"0", 10}, {"0.3", 7}, {"0.7", 3}, {"0.9", 1}, {"1", 0}};
  for (const auto& [share, expected] : predicted_of_ten) {
    const auto searcher = find_plugin(searcher_plugins(), "searcher", "predictor_guided")
                              .make({{"initial", "4"}, {"pool", "50"}, {"random_share", share}});
    searcher->start(
        {.space = *space, .objectives = {{"accuracy", true}}, .predictors = make_predictor});
    std::int64_t predicted = 0;
    for (std::int64_t number = 0; number < 14; ++number) {
      const std::optional<Proposal> proposal = searcher->ask(number);
      REQUIRE(proposal.has_value());
      predicted += proposal->reason.starts_with("predicted by") ? 1 : 0;
      const double merit = static_cast<double>(proposal->architecture.choices[0]);
      searcher->tell(
          {number, proposal->architecture, Outcome::kComplete, std::vector{merit}, 0, 0});
    }
    CAPTURE(share);
    CHECK(predicted == expected);
  }
}

// Sanity at equal numbers of queries; random search reaches 83.7 after a hundred of them, and no
// method that learns may be worse. Few seeds: the deviation of one run is about 0.5.
TEST_CASE("acceptance: searchers that learn beat random search on NAS-Bench-201") {
  const auto folder = test_data("tab-nb201");
  if (folder.empty()) return;
  const Cells cells(folder / "nb201_tss.csv.gz");
  constexpr std::int64_t kQueries = 100;
  const double random = cells.best("random", {}, 200, kQueries);
  MESSAGE("random: " << random);
  struct Case {
    std::string name;
    OptionMap options;
    int seeds;
  };
  // The published sizes take a minute a fit.
  const std::string small = "width=48;epochs=120;batch=16;learning_rate=2e-3";
  const std::vector<Case> cases = {
      {"bananas", {}, 4},
      {"bananas", {{"predictor", "xgboost"}, {"acquisition", "mean"}}, 8},
      {"bayesian", {}, 6},
      {"bayesian", {{"encoding", "path"}, {"kernel", "matern52"}}, 4},
      {"predictor_guided", {}, 8},
      {"predictor_guided",
       {{"predictor", "gcn"}, {"settings", small}, {"initial", "40"}, {"batch", "20"}},
       2},
      {"predictor_guided",
       {{"predictor", "brp"},
        {"settings", small},
        {"initial", "40"},
        {"batch", "20"},
        {"random_share", "0.5"}},
       2},
  };
  for (const Case& test : cases) {
    const double best = cells.best(test.name, test.options, test.seeds, kQueries);
    std::string options;
    for (const auto& [key, value] : test.options) options += " " + key + "=" + value;
    MESSAGE(test.name << options << ": " << best << " (" << test.seeds << " seeds)");
    CAPTURE(test.name);
    CAPTURE(options);
    CHECK(best > random);
  }
}
