// What sharing weights costs, on NAS-Bench-201 with 8 channels, one cell a stage and 16 x 16 images
// in batches of 64: a step on one path of the supernet beside the same step of a stand-alone
// network, a step of the whole mixture beside one path of each operation, and a supernet of plain
// LibTorch calls on the same draws, in its default and in channels-last layout. One thread; each
// figure from a process of its own, so that its peak memory is its own. Usage: supernet_bench
// [rounds]
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/add.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/runtime/optimizer_torch.h"
#include "core/runtime/supernet/weight_bank_torch.h"
#include "core/util/statistics.h"
#include "searchspaces/registry.h"

namespace {

using nas::WeightBank;

constexpr std::int64_t kChannels = 8, kBatch = 64, kSide = 16, kClasses = 10;
constexpr std::size_t kEdges = 6;
enum Operation : std::uint16_t { kNone, kSkip, kConv1x1, kConv3x3, kAvgPool3x3, kOperations };
using Cell = std::array<std::uint16_t, kEdges>;

std::vector<Cell> drawn_cells(int count) {
  nas::Rng rng(nas::RngKey{.seed = 11});
  std::vector<Cell> cells(static_cast<std::size_t>(count));
  for (Cell& cell : cells) {
    for (std::uint16_t& op : cell) op = static_cast<std::uint16_t>(rng.below(kOperations));
  }
  return cells;
}

nas::Blueprint blueprint() {
  const auto space = nas::find_plugin(nas::space_plugins(), "space", "nasbench201").make({});
  nas::Task task;
  task.input = {3, kSide, kSide};
  task.classes = kClasses;
  task.width = kChannels;
  task.depth = 1;
  return *space->blueprint(space->settle(task));
}

struct Batch {
  at::Tensor images = at::randn({kBatch, 3, kSide, kSide});
  at::Tensor labels = at::randint(kClasses, {kBatch}, at::TensorOptions(at::kLong));
};

nas::Recipe recipe() {
  nas::Recipe recipe;
  recipe.weight_decay = 1e-4;
  return recipe;
}

void finish(const at::Tensor& logits, const Batch& batch, nas::Optimizer& optimizer) {
  const at::Tensor loss = at::cross_entropy_loss(logits, batch.labels);
  loss.backward();
  optimizer.step(0.01);
  static_cast<void>(loss.item<float>());
}

struct Figure {
  double milliseconds = 0;  // of processor time, median of the steps
  double megabytes = 0;     // peak of the process beyond what it had before the first step
};

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Calls step(i) for each of `count` steps after two to warm up.
Figure time_steps(int count, const std::function<void(int)>& step) {
  const double before = peak_megabytes();
  std::vector<double> times;
  for (int i = -2; i < count; ++i) {
    const std::clock_t ticks = std::clock();
    step(i < 0 ? 0 : i);
    if (i >= 0) times.push_back(1e3 * static_cast<double>(std::clock() - ticks) / CLOCKS_PER_SEC);
  }
  // The mean: cells differ, and every measurement sees the same ones.
  return {nas::mean(times), peak_megabytes() - before};
}

/// LibTorch is started in the child only.
Figure in_child(const std::function<Figure()>& measure) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    nas::set_intra_op_threads(1);
    const Figure figure = measure();
    const bool written = write(pipe_ends[1], &figure, sizeof figure) == sizeof figure;
    _exit(written ? 0 : 1);
  }
  close(pipe_ends[1]);  // so that a child that fails ends the reading
  Figure figure;
  const bool read_all = read(pipe_ends[0], &figure, sizeof figure) == sizeof figure;
  waitpid(child, nullptr, 0);
  close(pipe_ends[0]);
  if (!read_all) std::abort();
  return figure;
}

Figure stand_alone(const std::vector<Cell>& cells) {
  const nas::Blueprint source = blueprint();
  std::vector<std::unique_ptr<nas::ModelImpl>> models;
  std::vector<std::unique_ptr<nas::Optimizer>> optimizers;
  for (const Cell& cell : cells) {
    models.push_back(std::make_unique<nas::ModelImpl>(resolve(source, cell), nas::RngKey{}));
    optimizers.push_back(std::make_unique<nas::Optimizer>(recipe(), models.back()->parameters()));
  }
  const Batch batch;
  return time_steps(static_cast<int>(cells.size()), [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    optimizers[at]->zero_grad();
    finish(models[at]->forward(batch.images, {.training = true, .batch_statistics = true})[0],
           batch, *optimizers[at]);
  });
}

Figure path_steps(const std::vector<Cell>& cells) {
  WeightBank bank(blueprint(), nas::RngKey{});
  nas::Optimizer optimizer(recipe(), bank.impl().parameters(), nas::AbsentGradient::kSkip);
  const Batch batch;
  return time_steps(static_cast<int>(cells.size()), [&](int i) {
    optimizer.zero_grad();
    const auto subnet =
        bank.impl().borrow(resolve_traced(bank.blueprint(), cells[static_cast<std::size_t>(i)]),
                           nas::Statistics::kShared);
    finish(subnet.model->forward(batch.images, {.training = true, .batch_statistics = true})[0],
           batch, optimizer);
  });
}

Figure mixture_steps(int count) {
  WeightBank bank(blueprint(), nas::RngKey{});
  nas::Optimizer optimizer(recipe(), bank.impl().parameters(), nas::AbsentGradient::kSkip);
  const Batch batch;
  const nas::TracedGraph whole = mixture(bank.blueprint(), nas::all_alternatives(bank.blueprint()));
  at::Tensor alphas = at::zeros({kOperations}).set_requires_grad(true);
  return time_steps(count, [&](int) {
    optimizer.zero_grad();
    const auto mixed = bank.impl().borrow(whole, nas::Statistics::kShared);
    const at::Tensor weights = at::softmax(alphas, 0);
    for (nas::NodeId node = 0; node < whole.graph.size(); ++node) {
      if (bank.blueprint().nodes[whole.origin[node]].op == nullptr) {
        mixed.model->tensors[node][0] = weights;
      }
    }
    finish(mixed.model->forward(batch.images, {.training = true, .batch_statistics = true})[0],
           batch, optimizer);
  });
}

/// The same supernet as anyone would write it with LibTorch's functions.
class PlainSupernet {
 public:
  explicit PlainSupernet(bool channels_last) : channels_last_(channels_last) {
    stem_ = conv(3, kChannels, 3);
    std::int64_t channels = kChannels;
    for (int stage = 0; stage < 3; ++stage) {
      for (std::size_t edge = 0; edge < kEdges; ++edge) {
        edges_[static_cast<std::size_t>(stage)][edge] = {conv(channels, channels, 1),
                                                         conv(channels, channels, 3)};
      }
      if (stage == 2) break;
      residuals_.push_back({conv(channels, 2 * channels, 3), conv(2 * channels, 2 * channels, 3),
                            conv(channels, 2 * channels, 1)});
      channels *= 2;
    }
    last_ = norm(channels);
    weight_ = parameter(at::randn({kClasses, channels}).mul(0.1));
    bias_ = parameter(at::zeros({kClasses}));
  }

  std::vector<at::Tensor> parameters() const { return parameters_; }

  at::Tensor forward(const at::Tensor& images, const Cell& cell) const {
    at::Tensor x =
        stem_(channels_last_ ? images.contiguous(at::MemoryFormat::ChannelsLast) : images, 1, 1);
    for (std::size_t stage = 0; stage < 3; ++stage) {
      x = run_cell(x, edges_[stage], cell);
      if (stage == 2) break;
      const auto& block = residuals_[stage];
      const at::Tensor shortcut = at::conv2d(at::avg_pool2d(x, 2, 2), block[2].weight);
      x = block[1](at::relu(block[0](at::relu(x), 2, 1)), 1, 1).add(shortcut);
    }
    x = at::relu(last_(x));
    return at::linear(at::adaptive_avg_pool2d(x, {1, 1}).flatten(1), weight_, bias_);
  }

 private:
  struct Norm {
    at::Tensor scale, shift, mean, variance;
    at::Tensor operator()(const at::Tensor& x) const {
      return at::batch_norm(x, scale, shift, mean, variance, true, 0.1, 1e-5, false);
    }
  };
  struct Conv {
    at::Tensor weight;
    Norm norm;
    at::Tensor operator()(const at::Tensor& x, std::int64_t stride, std::int64_t padding) const {
      return norm(at::conv2d(x, weight, {}, stride, padding));
    }
  };
  using Edge = std::array<Conv, 2>;

  at::Tensor parameter(at::Tensor value) {
    parameters_.push_back(value.set_requires_grad(true));
    return value;
  }
  Norm norm(std::int64_t channels) {
    return {parameter(at::ones({channels})), parameter(at::zeros({channels})),
            at::zeros({channels}), at::ones({channels})};
  }
  Conv conv(std::int64_t in, std::int64_t out, std::int64_t kernel) {
    at::Tensor weight = at::randn({out, in, kernel, kernel}).mul(0.1);
    if (channels_last_) weight = weight.contiguous(at::MemoryFormat::ChannelsLast);
    return {parameter(weight), norm(out)};
  }

  static at::Tensor run_cell(const at::Tensor& input, const std::array<Edge, kEdges>& edges,
                             const Cell& cell) {
    std::array<at::Tensor, 4> nodes{input};
    std::size_t edge = 0;
    for (std::size_t target = 1; target < 4; ++target) {
      for (std::size_t source = 0; source < target; ++source, ++edge) {
        const at::Tensor term = run_edge(nodes[source], edges[edge], cell[edge]);
        nodes[target] = nodes[target].defined() ? nodes[target].add(term) : term;
      }
    }
    return nodes[3];
  }
  static at::Tensor run_edge(const at::Tensor& x, const Edge& edge, std::uint16_t op) {
    switch (op) {
      case kNone:
        return x.mul(0);
      case kSkip:
        return x;
      case kConv1x1:
        return edge[0](at::relu(x), 1, 0);
      case kConv3x3:
        return edge[1](at::relu(x), 1, 1);
      default:
        return at::avg_pool2d(x, 3, 1, 1, false, false);
    }
  }

  bool channels_last_;
  std::vector<at::Tensor> parameters_;
  Conv stem_;
  std::array<std::array<Edge, kEdges>, 3> edges_;
  std::vector<std::array<Conv, 3>> residuals_;
  Norm last_;
  at::Tensor weight_, bias_;
};

Figure plain_steps(const std::vector<Cell>& cells, bool channels_last) {
  const PlainSupernet supernet(channels_last);
  nas::Optimizer optimizer(recipe(), supernet.parameters(), nas::AbsentGradient::kSkip);
  const Batch batch;
  return time_steps(static_cast<int>(cells.size()), [&](int i) {
    optimizer.zero_grad();
    finish(supernet.forward(batch.images, cells[static_cast<std::size_t>(i)]), batch, optimizer);
  });
}

void print(const char* what, const Figure& figure, const Figure& beside, const char* than) {
  std::printf("%-44s %7.2f ms  %6.1f MB   %.2f times the time, %.2f times the memory of %s\n", what,
              figure.milliseconds, figure.megabytes, figure.milliseconds / beside.milliseconds,
              figure.megabytes / beside.megabytes, than);
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 3;
  const std::vector<Cell> cells = drawn_cells(40);
  for (int round = 0; round < rounds; ++round) {
    const Figure alone = in_child([&] { return stand_alone(cells); });
    const Figure path = in_child([&] { return path_steps(cells); });
    const Figure plain_last = in_child([&] { return plain_steps(cells, true); });
    const Figure plain = in_child([&] { return plain_steps(cells, false); });
    Figure sum;
    for (std::uint16_t op = 0; op < kOperations; ++op) {
      Cell cell;
      cell.fill(op);
      const Figure one = in_child([&] { return path_steps(std::vector<Cell>(10, cell)); });
      sum.milliseconds += one.milliseconds;
      sum.megabytes += one.megabytes;
    }
    const Figure mixed = in_child([&] { return mixture_steps(10); });
    std::printf("round %d: a step of %lld images\n", round + 1, static_cast<long long>(kBatch));
    std::printf("%-44s %7.2f ms\n", "stand-alone networks", alone.milliseconds);
    std::printf("%-44s %7.2f ms  %6.1f MB   %.2f times the time of stand-alone networks\n",
                "one path of the supernet", path.milliseconds, path.megabytes,
                path.milliseconds / alone.milliseconds);
    print("plain LibTorch, channels last", plain_last, path, "our path");
    print("plain LibTorch, default layout", plain, path, "our path");
    print("the whole mixture", mixed, sum, "one path of each operation together");
    std::fflush(stdout);
  }
  return 0;
}
