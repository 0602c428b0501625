// Search for the front of accuracy and latency on three devices at once, NAS-Bench-201 with
// HW-NAS-Bench: the hypervolume after some queries, beside NSGA-II of pagmo2 where that is there.
//   pareto_bench DATA [SEEDS [SEARCHER...]]     (DATA: the folder with tab-nb201)

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "app/simulation/simulation.h"
#include "benchmarks/pagmo_search.h"
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

constexpr std::int64_t kQueries[] = {50, 100, 200};
const std::vector<std::string> kDevices = {"edgegpu", "pixel3", "eyeriss"};

std::vector<double> numbers(const CsvTable& csv, std::string_view name) {
  std::vector<double> values;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    values.push_back(parse_double(csv.at(row, csv.column(name))).value());
  }
  return values;
}

/// Both tables are in the official order of the cells.
Benchmark read_tables(const std::filesystem::path& folder) {
  const auto read = [&](const char* name) {
    const std::filesystem::path path = folder / "tab-nb201" / name;
    return CsvTable::parse(read_file(path), path.string());
  };
  const CsvTable accuracies = read("nb201_tss.csv.gz"), costs = read("hw_nas_bench_nb201.csv.gz");
  BenchmarkInfo info;
  info.name = info.space = "nasbench201";
  Benchmark benchmark(info);
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < accuracies.rows(); ++row) {
    texts.emplace_back(accuracies.at(row, accuracies.column("arch_str")));
    if (costs.at(row, costs.column("index")) != accuracies.at(row, accuracies.column("index"))) {
      throw Error(ErrorKind::kData, "the two tables list their cells in different orders");
    }
  }
  benchmark.set_rows(std::move(texts));
  BenchmarkColumn accuracy;
  accuracy.metric = "accuracy";
  accuracy.epochs = 200;
  benchmark.add_column(accuracy, numbers(accuracies, "c10_valid_200ep"));
  for (const std::string& device : kDevices) {
    BenchmarkColumn latency;
    latency.metric = "latency_ms";
    latency.device = device;
    latency.maximize = false;
    benchmark.add_column(latency, numbers(costs, "c10_" + device + "_latency"));
  }
  return benchmark;
}

SimulationConfig config() {
  SimulationConfig config;
  config.objectives = {"accuracy"};
  for (const std::string& device : kDevices) {
    config.objectives.push_back("latency_ms:device=" + device);
  }
  config.budget_queries = *std::max_element(std::begin(kQueries), std::end(kQueries));
  config.free_repeats = true;
  return config;
}

/// The hypervolume that a run has reached after this many queries.
double volume_after(const std::vector<Incumbent>& steps, std::int64_t queries) {
  double volume = 0;
  for (const Incumbent& step : steps) {
    if (step.query <= queries) volume = std::max(volume, step.value);
  }
  return volume;
}

/// By number of queries, one value for each seed.
using Volumes = std::vector<std::vector<double>>;

/// Mean and standard error, in percent of the true front's hypervolume.
void print(const std::string& name, const Volumes& volumes, double whole) {
  std::printf("%-28s", name.c_str());
  for (const std::vector<double>& values : volumes) {
    const double error = sample_deviation(values) / std::sqrt(static_cast<double>(values.size()));
    std::printf("   %6.2f (%.2f)", 100 * mean(values) / whole, 100 * error / whole);
  }
  std::printf("\n");
  std::fflush(stdout);
}

Volumes run_ours(const Simulation& simulation, const std::string& name, std::int64_t seeds) {
  const Plugin<Searcher>& plugin = find_plugin(searcher_plugins(), "searcher", name);
  Volumes volumes(std::size(kQueries));
  for (const SimulatedRun& run :
       simulate(simulation, name, [&] { return plugin.make({}); }, {.runs = seeds, .threads = 1})) {
    for (std::size_t i = 0; i < volumes.size(); ++i) {
      volumes[i].push_back(volume_after(run.hypervolume, kQueries[i]));
    }
  }
  return volumes;
}

/// pagmo asks for whole generations and may ask again; a cell counts when it is first asked for.
Volumes run_pagmo(const Benchmark& table, const SearchSpace& space, std::int64_t seeds) {
  const auto& indexed = dynamic_cast<const IndexedSpace&>(space);
  const TableFront box(bench::merits_of(table));
  std::vector<int> sizes;
  for (const Decision& decision : space.decisions()) {
    sizes.push_back(static_cast<int>(decision.choices.size()));
  }
  Volumes volumes(std::size(kQueries));
  for (std::int64_t seed = 0; seed < seeds; ++seed) {
    FrontArchive archive;
    std::vector<bool> met(table.rows(), false);
    std::int64_t queries = 0;
    std::vector<double> after(volumes.size(), 0);
    const auto evaluate = [&](const std::vector<int>& choices) {
      Architecture architecture{space.info().name, {}};
      for (const int choice : choices) {
        architecture.choices.push_back(static_cast<std::uint16_t>(choice));
      }
      const auto row = static_cast<std::size_t>(indexed.index_of(architecture));
      const std::vector<double> merits = bench::merits_of(table, row);
      if (!met[row]) {
        met[row] = true;
        ++queries;
        archive.add(static_cast<std::uint32_t>(row), merits);
        for (std::size_t i = 0; i < after.size(); ++i) {
          if (queries == kQueries[i]) after[i] = box.hypervolume(archive.points());
        }
      }
      std::vector<double> costs = merits;
      for (double& cost : costs) cost = -cost;
      return costs;
    };
    bench::pagmo_nsga2(
        {.sizes = sizes, .objectives = table.columns().size(), .seed = static_cast<unsigned>(seed)},
        evaluate, [&] { return queries >= kQueries[std::size(kQueries) - 1]; });
    for (std::size_t i = 0; i < after.size(); ++i) volumes[i].push_back(after[i]);
  }
  return volumes;
}

void run(const std::filesystem::path& folder, std::int64_t seeds,
         const std::vector<std::string>& searchers) {
  const Benchmark table = read_tables(folder);
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  const Simulation simulation(table, *space, config(), make_predictor);
  const double whole = simulation.front_hypervolume();
  std::printf("accuracy and latency on %s: front of %zu cells, hypervolume %.4f of the box;\n",
              join(kDevices, ", ").c_str(), simulation.front_rows().size(), whole);
  std::printf("percent of it, mean (standard error) of %lld seeds\n%-28s",
              static_cast<long long>(seeds), "queries");
  for (const std::int64_t queries : kQueries) {
    std::printf("   %6lld       ", static_cast<long long>(queries));
  }
  std::printf("\n");
  for (const std::string& name : searchers) print(name, run_ours(simulation, name, seeds), whole);
  if (bench::kHasPagmo) print("nsga2 of pagmo2", run_pagmo(table, *space, seeds), whole);
  if (!bench::kHasPagmo) std::printf("nsga2 of pagmo2: not there (libpagmo-dev)\n");
}

}  // namespace
}  // namespace nas

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: pareto_bench DATA [SEEDS [SEARCHER...]]\n");
    return 2;
  }
  std::vector<std::string> searchers(argv + std::min(argc, 3), argv + argc);
  if (searchers.empty()) searchers = {"random", "evolution", "nsga2"};
  try {
    nas::run(argv[1], argc > 2 ? nas::parse_int(argv[2]).value_or(20) : 20, searchers);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pareto_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
