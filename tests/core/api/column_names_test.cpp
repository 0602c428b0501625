#include "core/api/column_names.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"

using namespace nas;

namespace {

BenchmarkColumn accuracy(const char* dataset, const char* split, std::int64_t epochs,
                         const char* statistic) {
  return {.metric = "accuracy",
          .dataset = dataset,
          .split = split,
          .epochs = epochs,
          .statistic = statistic};
}

BenchmarkColumn latency(const char* dataset, const char* device) {
  return {.metric = "latency_ms", .dataset = dataset, .device = device, .maximize = false};
}

BenchmarkColumn proxy(const char* name) {
  return {.metric = name, .source = MetricSource::kProxy};
}

const std::vector<BenchmarkColumn> kColumns = {
    accuracy("cifar10-valid", "valid", 12, "mean"),
    accuracy("cifar10-valid", "valid", 200, "mean"),
    accuracy("cifar10", "test", 200, "mean"),
    accuracy("ImageNet16-120", "test", 200, "mean"),
    latency("cifar10", "pixel3"),
    latency("cifar10", "raspi4"),
    latency("ImageNet16-120", "pixel3"),
    proxy("synflow"),
};

std::vector<std::size_t> meant(std::span<const BenchmarkColumn> columns, std::string_view name) {
  return meant_columns(columns, parse_column_query(name));
}

std::vector<std::size_t> meant(std::string_view name) {
  return meant(kColumns, name);
}

using Found = std::vector<std::size_t>;

}  // namespace

TEST_CASE("words name a column in any order and in upper or lower case") {
  CHECK(meant("accuracy cifar10 test") == Found{2});
  CHECK(meant("TEST Accuracy Cifar10") == Found{2});
  CHECK(meant("accuracy imagenet16-120") == Found{3});
  CHECK(meant("accuracy CIFAR-10 test") == Found{2});
  CHECK(meant("accuracy 12") == Found{0});
  CHECK(meant("synflow") == Found{7});
  CHECK(meant("SynFlow") == Found{7});
}

TEST_CASE("the long key, parts of it and a device after '@' name a column too") {
  CHECK(meant("accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean") == Found{2});
  CHECK(meant("accuracy:Dataset=CIFAR10") == Found{2});
  CHECK(meant("accuracy epochs=12") == Found{0});
  CHECK(meant("accuracy test:dataset=cifar10") == Found{2});
  CHECK(meant("latency_ms@raspi4") == Found{5});
  CHECK(meant("latency_ms cifar10@pixel3") == Found{4});
  CHECK(meant("@pixel3 latency_ms imagenet16-120") == Found{6});
  CHECK(meant("latency@raspi4") == Found{5});  // a piece of the metric
  CHECK_THROWS_AS(parse_column_query("latency_ms@"), Error);
  CHECK_THROWS_AS(parse_column_query(" "), Error);
}

TEST_CASE("a whole value is meant before a piece of another one") {
  // "cifar10" is a piece of "cifar10-valid" too.
  CHECK(meant("accuracy cifar10") == Found{2});
  CHECK(meant("accuracy imagenet16") == Found{3});
}

TEST_CASE("nothing is guessed: several columns are candidates, an unknown word finds none") {
  CHECK(meant("accuracy") == Found{0, 1, 2, 3});
  CHECK(meant("accuracy valid") == Found{0, 1});
  CHECK(meant("latency_ms@pixel3") == Found{4, 6});
  CHECK(meant("accuracy cifar11").empty());
  CHECK(meant("cifar10 test").empty());  // no metric
  CHECK(meant("acc").empty());
}

TEST_CASE("a column whose parts are all named wins over longer ones") {
  const std::vector<BenchmarkColumn> columns = {proxy("params"),
                                                {.metric = "params", .dataset = "cifar10"}};
  CHECK(meant(columns, "params") == Found{0});
  CHECK(meant(columns, "params cifar10") == Found{1});
}

TEST_CASE("predictions never make a truth ambiguous and can be named themselves") {
  BenchmarkColumn predicted = accuracy("cifar10", "test", 200, "predictor=mine");
  predicted.source = MetricSource::kPredicted;
  const std::vector<BenchmarkColumn> columns = {predicted,
                                                accuracy("cifar10", "test", 200, "mean")};
  CHECK(meant(columns, "accuracy") == Found{1});
  CHECK(meant(columns, "accuracy predictor=mine") == Found{0});
  CHECK(meant(columns, "accuracy mine") == Found{0});
  CHECK(short_column_names(columns) ==
        std::vector<std::string>{"accuracy predictor=mine", "accuracy"});
}

TEST_CASE("short names are short, unique and read back") {
  CHECK(short_column_names(kColumns) ==
        std::vector<std::string>{
            "accuracy cifar10-valid valid 12", "accuracy cifar10-valid valid 200",
            "accuracy cifar10 test", "accuracy ImageNet16-120 test", "latency_ms cifar10 pixel3",
            "latency_ms cifar10 raspi4", "latency_ms ImageNet16-120 pixel3", "synflow"});
  const std::vector<BenchmarkColumn> odd = {
      {.metric = "top 1 error", .dataset = "a"},
      {.metric = "top 1 error", .dataset = "b"},
      {.metric = "error"},
      {.metric = "Error"},
      {.metric = "loss", .statistic = "seed=1"},
      {.metric = "loss", .statistic = "seed=2"},
      {.metric = "loss", .dataset = "my data"},
      {.metric = "macs", .split = "test"},
  };
  for (const std::vector<BenchmarkColumn>& columns : {kColumns, odd}) {
    const std::vector<std::string> names = short_column_names(columns);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      CAPTURE(names[i]);
      CHECK(meant(columns, names[i]) == Found{i});
      CHECK(meant(columns, column_text(columns[i])) == Found{i});
    }
  }
  CHECK(short_column_names(odd)[4] == "loss seed=1");
}

TEST_CASE("an unclear name lists at most twelve candidates, one per line, the nearest first") {
  Benchmark table({.name = "tss", .space = "nasbench201"});
  table.set_rows({});
  for (const BenchmarkColumn& column : kColumns) table.add_column(column, {});
  const auto error = [&](const char* name) -> std::string {
    try {
      table.column(name);
    } catch (const Error& caught) {
      return caught.what();
    }
    return "";
  };
  CHECK(error("accuracy valid") ==
        "benchmark 'tss': 'accuracy valid' is ambiguous; choose one of:\n"
        "  accuracy cifar10-valid valid 12\n  accuracy cifar10-valid valid 200");
  CHECK(
      error("acuracy").starts_with("benchmark 'tss': unknown column 'acuracy'; the nearest are:\n"
                                   "  accuracy cifar10 test\n"));
  CHECK(error("latency_ms pixel4").find(":\n  latency_ms cifar10 pixel3\n") != std::string::npos);
  for (int i = 0; i < 20; ++i) {
    table.add_column({.metric = "accuracy", .dataset = "set" + std::to_string(i)}, {});
  }
  const std::string many = error("accuracy");
  CHECK(std::count(many.begin(), many.end(), '\n') == 13);
  CHECK(many.ends_with("... and 12 more"));
}
