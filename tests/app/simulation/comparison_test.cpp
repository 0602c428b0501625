#include "app/simulation/comparison.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/file.h"
#include "core/util/text.h"

using namespace nas;

namespace {

SimulatedRun run_of(double value, double report) {
  SimulatedRun run;
  run.queries = 10;
  run.seconds = 100;
  run.trajectory = {{1, 10, 0, value - 5}, {5, 50, 1, value}};
  run.report = {report};
  return run;
}

// The second searcher is better by 1 in each of ten runs, the third equal to the first.
Comparison three_searchers() {
  Comparison comparison;
  comparison.benchmark = "toy";
  comparison.by_seconds = true;
  comparison.budget = 100;
  comparison.quantities = {{"accuracy", true, 95},
                           {.column = "error", .maximize = false, .best = 1, .name = "wrong"}};
  comparison.searchers = {{"a", {}}, {"b", {}}, {"c", {}}};
  for (int i = 0; i < 10; ++i) {
    comparison.searchers[0].runs.push_back(run_of(80 + i, 10));
    comparison.searchers[1].runs.push_back(run_of(81 + i, 9));
    comparison.searchers[2].runs.push_back(run_of(80 + i, 10));
  }
  return comparison;
}

std::size_t column_of(const Table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].name == name) return i;
  }
  FAIL("no column " << name);
  return 0;
}

template <class T>
T at(const Table& table, std::size_t row, std::string_view column) {
  return std::get<T>(table.rows.at(row).at(column_of(table, column)));
}

}  // namespace

TEST_CASE("comparison: statistics, regret and corrected tests of each quantity") {
  const Table table = comparison_table(three_searchers());
  REQUIRE(table.rows.size() == 6);
  CHECK(at<std::string>(table, 0, "verdict") == "reference");
  CHECK(at<double>(table, 0, "mean") == doctest::Approx(84.5));
  CHECK(at<double>(table, 0, "median") == doctest::Approx(84.5));
  CHECK(at<double>(table, 0, "q25") == doctest::Approx(82.25));
  CHECK(at<double>(table, 0, "regret") == doctest::Approx(10.5));
  CHECK(at<double>(table, 0, "deviation") == doctest::Approx(std::sqrt(82.5 / 9)).epsilon(1e-4));
  // Ten equal signs: 2 / 1024, doubled by Holm for the smaller of two tests.
  CHECK(at<double>(table, 1, "p_holm") == doctest::Approx(4.0 / 1024));
  CHECK(at<std::string>(table, 1, "verdict") == "better");
  CHECK(at<double>(table, 2, "p_holm") == 1);
  CHECK(at<std::string>(table, 2, "verdict") == "no difference shown");
  // A smaller error is better.
  CHECK(at<std::string>(table, 4, "quantity") == "error");
  CHECK(at<std::string>(table, 4, "name") == "wrong");
  CHECK(at<std::string>(table, 4, "verdict") == "better");
  CHECK(at<double>(table, 4, "regret") == doctest::Approx(8));
}

TEST_CASE("comparison: against the best searcher, the others are worse") {
  Comparison comparison = three_searchers();
  comparison.against_best = true;
  const Table table = comparison_table(comparison);
  CHECK(at<std::string>(table, 0, "verdict") == "worse");
  CHECK(at<std::string>(table, 1, "verdict") == "reference");
  CHECK(at<std::string>(table, 5, "verdict") == "worse");
}

TEST_CASE("comparison: runs without an answer are left out and counted") {
  Comparison comparison = three_searchers();
  comparison.quantities.pop_back();
  for (ComparedSearcher& searcher : comparison.searchers) {
    for (SimulatedRun& run : searcher.runs) run.report.clear();
  }
  comparison.searchers[1].runs[0].trajectory.clear();
  const Table table = comparison_table(comparison);
  CHECK(at<std::int64_t>(table, 0, "runs") == 10);
  CHECK(at<std::int64_t>(table, 1, "runs") == 9);
  CHECK(at<double>(table, 1, "mean") == doctest::Approx(86));
  for (SimulatedRun& run : comparison.searchers[1].runs) run.trajectory.clear();
  CHECK(at<std::string>(comparison_table(comparison), 1, "verdict") == "no answers");
}

TEST_CASE("comparison: one bad run does not turn the verdict of all the others") {
  Comparison comparison = three_searchers();
  // Better by 1 in seventeen runs, worse by 60 in one: a lower mean, yet the ranks are clear.
  for (ComparedSearcher& searcher : comparison.searchers) {
    for (int i = 0; i < 8; ++i) searcher.runs.push_back(searcher.runs.back());
  }
  comparison.searchers[1].runs[0].trajectory.back().value = 20;
  const Table table = comparison_table(comparison);
  CHECK(at<double>(table, 1, "mean") < at<double>(table, 0, "mean"));
  CHECK(at<double>(table, 1, "p_holm") < 0.05);
  CHECK(at<std::string>(table, 1, "verdict") == "better");
}

TEST_CASE("comparison: a value beyond the best of the table is a negative regret") {
  Comparison comparison = three_searchers();
  comparison.quantities[0].best = 84;
  comparison.quantities[1].best = 12;
  const Table table = comparison_table(comparison);
  CHECK(at<double>(table, 0, "regret") == doctest::Approx(-0.5));
  CHECK(at<double>(table, 3, "regret") == doctest::Approx(-2));
}

TEST_CASE("comparison: runs that all find the best are drawn on the floor") {
  Comparison comparison = three_searchers();
  for (ComparedSearcher& searcher : comparison.searchers) {
    for (SimulatedRun& run : searcher.runs) run.trajectory = {{1, 1, 0, 95}};
  }
  const Plot plot = anytime_plot(comparison);
  for (const PlotSeries& series : plot.series) {
    for (const PlotPoint& point : series.points) CHECK(point.y == 0.01);
  }
  CHECK(render_svg(plot).find("inf") == std::string::npos);
}

TEST_CASE("comparison: one run of each searcher is too few to tell") {
  Comparison comparison = three_searchers();
  for (ComparedSearcher& searcher : comparison.searchers) searcher.runs.resize(1);
  const Table table = comparison_table(comparison);
  CHECK(at<double>(table, 1, "deviation") == 0);
  CHECK(at<double>(table, 1, "p_holm") == 1);
  CHECK(at<std::string>(table, 1, "verdict") == "too few runs to tell");
}

TEST_CASE("comparison: curves step up with the incumbents and are empty before the first") {
  const Table table = anytime_table(three_searchers(), 20);
  REQUIRE(table.rows.size() == 60);
  CHECK(std::holds_alternative<std::monostate>(table.rows[0][column_of(table, "median")]));
  CHECK(at<double>(table, 1, "median") == doctest::Approx(79.5));  // 10 s
  CHECK(at<double>(table, 8, "median") == doctest::Approx(79.5));  // 45 s
  CHECK(at<double>(table, 9, "median") == doctest::Approx(84.5));  // 50 s
  CHECK(at<double>(table, 19, "q25") == doctest::Approx(82.25));
  CHECK(at<double>(table, 19, "q75") == doctest::Approx(86.75));
}

TEST_CASE("comparison: the drawing has a line and a band for each searcher") {
  const std::string svg = render_svg(anytime_plot(three_searchers()));
  const auto occurrences = [&](std::string_view part) {
    int count = 0;
    for (std::size_t found = svg.find(part); found != std::string::npos;
         found = svg.find(part, found + 1)) {
      ++count;
    }
    return count;
  };
  CHECK(occurrences("fill-opacity=\"0.16\"") == 3);
  CHECK(occurrences("class=\"line s") >= 3);
  CHECK(svg.find("regret of accuracy") != std::string::npos);
  CHECK(svg.find("nan") == std::string::npos);
}

TEST_CASE("comparison: files of all results") {
  const TemporaryDirectory directory;
  const auto paths = write_comparison(three_searchers(), directory.path() / "new");
  CHECK(paths.size() == 5);
  for (const auto& path : paths) CHECK(std::filesystem::file_size(path) > 100);
  const std::string runs = read_file(directory.path() / "new" / "runs.csv");
  CHECK(std::count(runs.begin(), runs.end(), '\n') == 31);
}

TEST_CASE("comparison: lists of searchers with options") {
  const auto choices = parse_searchers("random,evolution:population=20,repeats=true,local");
  REQUIRE(choices.size() == 3);
  CHECK(choices[0].name == "random");
  CHECK(choices[1].options == OptionMap{{"population", "20"}, {"repeats", "true"}});
  CHECK(choices[2].name == "local");
  CHECK(parse_searchers("local:initial=1,move=best,local").size() == 2);
  CHECK_THROWS_AS(parse_searchers("local,local"), Error);
}
