// The predictor `transfer` on devices that it has not seen, beside what is simpler, on public
// tables: `scripts/reproduce latency-transfer`.
// usage: latency_transfer_bench DATA [SEEDS]     (DATA: the folder with hw-help-nb201, ...)

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/predictors/latency_protocol.h"

namespace {

using namespace nas;
using namespace nas::test;

void print(const std::string& name, const LatencyScore& score) {
  std::printf("%-22s %.4f %.4f  %.3f  %.4f %.4f   %.4f %.4f   %.4f %.4f   %.2f   %.2f %.2f %.2f\n",
              name.c_str(), score.middle, score.all, score.worst, score.ridge, score.ridge_all,
              score.source, score.source_all, score.macs, score.macs_all, score.within_10,
              score.covered[0], score.covered[1], score.covered[2]);
}

void run(const LatencyTable& table, const LatencyTask& task, const LatencyProtocol& protocol) {
  const auto start = std::chrono::steady_clock::now();
  const auto scores = run_protocol(table, task, protocol);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("\n%s: %zu source devices, %zu %s samples, %llu draws, %.1f s\n", task.name.c_str(),
              task.sources.size(), protocol.samples, protocol.designed ? "suggested" : "random",
              static_cast<unsigned long long>(protocol.seeds), seconds.count());
  std::printf(
      "                       transfer       worst  ridge            best source     MACs"
      "            <10 %%  in 50 80 95 %%\n"
      "                       middle all            middle all       middle all      middle all\n");
  for (const auto& [device, score] : scores) print(device, score);
  print("mean (worst)", mean_of(scores));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: latency_transfer_bench DATA [SEEDS]\n");
    return 2;
  }
  const std::filesystem::path data(argv[1]);
  const std::uint64_t seeds = argc > 2 ? std::stoull(argv[2]) : 20;
  {
    const LatencyTable table = read_nb201_latencies(data / "hw-help-nb201", data / "tab-nb201");
    for (const bool designed : {true, false}) {
      run(table, nb201_task(), {.designed = designed, .seeds = seeds});
    }
    run(table, nb201_compiler_task(), {.seeds = seeds});
  }
  const LatencyTable table = read_fbnet_latencies(data / "hw-help-fbnet", 5000);
  for (const LatencyTask& task : fbnet_tasks()) {
    run(table, task, {.pool = 4000, .source_rows = 800, .samples = 20, .seeds = seeds});
  }
  return 0;
}
