#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "app/benchmarks/benchmark_join.h"
#include "app/benchmarks/benchmarks.h"
#include "app/benchmarks/correlation.h"
#include "core/util/error.h"
#include "tests/app/benchmarks/benchmark_testing.h"
#include "tests/test_data.h"

namespace nas::test {

namespace {

const Correlation& of_score(const std::vector<Correlation>& all, const std::string& metric) {
  for (const Correlation& correlation : all) {
    if (parse_column_query(correlation.score).metric == metric) return correlation;
  }
  FAIL(metric);
  return all.front();
}

/// "equal to 3 digits": half a unit of the third, and the rounding of the sheet.
bool agrees(const std::optional<double>& value, double published) {
  return value && std::abs(*value - published) <= 0.00051;
}

struct Published {
  const char* score;
  double spearman, kendall;
};

void check_published(const std::vector<Correlation>& found, std::initializer_list<Published> rows) {
  for (const Published& row : rows) {
    const Correlation& correlation = of_score(found, row.score);
    CAPTURE(row.score);
    CAPTURE(correlation.spearman.value_or(-9));
    CAPTURE(correlation.kendall.value_or(-9));
    CHECK(agrees(correlation.spearman, row.spearman));
    CHECK(agrees(correlation.kendall, row.kendall));
  }
}

std::vector<Correlation> all_against(const Benchmark& benchmark, std::span<const double> truth) {
  std::vector<std::size_t> columns = score_columns(benchmark);
  for (const std::size_t extra : benchmark.matching({.metric = "params", .wanted = {}})) {
    columns.push_back(extra);
  }
  return correlate(benchmark, truth, true, columns, {});
}

/// Kendall's tau of every column of a table with its first, through the importer.
std::map<std::string, double> kendall_of_table(const std::filesystem::path& table,
                                               const std::string& key,
                                               const std::vector<std::string>& fields) {
  BenchmarkFixture fixture;
  const std::filesystem::path mapping = fixture.directory.path() / "mapping.toml";
  std::string toml = "name = \"t\"\n[architecture]\nfields = \"" + key + "\"\n";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    toml += "[[column]]\nfield = \"" + fields[i] + "\"\nmetric = \"m" + std::to_string(i) + "\"\n";
  }
  write_file_atomically(mapping, toml);
  const Benchmark benchmark =
      import_benchmark(fixture.session, {.path = table, .mapping = mapping.string()}).benchmark;
  std::map<std::string, double> taus;
  for (std::size_t i = 1; i < fields.size(); ++i) {
    const Correlation result = correlate(fields[i], benchmark.values(0), benchmark.values(i));
    taus[fields[i]] = result.kendall.value();
  }
  return taus;
}

/// A column in the row order of another benchmark.
std::vector<double> aligned_values(const Benchmark& from, std::size_t column, const Benchmark& to) {
  std::vector<double> values(to.rows(), std::nan(""));
  const std::vector<std::uint32_t> rows = rows_in(from, to, nullptr);
  for (std::size_t row = 0; row < to.rows(); ++row) {
    if (rows[row] != kNoRow) values[row] = from.value(column, rows[row]);
  }
  return values;
}

}  // namespace

TEST_CASE("correlations leave missing values out, rank failed ones last and say undefined") {
  const Benchmark benchmark = five_cells("cells");
  const std::size_t truth = benchmark.column("accuracy");
  const auto found =
      correlate(benchmark, benchmark.values(truth), true, score_columns(benchmark), {});
  const Correlation& synflow = of_score(found, "synflow");
  // Truth 85.9 91.6 88.8 10 with scores 2 3 1 -inf: ranks 2 4 3 1 and 3 4 2 1.
  CHECK(synflow.pairs == 4);
  CHECK(synflow.failed == 1);
  CHECK(synflow.missing == 0);
  CHECK(synflow.spearman.value() == doctest::Approx(1 - 6 * 2.0 / (4 * 15)));
  CHECK(synflow.kendall.value() == doctest::Approx(4.0 / 6));
  CHECK(synflow.pair_accuracy.value() == doctest::Approx(5.0 / 6));
  const Correlation& constant = of_score(found, "constant");
  CHECK_FALSE(constant.spearman.has_value());
  CHECK_FALSE(constant.kendall.has_value());
  CHECK_FALSE(constant.pearson.has_value());
  CHECK_FALSE(constant.pair_accuracy.has_value());
  const Table table = correlation_table(found, 5, "accuracy");
  CHECK(std::get<std::string>(table.rows[1][1]) == "undefined");
}

TEST_CASE("ranks are added over complete rows, and the ten that a score puts first have a best") {
  constexpr bool kMaximize = true;
  constexpr std::size_t kRows = 30;
  Benchmark benchmark({.name = "many", .space = "nasbench201", .space_version = "1"});
  std::vector<std::string> texts;
  std::vector<double> truth, up, other;
  for (std::size_t i = 0; i < kRows; ++i) {
    texts.push_back("cell " + std::to_string(i));
    truth.push_back(static_cast<double>(i));
    up.push_back(static_cast<double>((i + 5) % kRows));  // the five best rank last
    other.push_back(2 * up.back());
  }
  other[0] = std::nan("");
  benchmark.set_rows(std::move(texts));
  benchmark.add_column({.metric = "up", .source = MetricSource::kProxy}, up);
  benchmark.add_column({.metric = "other", .maximize = false, .source = MetricSource::kProxy},
                       other);
  const std::vector<std::size_t> scores{0, 1};
  const auto found = correlate(benchmark, truth, kMaximize, scores, {.rank_sum = true});
  REQUIRE(found.size() == 3);
  CHECK(found[2].score == "rank sum of 2");
  CHECK(found[2].missing == 1);
  // Columns are taken as they are, whatever is better of them, by themselves and in the sum.
  CHECK(found[2].kendall.value() == of_score(found, "other").kendall.value());
  CHECK(of_score(found, "up").best_of_ten == 24);
  CHECK(of_score(found, "other").best_of_ten == 24);
  CHECK(found[2].best_of_ten == 24);
  CHECK(correlate(benchmark, truth, !kMaximize, scores, {})[0].best_of_ten == 15);

  const std::vector<double> best = top_part(truth, kMaximize, .1);
  CHECK(std::count_if(best.begin(), best.end(), [](double x) { return x >= 27; }) == 3);
  CHECK(std::count_if(best.begin(), best.end(), [](double x) { return std::isnan(x); }) == 27);
  CHECK(top_part(truth, !kMaximize, .1)[2] == 2);
}

TEST_CASE("scores of different rows are compared on common ones only, and say how many each has") {
  Benchmark benchmark = five_cells("cells");
  benchmark.add_column({.metric = "part", .source = MetricSource::kProxy},
                       {1, 2, std::nan(""), std::nan(""), 5});
  const auto truth = benchmark.values(benchmark.column("accuracy"));
  const std::vector<double> accuracy(truth.begin(), truth.end());
  const std::vector<std::size_t> whole{benchmark.column("synflow"), benchmark.column("constant")};
  const std::vector<std::size_t> mixed{benchmark.column("synflow"), benchmark.column("part")};
  const auto first = [&](bool common) {
    const std::vector<double> values = comparable_truth(benchmark, accuracy, mixed, common);
    return correlate(benchmark, values, true, mixed, {}).front();
  };
  const std::vector<double> same = comparable_truth(benchmark, accuracy, whole, false);
  CHECK(std::equal(same.begin(), same.begin() + 4, accuracy.begin()));
  CHECK_THROWS_WITH_AS(
      first(false),
      doctest::Contains("of 4 rows with a truth, part has 2, synflow:dataset=cifar10 "
                        "has 4; --common takes the 2 that all have"),
      Error);
  CHECK(first(true).pairs == 2);
  // One score in part is no comparison: its rows are counted in the table.
  const std::vector<std::size_t> one{benchmark.column("part")};
  CHECK(comparable_truth(benchmark, accuracy, one, false)[2] == accuracy[2]);
}

TEST_CASE("acceptance: proxies on 9,445 cells correlate as published, table 4.2") {
  const auto data = test_data("zc-nb201");
  if (data.empty()) return;
  BenchmarkFixture fixture;
  const Benchmark all =
      import_benchmark(fixture.session, {.path = data / "nb201_all.csv.gz"}).benchmark;
  const Benchmark zc =
      import_benchmark(fixture.session, {.path = data / "nb201_zc_cifar10.csv.gz"}).benchmark;
  const auto valid = all_against(zc, zc.values(zc.column("accuracy")));
  CHECK(valid.front().pairs == 9445);
  check_published(valid, {{"jacov", .818, .632},
                          {"nwot", .792, .603},
                          {"epe_nas", .787, .589},
                          {"params", .747, .568},
                          {"synflow", .732, .536},
                          {"l2_norm", .720, .527},
                          {"flops", .714, .519},
                          {"snip", .552, .400},
                          {"grad_norm", .550, .399},
                          {"fisher", .501, .360},
                          {"grasp", .491, .340},
                          {"zen", .101, .096},
                          {"plain", -.367, -.244}});
  const std::size_t test =
      all.column("accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean");
  check_published(all_against(zc, aligned_values(all, test, zc)), {{"jacov", .799, .615},
                                                                   {"nwot", .811, .624},
                                                                   {"epe_nas", .772, .578},
                                                                   {"params", .799, .623},
                                                                   {"synflow", .778, .581},
                                                                   {"l2_norm", .746, .551},
                                                                   {"flops", .770, .574},
                                                                   {"snip", .603, .443},
                                                                   {"grad_norm", .600, .441},
                                                                   {"fisher", .552, .401},
                                                                   {"grasp", .537, .378},
                                                                   {"zen", .115, .110},
                                                                   {"plain", -.352, -.234}});
  // Section 3.5, measured on 3,000 of the cells: the vote orders .807 of the pairs, Spearman .819.
  std::vector<std::size_t> voters;
  for (const char* name : {"synflow", "jacov", "snip"}) voters.push_back(zc.column(name));
  const auto vote =
      correlate(zc, zc.values(zc.column("accuracy")), true, voters, {.vote = true}).back();
  CHECK(vote.pair_accuracy.value() == doctest::Approx(.807).epsilon(.015));
  CHECK(vote.spearman.value() == doctest::Approx(.819).epsilon(.015));
}

TEST_CASE("acceptance: ImageNet16-120 proxies correlate as published, table 4.2") {
  const auto data = test_data("zc-nb201");
  if (data.empty()) return;
  BenchmarkFixture fixture;
  const Benchmark all =
      import_benchmark(fixture.session, {.path = data / "nb201_all.csv.gz"}).benchmark;
  const Benchmark zc =
      import_benchmark(fixture.session, {.path = data / "nb201_zc_ImageNet16-120.csv.gz"})
          .benchmark;
  check_published(all_against(zc, zc.values(zc.column("accuracy"))), {{"jacov", .781, .600},
                                                                      {"nwot", .795, .612},
                                                                      {"epe_nas", .319, .216},
                                                                      {"params", .718, .547},
                                                                      {"synflow", .725, .538},
                                                                      {"l2_norm", .737, .544},
                                                                      {"flops", .690, .501},
                                                                      {"snip", .542, .403},
                                                                      {"grad_norm", .543, .404},
                                                                      {"fisher", .485, .358},
                                                                      {"grasp", .521, .373},
                                                                      {"zen", .112, .092},
                                                                      {"plain", -.340, -.228}});
  const std::size_t test =
      all.column("accuracy:dataset=ImageNet16-120,split=test,epochs=200,statistic=mean");
  check_published(all_against(zc, aligned_values(all, test, zc)), {{"jacov", .785, .604},
                                                                   {"nwot", .797, .615},
                                                                   {"synflow", .728, .541},
                                                                   {"params", .718, .547},
                                                                   {"zen", .111, .092},
                                                                   {"plain", -.341, -.229}});
  // Table 4.3: all 15,625 cells.
  const auto on_all = all_against(
      all, all.values(all.column("accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean")));
  const auto exact = [&](const std::string& score, double spearman, double kendall) {
    for (const Correlation& correlation : on_all) {
      if (correlation.score != score) continue;
      CAPTURE(score);
      CHECK(agrees(correlation.spearman, spearman));
      CHECK(agrees(correlation.kendall, kendall));
      return;
    }
    FAIL(score);
  };
  exact("freerea_synflow:dataset=cifar10", .769, .571);
  exact("freerea_logsynflow:dataset=cifar10", .826, .630);
  exact("freerea_nregions:dataset=cifar10", .725, .539);
  exact("params:dataset=cifar10", .753, .578);
  exact("zen:dataset=cifar10", .386, .296);
}

TEST_CASE("acceptance: RNN and BERT metrics correlate as published, tables 4.7 and 4.8") {
  const auto data = test_data("zc-nlp");
  if (data.empty()) return;
  const auto rnn = kendall_of_table(
      data / "RNN_results.csv.gz", "log name",
      {"loss", "Layer 1 Hidden Covariance", "Layer 2 Hidden Covariance",
       "Layer 3 Hidden Covariance", "More Noised Jacobian Cosine", "More Noised Jacobian",
       "Large Noise Jacobian Cosine", "Hidden Synaptic Saliency", "Jacobian Cosine",
       "Large Noise Jacobian", "Activation Distance", "Synaptic Saliency", "Jacobian Covariance"});
  const std::map<std::string, double> rnn_published = {
      {"Layer 1 Hidden Covariance", -.372}, {"Layer 2 Hidden Covariance", -.314},
      {"Layer 3 Hidden Covariance", -.247}, {"More Noised Jacobian Cosine", -.280},
      {"More Noised Jacobian", .273},       {"Large Noise Jacobian Cosine", .273},
      {"Hidden Synaptic Saliency", .268},   {"Jacobian Cosine", -.264},
      {"Large Noise Jacobian", .259},       {"Activation Distance", -.223},
      {"Synaptic Saliency", .122},          {"Jacobian Covariance", -.003}};
  for (const auto& [name, tau] : rnn_published) {
    CAPTURE(name);
    CHECK(agrees(rnn.at(name), tau));
  }
  const auto bert = kendall_of_table(
      data / "BERT_results_activation.csv.gz", "ID",
      {"GLUE Score", "Head Confidence", "Head Confidence Normalized", "Number of Parameters",
       "Activation Distance", "Activation Distance Normalized", "Head Softmax Confidence",
       "Synaptic Saliency", "Synaptic Saliency Normalized", "Head Importance", "Synaptic Diversity",
       "Jacobian Score", "Jacobian Score Normalized"});
  const std::map<std::string, double> bert_published = {{"Head Confidence", .478},
                                                        {"Head Confidence Normalized", .299},
                                                        {"Number of Parameters", .454},
                                                        {"Activation Distance", .222},
                                                        {"Head Softmax Confidence", .216},
                                                        {"Synaptic Saliency", .188},
                                                        {"Synaptic Saliency Normalized", -.137},
                                                        {"Activation Distance Normalized", -.050},
                                                        {"Head Importance", .164},
                                                        {"Synaptic Diversity", .156},
                                                        {"Jacobian Score", -.042},
                                                        {"Jacobian Score Normalized", .003}};
  for (const auto& [name, tau] : bert_published) {
    CAPTURE(name);
    CHECK(agrees(bert.at(name), tau));
  }
}

}  // namespace nas::test
