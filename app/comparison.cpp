#include "app/comparison.h"

#include <map>

#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "searchers/registry.h"

namespace nas {
namespace {

std::string label_of(const PluginChoice& choice) {
  std::string label = choice.name;
  char mark = ':';
  for (const auto& [name, value] : choice.options) {
    label += mark + name + "=" + value;
    mark = ',';
  }
  return label;
}

}  // namespace

std::shared_ptr<const Benchmark> open_for_simulation(Session& session, const std::string& name,
                                                     const std::string& objective) {
  std::shared_ptr<const Benchmark> benchmark = session.benchmark(name);
  const std::string metric = parse_column_query(objective).metric;
  std::vector<std::string> wide;
  for (const BenchmarkColumn& column : benchmark->columns()) {
    if (column.width < 2) continue;
    if (column.metric == metric || column.metric == metric + "_curve") {
      wide.push_back(column_text(column));
    }
  }
  return wide.empty() ? benchmark : session.reader().open_benchmark(name, wide);
}

Comparison compare_searchers(Session& session, const Benchmark& benchmark,
                             const ComparisonConfig& config) {
  if (config.searchers.empty()) throw Error(ErrorKind::kUsage, "no searcher to simulate");
  const std::string& space_name = benchmark.info().space;
  if (space_name.empty()) {
    throw Error(ErrorKind::kUsage, "benchmark '" + benchmark.info().name +
                                       "' is of no space of ours, so that nothing can search it");
  }
  const SearchSpace& space = session.space({space_name, {}});
  const auto scores = config.scores.empty() ? nullptr : session.benchmark(config.scores);
  const Simulation simulation(benchmark, space, config.simulation, make_predictor, scores.get());

  Comparison comparison;
  comparison.benchmark = benchmark.info().name;
  comparison.by_seconds = config.simulation.budget_seconds > 0;
  comparison.budget = comparison.by_seconds ? config.simulation.budget_seconds
                                            : static_cast<double>(config.simulation.budget_queries);
  comparison.against_best = config.against_best;
  comparison.stored_epochs = config.simulation.stored_epochs;
  const BenchmarkColumn& objective = simulation.objective();
  comparison.quantities.push_back(
      {column_text(objective), objective.maximize, simulation.best_objective(), objective.unit});
  for (std::size_t i = 0; i < config.simulation.report.size(); ++i) {
    const BenchmarkColumn& column = simulation.report_column(i);
    comparison.quantities.push_back(
        {column_text(column), column.maximize, simulation.best_report(i), column.unit});
  }
  for (const PluginChoice& choice : config.searchers) session.searcher(choice);  // names first
  for (const PluginChoice& choice : config.searchers) {
    const auto make = [&] { return session.searcher(choice); };
    ComparedSearcher& searcher = comparison.searchers.emplace_back();
    searcher.label = label_of(choice);
    searcher.runs = simulate(simulation, choice.name, make, config.batch);
    for (const SimulatedRun& run : searcher.runs) {
      searcher.answers.push_back(run.answer ? benchmark.text(*run.answer) : "");
    }
  }
  return comparison;
}

std::vector<PluginChoice> parse_searchers(std::string_view text) {
  std::vector<std::string> words;
  for (std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    // "y=2" goes on with the options of the searcher before it.
    if (equals != std::string::npos && part.find(':') > equals && !words.empty()) {
      words.back() += "," + part;
    } else {
      words.push_back(std::move(part));
    }
  }
  std::vector<PluginChoice> choices;
  std::map<std::string, int> seen;
  for (const std::string& word : words) {
    choices.push_back(parse_plugin_choice(word));
    if (++seen[label_of(choices.back())] > 1) {
      throw Error(ErrorKind::kUsage, "searcher '" + printable(word) + "' is named twice");
    }
  }
  return choices;
}

}  // namespace nas
