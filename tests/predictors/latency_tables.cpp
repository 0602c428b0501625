#include "tests/predictors/latency_tables.h"

#include <algorithm>
#include <span>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/transfer/subject_blocks.h"
#include "searchspaces/registry.h"

namespace nas::test {
namespace {

std::unique_ptr<SearchSpace> make(const char* name, const OptionMap& options = {}) {
  return find_plugin(space_plugins(), "space", name).make(options);
}

/// With its MACs and costs.
void add_network(LatencyTable& table, const std::string& text) {
  table.architectures.push_back(table.space->parse(text));
  const ArchGraph graph =
      table.space->build(table.architectures.back(), table.space->info().default_task);
  table.macs.push_back(static_cast<double>(graph_cost(graph).macs));
  table.costs.push_back(cost_features(graph));
}

void read_columns(const CsvTable& csv, std::size_t first, std::size_t rows, LatencyTable& table) {
  for (std::size_t column = first; column < csv.columns().size(); ++column) {
    std::vector<double>& values = table.devices[csv.columns()[column]];
    for (std::size_t row = 0; row < rows; ++row) {
      values.push_back(parse_double(csv.at(row, column)).value());
    }
  }
}

}  // namespace

LatencyTable read_nb201_latencies(const std::filesystem::path& help,
                                  const std::filesystem::path& hw_bench) {
  LatencyTable table;
  table.space = make("nasbench201");
  const CsvTable csv = CsvTable::parse(read_file(help / "latency.csv.gz"), "latency.csv.gz");
  const std::size_t text = csv.column("arch_str");
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    table.architectures.push_back(table.space->parse(csv.at(row, text)));
    double macs = 0;  // in units of a 1x1 convolution
    for (const std::uint16_t choice : table.architectures.back().choices) {
      macs += choice == 3 ? 9 : choice == 2 ? 1 : 0;
    }
    table.macs.push_back(macs);
  }
  read_columns(csv, 2, csv.rows(), table);
  if (hw_bench.empty()) return table;
  const CsvTable costs = CsvTable::parse(read_file(hw_bench / "hw_nas_bench_nb201.csv.gz"),
                                         "hw_nas_bench_nb201.csv.gz");
  read_columns(costs, 1, costs.rows(), table);
  return table;
}

LatencyTable read_fbnet_latencies(const std::filesystem::path& help, std::size_t rows) {
  LatencyTable table;
  table.space = make("fbnet");
  const CsvTable csv = CsvTable::parse(read_file(help / "latency.csv.gz"), "latency.csv.gz");
  const std::size_t ops = csv.column("ops");
  for (std::size_t row = 0; row < rows; ++row) {
    std::string text(csv.at(row, ops));
    std::erase(text, ' ');
    add_network(table, text);
  }
  read_columns(csv, 2, rows, table);
  return table;
}

LatencyTable read_ofa_latencies(const std::filesystem::path& help, std::size_t rows) {
  LatencyTable table;
  table.space = make("ofa_mobilenetv3", {{"width_multiplier", "1.2"}});
  const CsvTable csv = CsvTable::parse(read_file(help / "latency.csv.gz"), "latency.csv.gz");
  for (std::size_t row = 0; row < rows; ++row) {
    const auto list = [&](const char* column) {
      std::string text(csv.at(row, csv.column(column)));
      std::ranges::replace(text, ' ', ',');
      return text;
    };
    add_network(table,
                "r=" + list("r") + ";d=" + list("d") + ";k=" + list("ks") + ";e=" + list("e"));
  }
  read_columns(csv, csv.column("e") + 1, rows, table);
  return table;
}

LatencyTask nb201_task() {
  return {"NB201",
          {"1080ti_1", "1080ti_32", "1080ti_256", "silver_4114", "silver_4210r", "samsung_a50",
           "pixel3", "essential_ph_1", "samsung_s7"},
          {"titan_rtx_256", "gold_6226", "fpga", "pixel2", "raspi4", "eyeriss"},
          {"titanx_1", "titanx_32", "titanx_256", "gold_6240"},
          {11982, 431, 55, 9, 14451, 8636, 9881, 13479, 6196, 1462}};
}

LatencyTask nb201_compiler_task() {
  return {"NB201 compilers",
          nb201_task().sources,
          {"c10_edgetpu_latency", "c100_edgetpu_latency", "in16_edgetpu_latency",
           "c10_edgegpu_latency", "c100_edgegpu_latency", "in16_edgegpu_latency"},
          nb201_task().validation,
          nb201_task().references};
}

std::vector<LatencyTask> fbnet_tasks() {
  return {
      {"FD",
       {"1080ti_1", "1080ti_32", "1080ti_64", "silver_4114", "silver_4210r", "samsung_a50",
        "pixel3", "essential_ph_1", "samsung_s7"},
       {"fpga", "raspi4", "eyeriss"},
       {"titanx_1", "titanx_32", "titanx_64", "gold_6240"},
       {3328, 3790, 3313, 890, 3052, 2538, 1640, 2514, 457, 2100}},
      {"FA",
       {"1080ti_1", "1080ti_32", "1080ti_64", "2080ti_1", "2080ti_32", "2080ti_64", "titan_rtx_1",
        "titan_rtx_32", "titan_rtx_64", "titanx_1", "titanx_32", "titanx_64", "titanxp_1",
        "titanxp_32", "titanxp_64"},
       {"gold_6226", "essential_ph_1", "samsung_s7", "pixel2"},
       {},
       {}},
      {"F1",
       {"2080ti_1", "essential_ph_1", "silver_4114", "titan_rtx_1", "titan_rtx_32"},
       {"eyeriss", "fpga", "raspi4", "samsung_a50", "samsung_s7"},
       {},
       {}},
      {"F2",
       {"essential_ph_1", "gold_6226", "gold_6240", "pixel3", "raspi4"},
       {"1080ti_1", "1080ti_32", "2080ti_32", "titan_rtx_1", "titanxp_1"},
       {},
       {}},
      {"F3",
       {"essential_ph_1", "pixel2", "pixel3", "raspi4", "samsung_s7"},
       {"1080ti_1", "1080ti_32", "2080ti_1", "titan_rtx_1", "titan_rtx_32"},
       {},
       {}},
      {"F4",
       {"1080ti_64", "2080ti_1", "eyeriss", "gold_6226", "gold_6240", "raspi4", "samsung_s7",
        "silver_4210r", "titan_rtx_1", "titan_rtx_32"},
       {"1080ti_1", "pixel2", "essential_ph_1"},
       {},
       {}},
  };
}

LatencyTask ofa_task() {
  return {"OFA",
          {"2080ti_1", "2080ti_32", "2080ti_64", "titan_xp_1", "titan_xp_32", "titan_xp_64",
           "v100_1", "v100_32", "v100_64"},
          {"titan_rtx_64"},
          {"titan_rtx_1", "titan_rtx_32"},
          {1316, 1587, 1621, 1636, 1980, 2329, 2487, 3355, 3740, 4948}};
}

std::vector<std::size_t> search_measurements(const LatencyTable& table, const LatencyTask& task,
                                             std::size_t pool) {
  std::vector<double> ranks(pool, 0.0);
  for (const std::string& source : task.sources) {
    const std::vector<double> one = average_ranks(std::span(table.devices.at(source)).first(pool));
    for (std::size_t i = 0; i < pool; ++i) ranks[i] += one[i];
  }
  std::vector<std::size_t> rows = task.references;
  const auto [fastest, slowest] = std::minmax_element(ranks.begin(), ranks.end());
  rows.push_back(static_cast<std::size_t>(fastest - ranks.begin()));
  rows.push_back(static_cast<std::size_t>(slowest - ranks.begin()));
  return rows;
}

}  // namespace nas::test
