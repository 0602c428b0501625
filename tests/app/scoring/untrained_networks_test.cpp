#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "app/benchmarks/correlation.h"
#include "app/scoring/layer_scoring.h"
#include "app/scoring/scoring.h"
#include "core/util/csv.h"
#include "core/util/statistics.h"
#include "core/util/text.h"
#include "tests/app/benchmarks/benchmark_testing.h"
#include "tests/test_data.h"

// Scores of untrained networks that are checked against public tables through the same calls as
// `nasctl bench score` and `nasctl bench layers`.

namespace nas::test {
namespace {

double number(const CsvTable& table, std::size_t row, std::string_view column) {
  return parse_double(table.at(row, table.column(column))).value();
}

/// A benchmark named "cells" of these rows of the official list of NAS-Bench-201.
Benchmark cells_of(const CsvTable& official, const std::vector<std::size_t>& indices) {
  Benchmark benchmark({.name = "cells", .space = "nasbench201", .space_version = "1"});
  std::vector<std::string> texts;
  for (const std::size_t index : indices) {
    texts.emplace_back(official.at(index, official.column("arch_str")));
  }
  benchmark.set_rows(std::move(texts));
  return benchmark;
}

std::vector<std::size_t> drawn(std::size_t population, std::size_t count) {
  std::vector<std::size_t> indices(population);
  for (std::size_t i = 0; i < population; ++i) indices[i] = i;
  Rng rng({.seed = 3, .purpose = Purpose::kTest});
  rng.shuffle(std::span(indices));
  indices.resize(count);
  return indices;
}

/// Median over the cells of Spearman's correlation between two vectors of a cell's layers.
double median_over_cells(const Benchmark& ours, const std::string& metric, const CsvTable& layers,
                         const std::vector<std::size_t>& rows) {
  const std::size_t column = ours.column(metric);
  const auto width = static_cast<std::size_t>(ours.columns()[column].width);
  std::vector<double> correlations;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string text(layers.at(rows[i], layers.column(metric)));
    std::vector<double> theirs;
    for (const std::string& word : split(text, ';')) theirs.push_back(parse_double(word).value());
    const auto values = ours.values(column).subspan(i * width, width);
    REQUIRE(theirs.size() <= width);
    CHECK(std::isfinite(values[theirs.size() - 1]));
    if (theirs.size() < width) CHECK(std::isnan(values[theirs.size()]));
    // A cell that passes nothing on has zeros everywhere, in theirs as in ours.
    const auto correlation = spearman(values.first(theirs.size()), theirs);
    if (!correlation) CHECK(std::set(theirs.begin(), theirs.end()).size() == 1);
    if (correlation) correlations.push_back(*correlation);
  }
  CHECK(correlations.size() * 10 >= rows.size() * 9);
  return median(correlations);
}

}  // namespace

// arXiv:2403.19232, the authors' notebook: tau .7409, rho .9127 on all 15,625 cells with CIFAR-10
// test accuracy. The standard error of rho is about .02 and of tau .03 with this many cells.
TEST_CASE("acceptance: AZ-NAS orders cells of NAS-Bench-201 as published") {
  const auto tables = test_data("tab-nb201");
  if (tables.empty()) return;
  const CsvTable official = CsvTable::parse(read_file(tables / "nb201_tss.csv.gz"), "nb201_tss");
  const std::vector<std::size_t> indices = drawn(official.rows(), 100);
  std::vector<double> truth, macs;
  for (const std::size_t index : indices) {
    truth.push_back(number(official, index, "c10_test_200ep"));
    macs.push_back(number(official, index, "macs_c10"));
  }
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(cells_of(official, indices));
  BenchmarkScoring scoring{.benchmark = "cells", .space = {}, .choice = {}, .workers = 2};
  scoring.choice.proxies = parse_proxies("az_nas");
  scoring.choice.settings.init = "kaiming";
  REQUIRE(score_benchmark(fixture.session, scoring).complete);
  const auto scored = fixture.session.benchmark("cells");
  const Correlation found = correlate("az_nas", truth, scored->values(scored->column("az_nas")));
  MESSAGE("rho " << found.spearman.value() << ", tau " << found.kendall.value() << "; MACs "
                 << spearman(truth, macs).value() << ", " << kendall_tau_b(truth, macs).value());
  CHECK(found.pairs == 100);
  CHECK(std::abs(found.spearman.value() - .913) < .05);
  CHECK(std::abs(found.kendall.value() - .741) < .08);
  CHECK(found.spearman.value() > spearman(truth, macs).value());
}

// Other weights and another batch, so that values cannot be equal, but the layers of a network
// stand in the same order.
TEST_CASE("acceptance: node-wise statistics follow those that were computed with PyTorch") {
  const auto zc = test_data("zc-nb201"), tables = test_data("tab-nb201");
  const auto images = test_data("set-cifar10-subset");
  if (zc.empty() || tables.empty() || images.empty()) return;
  const CsvTable official = CsvTable::parse(read_file(tables / "nb201_tss.csv.gz"), "nb201_tss");
  const CsvTable layers =
      CsvTable::parse(read_file(zc / "nb201_layerwise_cifar10.csv.gz"), "nb201_layerwise");
  const std::vector<std::size_t> rows = drawn(layers.rows(), 24);
  std::vector<std::size_t> indices;
  for (const std::size_t row : rows) {
    indices.push_back(static_cast<std::size_t>(number(layers, row, "nb201_index")));
  }
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(cells_of(official, indices));
  const LayerScoring scoring{
      .benchmark = "cells", .data = "cifar10:" + images.string(), .workers = 2};
  const LayerScoringReport report = score_layers(fixture.session, scoring);
  REQUIRE(report.complete);
  const auto ours = fixture.session.writer().open_benchmark("cells", report.columns);
  for (const std::string metric : {"grad_norm", "snip_mean", "synflow_bn_mean"}) {
    CAPTURE(metric);
    const double correlation = median_over_cells(*ours, metric, layers, rows);
    MESSAGE(metric << ": median Spearman " << correlation);
    CHECK(correlation > 0.9);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& text = ours->text(i);
    std::size_t convolutions = 0;
    for (std::size_t at = text.find("nor_conv"); at != std::string::npos;
         at = text.find("nor_conv", at + 1)) {
      ++convolutions;
    }
    CHECK(number(layers, rows[i], "n_nodes") == static_cast<double>(8 + 15 * convolutions));
  }
}

}  // namespace nas::test
