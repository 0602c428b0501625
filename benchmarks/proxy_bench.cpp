// Seconds of one thread for each of the seven proxies of Abdelfattah et al. (ICLR 2021) and for the
// set, on random cells of NAS-Bench-201; see benchmarks/README.md for the peer in PyTorch.
//
//   proxy_bench [COUNT]              each of the seven, and the set
//   proxy_bench COUNT PROXIES        only these together ("reference" is the set)
//   proxy_bench COUNT --list         the cells, for benchmarks/peer/zero_cost_nas.py

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "core/ir/cost.h"
#include "core/runtime/latency.h"
#include "core/runtime/model.h"
#include "predictors/zerocost/engine.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_each(const std::string& proxies, const std::vector<ArchGraph>& graphs) {
  const ProxyEngine engine(parse_proxies(proxies), {}, nullptr);
  static_cast<void>(engine.score(graphs[0]));  // images, kernels, memory
  const double start = thread_seconds();
  for (const ArchGraph& graph : graphs) static_cast<void>(engine.score(graph));
  return (thread_seconds() - start) / static_cast<double>(graphs.size());
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 50;
  const bool list = argc > 2 && std::strcmp(argv[2], "--list") == 0;
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  Rng rng({.seed = 1, .purpose = Purpose::kSample});
  std::vector<ArchGraph> graphs;
  double macs = 0;
  for (int i = 0; i < count; ++i) {
    const Architecture cell = sample(*space, rng);
    if (list) std::printf("%s\n", space->format(cell).c_str());
    graphs.push_back(space->build(cell, space->info().default_task));
    macs += static_cast<double>(graph_cost(graphs.back()).macs) / count;
  }
  if (list || graphs.empty()) return 0;
  set_intra_op_threads(1);
  if (argc > 2) {
    std::printf("%s %.4f s\n", argv[2], seconds_each(argv[2], graphs));
    return 0;
  }
  for (const char* name : {"grad_norm", "snip", "grasp", "fisher", "jacov", "plain", "synflow"}) {
    std::printf("%-10s %.4f s\n", name, seconds_each(name, graphs));
  }
  std::printf("%-10s %.4f s\n", "set", seconds_each("reference", graphs));
  // A forward and a backward pass are three convolutions' worth of multiply-adds.
  const double flops = 2 * 3 * 64 * macs / seconds_each("grad_norm", graphs);
  std::printf("grad_norm: %.1f GFLOP/s of the %.0f that a convolution alone reaches\n", flops / 1e9,
              measured_conv_gflops());
  return 0;
}
