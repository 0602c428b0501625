// Processor microseconds a graph for what every search does with each of them, on random
// architectures of four spaces.
//
//   graph_bench [COUNT]

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "core/ir/cost.h"
#include "core/ir/same/digest.h"
#include "core/ir/same/simplify.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

constexpr int kRounds = 9;

double thread_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

/// The fastest of several rounds over all items: other work on the machine only slows.
template <class Items, class Work>
double fastest(const Items& items, Work work) {
  double best = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double start = thread_microseconds();
    for (const auto& item : items) work(item);
    const double each = (thread_microseconds() - start) / static_cast<double>(items.size());
    best = round == 0 ? each : std::min(best, each);
  }
  return best;
}

void measure(std::string_view name, int count) {
  const auto space = find_plugin(space_plugins(), "space", name).make({});
  const Task& task = space->info().default_task;
  Rng rng({.seed = 1, .purpose = Purpose::kSample});
  std::vector<Architecture> architectures;
  for (int i = 0; i < count; ++i) architectures.push_back(sample(*space, rng));
  std::vector<ArchGraph> graphs;
  double nodes = 0;
  for (const Architecture& architecture : architectures) {
    graphs.push_back(space->build(architecture, task));
    nodes += static_cast<double>(graphs.back().size()) / count;
  }
  volatile std::size_t sink = 0;  // keeps what is measured from being optimised away
  const double build = fastest(architectures, [&](const Architecture& architecture) {
    sink = space->build(architecture, task).size();
  });
  const double cost = fastest(graphs, [&](const ArchGraph& graph) {
    sink = static_cast<std::size_t>(graph_cost(graph).params);
  });
  const double same =
      fastest(graphs, [&](const ArchGraph& graph) { sink = digest(graph).words[0]; });
  const double simple =
      fastest(graphs, [&](const ArchGraph& graph) { sink = simplified(graph).size(); });
  std::printf("%-16.*s %6.0f %9.1f %9.1f %9.1f %9.1f\n", static_cast<int>(name.size()), name.data(),
              nodes, build, cost, same, simple);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = std::max(1, argc > 1 ? std::atoi(argv[1]) : 200);
  std::printf("%-16s %6s %9s %9s %9s %9s\n", "microseconds", "nodes", "build", "cost", "digest",
              "simplify");
  for (const char* name : {"nasbench101", "nasbench201", "darts", "ofa_mobilenetv3"}) {
    measure(name, count);
  }
  return 0;
}
