#pragma once

#include <limits>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "core/api/benchmark.h"
#include "core/util/file.h"

namespace nas::test {

/// A session on a database of its own.
struct BenchmarkFixture {
  TemporaryDirectory directory;
  Session session{SessionOptions{.store = directory.path() / "results.db"}};
};

/// Five cells of NAS-Bench-201 with their true parameters and MACs on CIFAR-10 (the first and the
/// third are the sheet's own examples: indices 0 and 284), an accuracy and two proxies.
inline Benchmark five_cells(const std::string& name) {
  Benchmark benchmark({.name = name, .space = "nasbench201", .space_version = "1"});
  benchmark.set_rows({
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_"
      "connect~2|",
      "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_"
      "connect~2|",
      "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|nor_conv_1x1~1|none~2|",
      "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
      "|skip_connect~0|+|none~0|skip_connect~1|+|none~0|none~1|skip_connect~2|",
  });
  benchmark.add_column({.metric = "params",
                        .dataset = "cifar10",
                        .maximize = false,
                        .source = MetricSource::kComputed},
                       {129306, 802426, 101306, 73306, 73306});
  benchmark.add_column({.metric = "macs",
                        .dataset = "cifar10",
                        .maximize = false,
                        .source = MetricSource::kComputed},
                       {15647370, 113951370, 11715210, 7783050, 7783050});
  benchmark.add_column({.metric = "accuracy",
                        .dataset = "cifar10",
                        .split = "test",
                        .epochs = 200,
                        .statistic = "mean",
                        .unit = "%"},
                       {85.8633, 91.5833, 88.79, 10, std::numeric_limits<double>::quiet_NaN()});
  benchmark.add_column({.metric = "synflow", .dataset = "cifar10", .source = MetricSource::kProxy},
                       {2, 3, 1, -std::numeric_limits<double>::infinity(), 5});
  benchmark.add_column({.metric = "constant", .source = MetricSource::kProxy}, {1, 1, 1, 1, 1});
  benchmark.add_column({.metric = "loss", .epochs = 2, .maximize = false, .width = 2},
                       {4, 3, 4, 2, 4, 1, 4, 4, 4, 0.5});
  return benchmark;
}

}  // namespace nas::test
