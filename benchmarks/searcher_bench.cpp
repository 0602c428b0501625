// Microseconds a query of each searcher on the table of NAS-Bench-201: what a searcher costs beside
// the trainings it saves.
//   searcher_bench nb201_tss.csv.gz [RUNS [QUERIES]]

#include <cstdio>
#include <string>

#include "app/simulation/simulation.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

std::vector<double> numbers(const CsvTable& csv, std::string_view name) {
  std::vector<double> values;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    values.push_back(parse_double(csv.at(row, csv.column(name))).value());
  }
  return values;
}

Benchmark read_table(const std::string& path) {
  const CsvTable csv = CsvTable::parse(read_file(path), path);
  BenchmarkInfo info;
  info.name = info.space = "nasbench201";
  Benchmark benchmark(info);
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    texts.emplace_back(csv.at(row, csv.column("arch_str")));
  }
  benchmark.set_rows(std::move(texts));
  BenchmarkColumn accuracy;
  accuracy.metric = "accuracy";
  accuracy.epochs = 12;
  benchmark.add_column(accuracy, numbers(csv, "c10_valid_12ep"));
  for (const std::string metric : {"params", "macs"}) {
    BenchmarkColumn score;
    score.metric = metric;
    benchmark.add_column(score, numbers(csv, metric + "_c10"));
  }
  return benchmark;
}

// Rungs are the one training that the table has: the searchers' own work is what is timed.
SimulationConfig config_of(std::int64_t queries) {
  SimulationConfig config;
  config.objectives = {"accuracy"};
  config.budget_queries = queries;
  config.stored_epochs = true;
  return config;
}

void run(const std::string& path, std::int64_t runs, std::int64_t queries) {
  const Benchmark table = read_table(path);
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  const Simulation simulation(table, *space, config_of(queries), make_predictor);
  std::printf("%-20s %14s %14s\n", "searcher", "us a query", "mean accuracy");
  for (const Plugin<Searcher>* plugin : searcher_plugins()) {
    const std::string name(plugin->name);
    try {
      const auto found = simulate(simulation, name, [&] { return plugin->make({}); },
                                  {.runs = runs, .threads = 1});
      std::vector<double> microseconds, accuracy;
      for (const SimulatedRun& one : found) {
        microseconds.push_back(one.wall_microseconds);
        if (!one.trajectory.empty()) accuracy.push_back(one.trajectory.back().value);
      }
      std::printf("%-20s %14.2f %14.3f\n", name.c_str(), median(microseconds), mean(accuracy));
    } catch (const Error& error) {
      std::printf("%-20s %14s %s\n", name.c_str(), "-", error.what());
    }
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: searcher_bench nb201_tss.csv.gz [RUNS [QUERIES]]\n");
    return 2;
  }
  const auto number = [&](int index, std::int64_t fallback) {
    return index < argc ? nas::parse_int(argv[index]).value_or(fallback) : fallback;
  };
  try {
    nas::run(argv[1], number(2, 5), number(3, 100));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "searcher_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
