// What the explorer makes of the columns of a table: names, units, truths, order, the hint.
#include <doctest/doctest.h>

#include <algorithm>

#include "app/explorer/explorer_columns.h"
#include "app/explorer/explorer_filter.h"
#include "app/explorer/explorer_table.h"
#include "app/predictors/prediction_origin.h"
#include "core/util/error.h"

using namespace nas;

namespace {

BenchmarkColumn accuracy(const char* dataset, const char* split, const char* statistic = "mean") {
  return {.metric = "accuracy",
          .dataset = dataset,
          .split = split,
          .epochs = 200,
          .statistic = statistic,
          .unit = "%"};
}

BenchmarkColumn cost(const char* metric, const char* dataset, const char* unit = "") {
  return {.metric = metric, .dataset = dataset, .unit = unit, .maximize = false};
}

BenchmarkColumn prediction(const char* name, const BenchmarkColumn& truth, const char* target) {
  BenchmarkColumn column = truth;
  column.statistic = std::string("predictor=") + name;
  column.source = MetricSource::kPredicted;
  column.origin = to_string({.predictor = name, .plugin = "xgboost", .rows = 3, .target = target});
  return column;
}

/// A benchmark as they are: many accuracies, sizes on several data sets, predictions.
std::vector<BrowseColumn> table() {
  Benchmark benchmark({.name = "two words", .space = "nasbench201"});
  benchmark.set_rows({"a", "b"});
  const std::vector<double> values = {1, 2};
  benchmark.add_column({.metric = "jacob_cov", .source = MetricSource::kProxy}, values);
  benchmark.add_column(cost("params", "cifar100"), values);
  benchmark.add_column(cost("params", "cifar10"), values);
  benchmark.add_column(cost("macs", "cifar10"), values);
  BenchmarkColumn slow = cost("latency_ms", "cifar10", "ms");
  slow.device = "pixel3";
  benchmark.add_column(slow, values);
  benchmark.add_column(accuracy("cifar10", "valid"), values);
  benchmark.add_column(accuracy("cifar10", "test", "std"), values);
  benchmark.add_column(accuracy("cifar10", "test"), values);
  benchmark.add_column(accuracy("cifar100", "test"), values);
  benchmark.add_column(
      prediction("forest", accuracy("cifar10", "valid"),
                 "two words accuracy:dataset=cifar10,split=valid,epochs=200,statistic=mean"),
      values);
  benchmark.add_column(prediction("old", accuracy("cifar100", "test"), "another of long ago"),
                       values);
  const auto browse = benchmark_table(std::make_shared<const Benchmark>(std::move(benchmark)));
  return {browse->columns().begin(), browse->columns().end()};
}

std::size_t place(const std::vector<BrowseColumn>& columns, const std::string& name) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const BrowseColumn& c) { return c.name == name; });
  REQUIRE(found != columns.end());
  return static_cast<std::size_t>(found - columns.begin());
}

std::size_t filtered(const std::vector<BrowseColumn>& columns, const std::string& text) {
  return parse_filter(text, columns).steps.at(0).test.column;
}

const char* const kTruth = "accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean";

}  // namespace

TEST_CASE("columns: a filter on a benchmark takes short names, in any case and order") {
  const std::vector<BrowseColumn> columns = table();
  const std::size_t valid = place(columns,
                                  "accuracy:dataset=cifar10,split=valid,epochs=200,"
                                  "statistic=mean");
  for (const char* text :
       {"accuracy cifar10 valid > 93", "ACCURACY valid CIFAR10 > 93", "accuracy valid>93",
        "`accuracy:dataset=cifar10,split=valid,epochs=200,statistic=mean` > 93"}) {
    CAPTURE(text);
    CHECK(filtered(columns, text) == valid);
  }
  CHECK(filtered(columns, "macs < 50M") == place(columns, "macs"));
  CHECK(filtered(columns, "Jacob_Cov is present") == place(columns, "jacob_cov"));
  const Filter both =
      parse_filter("params cifar10 < 1k and latency_ms < 3 or not macs < 2", columns);
  CHECK(both.steps.size() == 6);
  try {
    parse_filter("macs < 3 and accuracy > 93", columns);
    FAIL("an ambiguous name was taken");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(text.find("filter, at 14: 'accuracy' is ambiguous") != std::string::npos);
    CHECK(text.find("\n  accuracy cifar10 valid") != std::string::npos);
    CHECK(text.find("forest") == std::string::npos);  // a prediction is no candidate for a truth
  }
}

TEST_CASE("columns: one truth and its prediction: the truth's name means the truth") {
  Benchmark benchmark({.name = "b"});
  benchmark.set_rows({"a"});
  benchmark.add_column(prediction("p", accuracy("cifar10", "test"), "b accuracy"),
                       std::vector<double>{1});
  benchmark.add_column(accuracy("cifar10", "test"), std::vector<double>{1});
  const auto browse = benchmark_table(std::make_shared<const Benchmark>(std::move(benchmark)));
  const std::vector<BrowseColumn> columns(browse->columns().begin(), browse->columns().end());
  CHECK(filtered(columns, "accuracy > 93") == 3);
  CHECK(filter_hint(columns, {}).find("accuracy") == 0);
}

TEST_CASE("columns: the hint of every table is a filter that it takes") {
  const std::vector<std::vector<BrowseColumn>> tables = {
      table(),
      {{.name = "number", .kind = BrowseKind::kInteger, .is_metric = false},
       {.name = "architecture", .kind = BrowseKind::kText, .is_metric = false}},
      {{.name = "number", .kind = BrowseKind::kInteger, .is_metric = false},
       {.name = "architecture", .kind = BrowseKind::kText, .is_metric = false},
       {.name = "latency_ms@host", .title = "latency_ms@host", .maximize = false},
       {.name = "nwot", .title = "nwot"}},
      {{.name = "number", .kind = BrowseKind::kInteger, .is_metric = false},
       {.name = "<b>a & \x1b[31m b</b>", .title = "<b>a & \x1b[31m b</b>"},
       {.name = "and or not", .title = "and or not", .maximize = false}}};
  for (const std::vector<BrowseColumn>& columns : tables) {
    const std::string hint = filter_hint(columns, {});
    CAPTURE(hint);
    CHECK_FALSE(hint.empty());
    CHECK_NOTHROW(parse_filter(hint, columns));
  }
  CHECK(filter_hint(tables[0], {}) == "accuracy cifar10 test mean > 90 and params cifar10 < 1M");
  const Objective slow{.metric = "latency_ms@host", .maximize = false};
  CHECK(filter_hint(tables[2], std::span(&slow, 1)).starts_with("latency_ms@host < "));
}

TEST_CASE("columns: completion offers short names, also in the middle of one") {
  const std::vector<BrowseColumn> columns = table();
  const auto at = [&](const std::string& text) {
    return complete_filter(text, text.size(), columns);
  };
  const FilterCompletion completion = at("macs < 3 and accuracy cifar10 v");
  CHECK(completion.start == 13);
  CHECK(completion.candidates == std::vector<std::string>{"accuracy cifar10 valid"});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    CHECK(filtered(columns, filter_word(columns, i) +
                                (columns[i].kind == BrowseKind::kText ? " ~ x" : " > 0")) == i);
  }
}

TEST_CASE("columns: a prediction knows the truth that its predictor was fitted on") {
  const std::vector<BrowseColumn> columns = table();
  const std::size_t forest =
      place(columns, "accuracy:dataset=cifar10,split=valid,epochs=200,statistic=predictor=forest");
  CHECK(truth_of(columns, forest) ==
        place(columns, "accuracy:dataset=cifar10,split=valid,epochs=200,statistic=mean"));
  CHECK(fitted_rows(columns[forest]) == 3);
  // Where the origin says nothing that is there, the meaning does.
  const std::size_t old =
      place(columns, "accuracy:dataset=cifar100,split=test,epochs=200,statistic=predictor=old");
  CHECK(truth_of(columns, old) ==
        place(columns, "accuracy:dataset=cifar100,split=test,epochs=200,statistic=mean"));
  CHECK_FALSE(truth_of(columns, place(columns, kTruth)));
  CHECK_FALSE(truth_of(columns, 0));
  for (const char* text : {"", "predictor", "predictor 'a' (b, fitted on x rows of y)",
                           "predictor 'a' (b, fitted on 3 rows of y", "file.csv, column 3"}) {
    CHECK_FALSE(parse_prediction_origin(text));
  }
  const auto origin = parse_prediction_origin("predictor 'a' (b, fitted on 3 rows of c d:e=f)");
  REQUIRE(origin);
  CHECK(origin->target == "c d:e=f");
}

TEST_CASE("columns: what a row is, its objective and its costs come first") {
  const std::vector<BrowseColumn> columns = table();
  std::vector<std::string> names;
  for (const std::size_t column : column_order(columns, {})) names.push_back(columns[column].title);
  CHECK(names.size() == columns.size());
  names.resize(6);
  CHECK(names == std::vector<std::string>{"Row", "Architecture", "accuracy cifar10 test mean",
                                          "params cifar10", "macs", "latency_ms"});
  // Of a study its objectives, in their order.
  const std::vector<BrowseColumn> study = {
      {.name = "number", .is_metric = false},
      {.name = "architecture", .kind = BrowseKind::kText, .is_metric = false},
      {.name = "state", .kind = BrowseKind::kText, .is_metric = false},
      {.name = "accuracy"},
      {.name = "latency_ms", .maximize = false},
      {.name = "params", .maximize = false},
      {.name = "synflow"},
      {.name = "worker", .kind = BrowseKind::kText, .is_metric = false},
      {.name = "seconds", .is_metric = false}};
  const std::vector<Objective> wanted = {{.metric = "synflow"},
                                         {.metric = "latency_ms@host", .maximize = false}};
  CHECK(column_order(study, wanted) == std::vector<std::size_t>{0, 1, 6, 4, 5, 2, 3, 8, 7});
  CHECK(column_order(study, {}) == std::vector<std::size_t>{0, 1, 3, 4, 5, 2, 6, 8, 7});
}

TEST_CASE(
    "columns: which direction is better is what the study asks for, else what the metric says") {
  const BrowseColumn macs{.name = "macs", .maximize = false}, accuracy{.name = "accuracy"};
  const Objective larger{.metric = "macs", .maximize = true};
  CHECK_FALSE(larger_is_better(macs));
  CHECK(larger_is_better(macs, std::span(&larger, 1)));
  CHECK(larger_is_better(accuracy, std::span(&larger, 1)));
  const Objective smaller{.metric = "accuracy", .maximize = false};
  CHECK_FALSE(larger_is_better(accuracy, std::span(&smaller, 1)));
}

TEST_CASE("columns: axes say the unit, of a study's metrics and of a benchmark's columns") {
  const std::vector<BrowseColumn> columns = table();
  CHECK(title_with_unit(columns[place(columns, "latency_ms")]) == "latency (ms)");
  CHECK(title_with_unit(columns[place(columns, kTruth)]) == "accuracy cifar10 test mean (%)");
  CHECK(title_with_unit(columns[place(columns, "macs")]) == "macs");
  CHECK(title_with_unit({.name = "accuracy", .title = "accuracy"}) == "accuracy (%)");
  CHECK(title_with_unit({.name = "latency_ms@host", .title = "latency_ms@host"}) ==
        "latency@host (ms)");
  CHECK(title_with_unit({.name = "activation_bytes", .title = "activation_bytes"}) ==
        "activation (B)");
  CHECK(title_with_unit({.name = "seconds", .title = "Seconds"}) == "Seconds (s)");
  // A table of somebody's that says no unit may hold shares.
  BrowseColumn own{.name = "accuracy", .title = "accuracy", .holds = BenchmarkColumn{}};
  own.holds->metric = "accuracy";
  CHECK(title_with_unit(own) == "accuracy");
}
