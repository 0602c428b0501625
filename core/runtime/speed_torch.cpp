#include <ATen/Parallel.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <c10/core/GradMode.h>

#include <ctime>
#include <limits>

#include "core/runtime/entries_torch.h"
#include "core/runtime/model_torch.h"

namespace nas {
namespace {

/// Processor time of the calling thread: a busy machine lengthens wall time, not this.
double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The rate of the fastest of five runs, on one thread.
double best_gflops(double flops, const std::function<at::Tensor()>& body) {
  const c10::NoGradGuard no_grad;
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  double best = std::numeric_limits<double>::infinity();
  body();
  for (int i = 0; i < 5; ++i) {
    const double start = thread_seconds();
    body();
    best = std::min(best, thread_seconds() - start);
  }
  at::set_num_threads(threads);
  return flops / best / 1e9;
}

}  // namespace

bool on_torch::cuda_is_available() {
  return pick_device().is_cuda();
}

double on_torch::measured_matmul_gflops() {
  const at::Tensor a = at::full({512, 512}, 0.5, at::TensorOptions(at::kFloat));
  return best_gflops(2.0 * 512 * 512 * 512, [&] { return at::matmul(a, a); });
}

double on_torch::measured_conv_gflops() {
  const auto last = at::MemoryFormat::ChannelsLast;
  const at::Tensor x =
      at::full({64, 64, 16, 16}, 0.5, at::TensorOptions(at::kFloat)).contiguous(last);
  const at::Tensor w =
      at::full({64, 64, 3, 3}, 0.5, at::TensorOptions(at::kFloat)).contiguous(last);
  const double flops = 2.0 * 64 * 64 * 64 * 16 * 16 * 9;
  return best_gflops(flops, [&] { return at::conv2d(x, w, {}, 1, 1); });
}

}  // namespace nas
