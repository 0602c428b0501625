#include "tests/predictors/accuracy_tables.h"

#include <algorithm>
#include <numeric>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/across/path_features.h"
#include "searchspaces/registry.h"

namespace nas::test {
namespace {

AccuracyTable table_of(const char* space) {
  AccuracyTable table;
  table.space = find_plugin(space_plugins(), "space", space).make({});
  return table;
}

void add(AccuracyTable& table, std::string_view text, std::string_view accuracy) {
  table.architectures.push_back(table.space->parse(text));
  table.accuracy.push_back(parse_double(accuracy).value());
  const ArchGraph graph =
      table.space->build(table.architectures.back(), table.space->info().default_task);
  table.macs.push_back(static_cast<double>(graph_cost(graph).macs));
  table.live_macs.push_back(path_features({nullptr, nullptr, &graph}).macs);
}

AccuracyTable read_transnas(const char* space, const std::filesystem::path& file,
                            const std::string& column) {
  AccuracyTable table = table_of(space);
  const CsvTable csv = CsvTable::parse(read_file(file), file.filename().string());
  const std::size_t text = csv.column("arch_str"), accuracy = csv.column(column);
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    add(table, csv.at(row, text), csv.at(row, accuracy));
  }
  return table;
}

std::vector<double> pick(std::span<const double> values, std::span<const std::size_t> rows) {
  std::vector<double> picked;
  for (const std::size_t row : rows) picked.push_back(values[row]);
  return picked;
}

}  // namespace

std::vector<Subject> AccuracyTable::subjects(std::span<const std::size_t> rows) const {
  std::vector<Subject> result;
  for (const std::size_t row : rows) result.push_back({space.get(), &architectures[row], nullptr});
  return result;
}

std::vector<double> AccuracyTable::targets(std::span<const std::size_t> rows) const {
  return pick(accuracy, rows);
}

std::vector<std::size_t> AccuracyTable::all() const {
  std::vector<std::size_t> rows(architectures.size());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

TransferTask AccuracyTable::task(const std::string& name, std::span<const std::size_t> rows) const {
  return {name, subjects(rows), targets(rows)};
}

AccuracyTable read_nb101(const std::filesystem::path& folder, std::size_t count,
                         std::uint64_t seed) {
  AccuracyTable table = table_of("nasbench101");
  const CsvTable csv = CsvTable::parse(read_file(folder / "nb101_full.csv.gz"), "nb101_full");
  const std::size_t vertices = csv.column("vertices"), edges = csv.column("adj_bits_hex"),
                    ops = csv.column("ops"), accuracy = csv.column("test_acc_108_mean");
  const std::size_t wanted = count == 0 ? csv.rows() : count;
  for (const std::size_t row : draw_rows(csv.rows(), wanted, seed)) {
    const std::string text = std::string(csv.at(row, vertices)) + ":" +
                             std::string(csv.at(row, edges)) + ":" + std::string(csv.at(row, ops));
    add(table, text, csv.at(row, accuracy));
  }
  return table;
}

AccuracyTable read_nb201(const std::filesystem::path& folder, const std::string& column) {
  AccuracyTable table = table_of("nasbench201");
  const CsvTable csv = CsvTable::parse(read_file(folder / "nb201_tss.csv.gz"), "nb201_tss");
  const std::size_t text = csv.column("arch_str"), ops = csv.column("ops"),
                    accuracy = csv.column(column);
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    add(table, csv.at(row, text), csv.at(row, accuracy));
    if (csv.at(row, ops).find('0') == std::string_view::npos) table.without_none.push_back(row);
  }
  return table;
}

AccuracyTable read_transnas_micro(const std::filesystem::path& folder, const std::string& column) {
  return read_transnas("transnas_micro", folder / "tnb101_micro.csv.gz", column);
}

AccuracyTable read_transnas_macro(const std::filesystem::path& folder, const std::string& column) {
  return read_transnas("transnas_macro", folder / "tnb101_macro.csv.gz", column);
}

AccuracyTable read_nbmacro(const std::filesystem::path& folder) {
  AccuracyTable table = table_of("nasbench_macro");
  const CsvTable csv =
      CsvTable::parse(read_file(folder / "nas_bench_macro_cifar10.csv.gz"), "nas_bench_macro");
  const std::size_t text = csv.column("arch"), accuracy = csv.column("mean_acc");
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    add(table, csv.at(row, text), csv.at(row, accuracy));
  }
  return table;
}

AccuracyTable only(AccuracyTable table, std::span<const std::size_t> rows) {
  std::vector<Architecture> kept;
  for (const std::size_t row : rows) kept.push_back(table.architectures[row]);
  table.architectures = std::move(kept);
  for (std::vector<double>* column : {&table.accuracy, &table.live_macs, &table.macs}) {
    *column = pick(*column, rows);
  }
  table.without_none.clear();
  return table;
}

std::vector<std::size_t> draw_rows(std::size_t rows, std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(rows);
  std::iota(order.begin(), order.end(), 0);
  Rng rng({.seed = seed, .purpose = Purpose::kSplit});
  rng.shuffle(std::span(order));
  order.resize(std::min(rows, count));
  return order;
}

double rank_correlation(std::span<const double> truth, std::span<const double> scores,
                        std::span<const std::size_t> rows) {
  return spearman(pick(truth, rows), pick(scores, rows)).value_or(0);
}

double kendall_of(std::span<const double> truth, std::span<const double> scores,
                  std::span<const std::size_t> rows) {
  return kendall_tau_b(pick(truth, rows), pick(scores, rows)).value_or(0);
}

std::vector<std::size_t> best_fifth(std::span<const double> truth,
                                    std::span<const std::size_t> rows) {
  std::vector<std::size_t> order(rows.begin(), rows.end());
  std::stable_sort(order.begin(), order.end(),
                   [truth](std::size_t a, std::size_t b) { return truth[a] > truth[b]; });
  order.resize(order.size() / 5);
  return order;
}

double best_of_ten(std::span<const double> truth, std::span<const double> scores,
                   std::span<const std::size_t> rows) {
  std::vector<std::size_t> order(rows.begin(), rows.end());
  std::stable_sort(order.begin(), order.end(),
                   [scores](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  double best = truth[order.front()];
  for (std::size_t i = 0; i < 10; ++i) best = std::max(best, truth[order[i]]);
  return best;
}

std::vector<double> means(const std::vector<Forecast>& forecasts) {
  std::vector<double> values;
  for (const Forecast& one : forecasts) values.push_back(one.mean);
  return values;
}

}  // namespace nas::test
