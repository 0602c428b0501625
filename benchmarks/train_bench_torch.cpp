// Training speed of NAS-Bench-201 networks: full steps (forward, loss, backward, SGD) on synthetic
// data. benchmarks/peer/train_bench.py measures the same networks in plain PyTorch. Usage:
// train_bench [batch] [threads] [steps] [cell]
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "benchmarks/nb201_network.h"
#include "core/runtime/latency.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/optimizer_torch.h"
#include "core/util/statistics.h"

namespace {

struct Cell {
  const char* name;
  const char* text;
};
constexpr Cell kCells[] = {
    {"one_pool",
     "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~"
     "2|"},
    {"conv_heavy",
     "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~"
     "2|"},
    {"two_pools",
     "|nor_conv_3x3~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_3x3~1|avg_pool_3x3~"
     "2|"},
};

/// Of a training step: on the wall clock, and of the processor (all threads), which a busy machine
/// blurs less.
struct StepTime {
  double wall = 0;
  double processor = 0;
};

StepTime median_step_time(const nas::ArchGraph& graph, std::int64_t batch, int steps) {
  nas::Model model(graph, nas::RngKey{});
  nas::ModelImpl& impl = model.impl();
  const nas::Recipe recipe;
  nas::Optimizer optimizer(recipe, impl.parameters());
  const at::Tensor images = at::randn({batch, 3, 32, 32});
  const at::Tensor labels = at::randint(10, {batch}, at::TensorOptions(at::kLong));
  std::vector<double> wall;
  std::vector<double> processor;
  for (int i = 0; i <= steps; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t ticks = std::clock();
    optimizer.zero_grad();
    const at::Tensor logits = impl.forward(images, {.training = true, .batch_statistics = true})[0];
    const at::Tensor loss = at::cross_entropy_loss(logits, labels);
    loss.backward();
    optimizer.step(recipe.learning_rate);
    static_cast<void>(loss.item<float>());
    if (i == 0) continue;  // warms up
    wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    processor.push_back(static_cast<double>(std::clock() - ticks) / CLOCKS_PER_SEC);
  }
  return {nas::median(wall), nas::median(processor)};
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t batch = argc > 1 ? std::atoll(argv[1]) : 128;
  const int threads = argc > 2 ? std::atoi(argv[2]) : 1;
  const int steps = argc > 3 ? std::atoi(argv[3]) : 8;
  const std::string only = argc > 4 ? argv[4] : "";
  nas::set_intra_op_threads(threads);
  const double peak = nas::measured_conv_gflops();
  std::printf("convolution %.1f GFLOP/s, matrix product %.1f GFLOP/s on one thread\n", peak,
              nas::measured_matmul_gflops());
  for (const Cell& cell : kCells) {
    if (!only.empty() && only != cell.name) continue;
    const nas::ArchGraph graph = nas::bench::nb201_network(cell.text);
    const StepTime time = median_step_time(graph, batch, steps);
    // Forward and two backward passes, two operations a MAC.
    const double step_gflop = 6e-9 * static_cast<double>(nas::graph_cost(graph).macs * batch);
    std::printf(
        "%-12s threads %d  %8.1f images/s  %8.1f images/processor-s  %6.1f GFLOP/s (%.0f %% of "
        "convolution)\n",
        cell.name, threads, static_cast<double>(batch) / time.wall,
        static_cast<double>(batch) / time.processor, step_gflop / time.wall,
        100 * step_gflop / time.processor / peak);
    std::fflush(stdout);
  }
  return 0;
}
