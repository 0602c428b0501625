// Speed of benchmarks in the store: benchmark_store_bench [directory]
// A table of the size of NAS-Bench-201 (15,625 rows, 30 columns): opening, memory and look-ups by
// text, each beside its limit.

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/api/benchmark.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/rng.h"
#include "db/sqlite_store.h"

namespace nas::benchmark {

namespace {

constexpr std::size_t kRows = 15'625, kColumns = 30, kOpenings = 20, kLookUps = 5'000'000;
constexpr double kOpeningLimitMs = 50, kMemoryLimitMb = 30, kLookUpLimit = 1e6;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Bytes of this process that are in memory.
double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0, resident = 0;
  file >> pages >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::string cell_text(std::size_t number) {
  const char* const names[] = {"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                               "avg_pool_3x3"};
  std::string text;
  for (int node = 1; node < 4; ++node) {
    if (node > 1) text += "+";
    text += "|";
    for (int source = 0; source < node; ++source) {
      text += std::string(names[number % 5]) + "~" + std::to_string(source) + "|";
      number /= 5;
    }
  }
  return text;
}

void fill(const std::filesystem::path& path) {
  Benchmark benchmark({.name = "table", .space = "nasbench201"});
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < kRows; ++row) texts.push_back(cell_text(row));
  benchmark.set_rows(std::move(texts));
  Rng rng({.seed = 1});
  for (std::size_t column = 0; column < kColumns; ++column) {
    std::vector<double> values(kRows);
    for (double& value : values) value = rng.uniform(0, 100);
    benchmark.add_column({.metric = "accuracy", .statistic = "seed=" + std::to_string(column)},
                         std::move(values));
  }
  open_sqlite_store(path, OpenMode::kCreate)->put_benchmark(benchmark);
}

double look_ups_per_second(const Benchmark& benchmark) {
  // In random order and from copies, as a searcher asks.
  std::vector<std::string> questions(benchmark.texts().begin(), benchmark.texts().end());
  Rng rng({.seed = 2});
  rng.shuffle(std::span(questions));
  const double start = now();
  double sum = 0;
  for (std::size_t i = 0; i < kLookUps; ++i) {
    const auto row = benchmark.find(questions[i % kRows]);
    sum += benchmark.value(i % kColumns, row.value());
  }
  const double seconds = now() - start;
  if (sum < 0) std::puts("impossible");  // keeps the loop
  return static_cast<double>(kLookUps) / seconds;
}

void report(const char* what, double value, const char* unit, double ratio) {
  std::printf("%-28s %12.1f %-6s %6.1f times better than the limit%s\n", what, value, unit, ratio,
              ratio < 1 ? "  MISSED" : "");
}

int run(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "benchmark_store_bench.db";
  std::filesystem::remove(path);
  fill(path);
  const auto store = open_sqlite_store(path, OpenMode::kReadOnly);
  store->benchmarks();
  const double before = resident_bytes();
  double first = now();
  auto benchmark = store->open_benchmark("table");
  first = (now() - first) * 1e3;
  const double memory = (resident_bytes() - before) / 1e6;
  double best = first;
  for (std::size_t i = 1; i < kOpenings; ++i) {
    const double start = now();
    benchmark = store->open_benchmark("table");
    best = std::min(best, (now() - start) * 1e3);
  }
  const double rate = look_ups_per_second(*benchmark);
  report("opening, first", first, "ms", kOpeningLimitMs / first);
  report("opening, best", best, "ms", kOpeningLimitMs / best);
  report("resident for it", memory, "MB", kMemoryLimitMb / memory);
  report("look-ups, text to value", rate / 1e6, "M/s", rate / kLookUpLimit);
  std::printf("%-28s %12.1f MB\n", "values, texts and index",
              static_cast<double>(benchmark->bytes()) / 1e6);
  std::filesystem::remove(path);
  const bool held = first < kOpeningLimitMs && memory < kMemoryLimitMb && rate > kLookUpLimit;
  return held ? 0 : 1;
}

}  // namespace

}  // namespace nas::benchmark

int main(int argc, char** argv) {
  try {
    const nas::TemporaryDirectory directory;
    return nas::benchmark::run(argc > 1 ? std::filesystem::path(argv[1]) : directory.path());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "benchmark_store_bench: %s\n", error.what());
    return 2;
  }
}
