#include "app/simulation/simulation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/util/text.h"
#include "searchers/registry.h"
#include "tests/app/simulation/tables.h"

using namespace nas;
using namespace nas::test;

namespace {

BenchmarkColumn described(std::string metric, std::string split, std::int64_t epochs,
                          bool maximize) {
  BenchmarkColumn column;
  column.metric = std::move(metric);
  column.split = std::move(split);
  column.epochs = epochs;
  column.maximize = maximize;
  return column;
}

double score(const Architecture& architecture) {
  double sum = 0;
  for (const std::uint16_t choice : architecture.choices) {
    sum -= (choice - 3.0) * (choice - 3.0);
  }
  return sum;
}

// All cells with accuracies of their own, for every epoch of 9; a query costs 10 s.
Benchmark hill_table() {
  const auto space = space_of("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  BenchmarkInfo info;
  info.name = "hill";
  info.space = "nasbench201";
  Benchmark benchmark(info);
  std::vector<std::string> texts;
  std::vector<double> valid, test, error, curve;
  for (std::uint64_t i = 0; i < indexed.size(); ++i) {
    const Architecture architecture = indexed.at(i);
    texts.push_back(space->format(architecture));
    valid.push_back(score(architecture));
    test.push_back(1000 + static_cast<double>(i));
    error.push_back(-score(architecture));
    for (int epoch = 1; epoch <= 9; ++epoch) curve.push_back(score(architecture) - (9 - epoch));
  }
  benchmark.set_rows(std::move(texts));
  const std::size_t rows = benchmark.rows();
  benchmark.add_column(described("accuracy", "valid", 9, true), std::move(valid));
  benchmark.add_column(described("accuracy", "test", 90, true), std::move(test));
  benchmark.add_column(described("error", "valid", 9, false), std::move(error));
  BenchmarkColumn wide = described("accuracy_curve", "valid", 9, true);
  wide.width = 9;
  benchmark.add_column(wide, std::move(curve));
  benchmark.add_column(described("training_seconds", "", 9, false), std::vector<double>(rows, 10));
  return benchmark;
}

const Benchmark& hill() {
  static const Benchmark table = hill_table();
  return table;
}

SimulationConfig config_of(double seconds, std::int64_t queries) {
  SimulationConfig config;
  config.objectives = {"accuracy:split=valid"};
  config.cost = "training_seconds";
  config.budget_seconds = seconds;
  config.budget_queries = queries;
  config.report = {"accuracy:split=test"};
  return config;
}

std::function<std::unique_ptr<Searcher>()> maker(const std::string& name, OptionMap options = {}) {
  return
      [name, options] { return find_plugin(searcher_plugins(), "searcher", name).make(options); };
}

std::vector<SimulatedRun> run(const Benchmark& table, const SimulationConfig& config,
                              const std::string& name, OptionMap options = {},
                              SimulationBatch batch = {.runs = 1}) {
  static const auto space = space_of("nasbench201");
  return simulate(Simulation(table, *space, config), name, maker(name, std::move(options)), batch);
}

/// Proposes what it is given, then nothing; keeps what it is told.
class Script final : public Searcher {
 public:
  struct Heard {
    Outcome outcome;
    std::vector<double> merits;
    std::int64_t epochs;
  };
  Script(std::vector<Proposal> proposals, std::vector<Heard>* heard)
      : proposals_(std::move(proposals)), heard_(heard) {}
  void start(const SearchSetup&) override {}
  std::optional<Proposal> ask(std::int64_t number) override {
    const auto at = static_cast<std::size_t>(number);
    return at < proposals_.size() ? std::optional(proposals_[at]) : std::nullopt;
  }
  void tell(const Told& told) override {
    heard_->push_back({told.outcome, {told.merits.begin(), told.merits.end()}, told.epochs});
  }

 private:
  std::vector<Proposal> proposals_;
  std::vector<Heard>* heard_;
};

Proposal cell(std::uint64_t index, std::int64_t epochs = 0) {
  const auto space = space_of("nasbench201");
  return {dynamic_cast<const IndexedSpace&>(*space).at(index), "scripted", epochs};
}

}  // namespace

TEST_CASE("simulation: the budget is tested after the query, which may overshoot") {
  const SimulatedRun timed = run(hill(), config_of(95, 0), "random")[0];
  CHECK(timed.queries == 10);
  CHECK(timed.seconds == 100);
  const SimulatedRun counted = run(hill(), config_of(0, 7), "random")[0];
  CHECK(counted.queries == 7);
  SimulationConfig slower = config_of(95, 0);
  slower.evaluation_seconds = 10;
  CHECK(run(hill(), slower, "random")[0].queries == 5);
}

TEST_CASE("simulation: the answer is the best objective met, reported columns are of its row") {
  for (const char* name : {"random", "evolution", "local", "reinforce", "nsga2"}) {
    CAPTURE(name);
    const SimulatedRun result = run(hill(), config_of(0, 80), name)[0];
    REQUIRE_FALSE(result.trajectory.empty());
    const Incumbent& answer = result.trajectory.back();
    CHECK(result.report[0] == 1000 + static_cast<double>(answer.row));
    CHECK(answer.value == hill().value(hill().column("accuracy:split=valid"), answer.row));
    for (std::size_t i = 1; i < result.trajectory.size(); ++i) {
      CHECK(result.trajectory[i].value > result.trajectory[i - 1].value);
      CHECK(result.trajectory[i].query > result.trajectory[i - 1].query);
      CHECK(result.trajectory[i].seconds == 10 * static_cast<double>(result.trajectory[i].query));
    }
  }
}

TEST_CASE("simulation: what is smaller the better is searched downwards") {
  SimulationConfig config = config_of(0, 100);
  config.objectives = {"error"};
  const SimulatedRun down = run(hill(), config, "local")[0];
  const SimulatedRun up = run(hill(), config_of(0, 100), "local")[0];
  CHECK(down.trajectory.back().value == -up.trajectory.back().value);
  CHECK(down.trajectory.back().row == up.trajectory.back().row);
}

TEST_CASE("simulation: rows that meet a condition are counted, each once") {
  SimulationConfig config = config_of(0, 300);
  config.found = "accuracy:split=valid >= -8";
  const auto& valid = hill().values(hill().column("accuracy:split=valid"));
  const auto many = std::count_if(valid.begin(), valid.end(), [](double v) { return v >= -8; });
  const auto space = space_of("nasbench201");
  CHECK(Simulation(hill(), *space, config).table_found() == static_cast<std::size_t>(many));
  const SimulatedRun random = run(hill(), config, "random", {{"pool", "true"}})[0];
  // A random row is a hit as often as one of the table.
  const double expected = 300.0 * static_cast<double>(many) / static_cast<double>(valid.size());
  CHECK(std::abs(random.report.back() - expected) < 4 * std::sqrt(expected));
  config.found = "accuracy:split=valid >= 1000";
  CHECK(run(hill(), config, "random")[0].report.back() == 0);
  config.found = "accuracy_curve >= 1";
  CHECK_THROWS_WITH(Simulation(hill(), *space, config), doctest::Contains("several values"));
}

TEST_CASE("simulation: runs depend on their seeds alone, not on threads") {
  const auto one = run(hill(), config_of(0, 60), "evolution", {}, {.runs = 20, .threads = 1});
  const auto four = run(hill(), config_of(0, 60), "evolution", {}, {.runs = 20, .threads = 4});
  const auto later =
      run(hill(), config_of(0, 60), "evolution", {}, {.runs = 5, .seed = 3, .threads = 1});
  bool differ = false;
  for (std::size_t i = 0; i < one.size(); ++i) {
    CHECK(one[i].trajectory.back().row == four[i].trajectory.back().row);
    CHECK(one[i].trajectory.size() == four[i].trajectory.size());
    differ = differ || one[i].trajectory.back().row != one[0].trajectory.back().row;
  }
  CHECK(differ);
  for (std::size_t i = 0; i < later.size(); ++i) {
    CHECK(later[i].trajectory.back().row == one[i + 3].trajectory.back().row);
  }
}

TEST_CASE("simulation: missing and failed values are failed trials, absent rows cost nothing") {
  const auto space = space_of("nasbench201");
  BenchmarkInfo info;
  info.name = "holes";
  info.space = "nasbench201";
  Benchmark table(info);
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < 4; ++i) {
    texts.push_back(space->format(dynamic_cast<const IndexedSpace&>(*space).at(i)));
  }
  table.set_rows(std::move(texts));
  table.add_column(described("accuracy", "valid", 9, true),
                   {std::nan(""), -std::numeric_limits<double>::infinity(), 50, 40});
  table.add_column(described("training_seconds", "", 9, false), {1, 2, 4, 8});
  SimulationConfig config = config_of(0, 100);
  config.report = {};
  std::vector<Script::Heard> heard;
  Script script({cell(0), cell(1), cell(3), cell(2), cell(5)}, &heard);
  const SimulatedRun result = Simulation(table, *space, config).run(script, "script", 0);
  CHECK(result.failed == 3);
  CHECK(result.absent == 1);
  CHECK(result.seconds == 15);
  CHECK(result.exhausted);
  CHECK(result.trajectory.size() == 2);
  CHECK(result.trajectory.back().value == 50);
  REQUIRE(heard.size() == 5);
  CHECK(heard[0].outcome == Outcome::kFailed);
  CHECK(heard[1].outcome == Outcome::kFailed);
  CHECK(heard[2].merits == std::vector<double>{40});
  CHECK(heard[4].outcome == Outcome::kFailed);
}

TEST_CASE("simulation: repeats are charged, or free when asked for") {
  const auto space = space_of("nasbench201");
  for (const bool free : {false, true}) {
    SimulationConfig config = config_of(0, 100);
    config.free_repeats = free;
    std::vector<Script::Heard> heard;
    Script script({cell(1), cell(2), cell(1), cell(1)}, &heard);
    const SimulatedRun result = Simulation(hill(), *space, config).run(script, "script", 0);
    CHECK(result.repeats == 2);
    CHECK(result.queries == (free ? 2 : 4));
    CHECK(result.seconds == (free ? 20 : 40));
    CHECK(heard.size() == 4);
  }
}

TEST_CASE("simulation: a learning curve answers for fewer epochs, at their part of the cost") {
  const auto space = space_of("nasbench201");
  std::vector<Script::Heard> heard;
  Script script({cell(7, 3), cell(7, 9), cell(7)}, &heard);
  const SimulatedRun result = Simulation(hill(), *space, config_of(0, 9)).run(script, "script", 0);
  const double full = hill().value(hill().column("accuracy:split=valid"), 7);
  CHECK(heard[0].merits == std::vector<double>{full - 6});
  CHECK(heard[0].epochs == 3);
  CHECK(heard[1].merits == std::vector<double>{full});
  CHECK(heard[2].merits == std::vector<double>{full});
  CHECK(result.seconds == doctest::Approx(10.0 / 3 + 10 + 10));
}

TEST_CASE("simulation: Hyperband on learning curves beats random search for equal seconds") {
  const auto random = run(hill(), config_of(400, 0), "random", {}, {.runs = 50});
  const auto hyperband = run(hill(), config_of(400, 0), "hyperband", {}, {.runs = 50});
  double difference = 0;
  for (std::size_t i = 0; i < random.size(); ++i) {
    const auto answer = [](const SimulatedRun& result) {
      return hill().value(hill().column("accuracy:split=valid"), result.trajectory.back().row);
    };
    difference += (answer(hyperband[i]) - answer(random[i])) / 50;
    CHECK(hyperband[i].queries > 60);
    CHECK(random[i].queries == 40);
  }
  CHECK(difference > 0);
}

TEST_CASE("simulation: a table without curves refuses, and says what it has") {
  Benchmark flat = hill_table();
  Benchmark table(flat.info());
  table.set_rows({flat.texts().begin(), flat.texts().end()});
  for (const std::string query :
       {"accuracy:split=valid", "accuracy:split=test", "training_seconds"}) {
    const std::size_t column = flat.column(query);
    table.add_column(flat.columns()[column],
                     {flat.values(column).begin(), flat.values(column).end()});
  }
  CHECK_THROWS_WITH_AS(run(table, config_of(100, 0), "hyperband"),
                       doctest::Contains("after 1 epochs, only after 9"), Error);
  SimulationConfig lenient = config_of(100, 0);
  lenient.stored_epochs = true;
  CHECK(run(table, lenient, "hyperband")[0].seconds == 100);  // every rung is the stored training
}

TEST_CASE("simulation: bad wishes are refused with what to do") {
  const auto space = space_of("nasbench201");
  const auto message = [&](const SimulationConfig& config) {
    try {
      Simulation(hill(), *space, config);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  SimulationConfig config = config_of(0, 10);
  config.objectives = {"accuracy"};
  CHECK(message(config).find("accuracy test") != std::string::npos);
  CHECK(message(config_of(0, 0)).find("budget") != std::string::npos);
  config = config_of(100, 0);
  config.cost = "";
  CHECK(message(config).find("costs") != std::string::npos);
  const auto other = space_of("nasbench101");
  CHECK_THROWS_WITH_AS(Simulation(hill(), *other, config_of(0, 1)),
                       doctest::Contains("is of space 'nasbench201'"), Error);
}

TEST_CASE("simulation: scores of the table reach the searcher") {
  const auto space = space_of("nasbench201");
  Benchmark table = hill_table();
  table.add_column(described("synflow", "", 0, true), std::vector<double>(table.rows(), 3));
  class Reader final : public Searcher {
   public:
    void start(const SearchSetup& setup) override {
      REQUIRE(setup.scores != nullptr);
      CHECK(setup.scores->names() == std::vector<std::string>{"synflow"});
      const auto pool = setup.scores->pool();
      REQUIRE(pool.size() == 15'625);
      const std::vector<std::string> names = {"synflow"};
      CHECK(setup.scores->scores(std::span(pool).first(2), names) == std::vector<double>{3, 3});
      CHECK(setup.epochs == 9);
    }
    std::optional<Proposal> ask(std::int64_t) override { return std::nullopt; }
    void tell(const Told&) override {}
  } reader;
  CHECK(Simulation(table, *space, config_of(0, 1)).run(reader, "reader", 0).exhausted);
}

TEST_CASE("simulation: scores and pool of another table are joined by architecture") {
  const auto space = space_of("nasbench201");
  const Benchmark table = hill_table();
  BenchmarkInfo info = table.info();
  info.name = "scores";
  Benchmark scores(info);
  scores.set_rows({table.text(700), table.text(3), table.text(15'000)});  // an order of its own
  scores.add_column(described("synflow", "", 0, true), {1, 2, 3});
  class Reader final : public Searcher {
   public:
    void start(const SearchSetup& setup) override {
      pool_ = setup.scores->pool();
      const std::vector<std::string> names = {"synflow"};
      CHECK(setup.scores->scores(pool_, names) == std::vector<double>{1, 2, 3});
    }
    std::optional<Proposal> ask(std::int64_t number) override {
      if (number > 0) return std::nullopt;
      return Proposal{pool_[0], "first of the pool"};
    }
    void tell(const Told& told) override { CHECK(told.outcome == Outcome::kComplete); }

   private:
    std::vector<Architecture> pool_;
  } reader;
  const SimulatedRun run =
      Simulation(table, *space, config_of(0, 5), {}, &scores).run(reader, "reader", 0);
  CHECK(run.answer == 700U);  // a row of the table, not of the scores
  CHECK(run.absent == 0);
}
