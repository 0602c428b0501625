#include <ATen/ops/avg_pool2d.h>
#include <doctest/doctest.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/runtime/avg_pool_torch.h"
#include "tests/core/runtime/noise_torch.h"

namespace nas {
namespace {

at::Tensor reference(const at::Tensor& x, const PoolWindow& w) {
  return at::avg_pool2d(x, {w.kernel, w.kernel}, {w.stride, w.stride}, {w.padding, w.padding},
                        w.ceil_mode, w.count_include_pad);
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  REQUIRE(a.sizes() == b.sizes());
  return a.sub(b).abs().max().item<double>();
}

constexpr PoolWindow kWindows[] = {
    {.kernel = 3, .stride = 1, .padding = 1},
    {.kernel = 3, .stride = 2, .padding = 1},
    {.kernel = 2, .stride = 2, .padding = 0},
    {.kernel = 5, .stride = 3, .padding = 2, .ceil_mode = true},
    {.kernel = 3, .stride = 2, .padding = 0, .ceil_mode = true},
    {.kernel = 3, .stride = 1, .padding = 1, .ceil_mode = false, .count_include_pad = true},
    {.kernel = 5, .stride = 3, .padding = 2, .ceil_mode = true, .count_include_pad = true},
    {.kernel = 2, .stride = 3, .padding = 1, .ceil_mode = true},
    {.kernel = 7, .stride = 1, .padding = 0},
};

}  // namespace

TEST_CASE("average pooling agrees with LibTorch forward, backward and twice backward") {
  for (const PoolWindow& window : kWindows) {
    for (const at::MemoryFormat format :
         {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
        CAPTURE(window.kernel);
        CAPTURE(window.stride);
        CAPTURE(window.count_include_pad);
        const at::Tensor noise = test::noise({2, 5, 9, 7}, 1).to(type).contiguous(format);
        const at::Tensor x = noise.clone().set_requires_grad(true);
        const at::Tensor x_reference = noise.clone().set_requires_grad(true);
        const at::Tensor y = average_pool(x, window);
        const at::Tensor y_reference = reference(x_reference, window);
        CHECK(distance(y, y_reference) < 1e-6);
        const at::Tensor direction = test::noise(y.sizes(), 2).to(type);
        // Cubes make the second derivative depend on x.
        const auto differentiate = [&](const at::Tensor& value, const at::Tensor& variable) {
          const at::Tensor loss = value.pow(3).mul(direction).sum();
          const at::Tensor first = torch::autograd::grad({loss}, {variable}, {}, true, true)[0];
          const at::Tensor second = torch::autograd::grad({first.square().sum()}, {variable})[0];
          return std::pair(first, second);
        };
        const auto [first, second] = differentiate(y, x);
        const auto [first_reference, second_reference] = differentiate(y_reference, x_reference);
        CHECK(distance(first, first_reference) < 1e-5);
        CHECK(distance(second, second_reference) < 1e-4);
      }
    }
  }
}

TEST_CASE("average pooling: the gradient agrees with central differences") {
  const PoolWindow window{.kernel = 3, .stride = 1, .padding = 1};
  const at::Tensor x = test::noise({1, 2, 4, 5}, 3).to(at::kDouble).set_requires_grad(true);
  average_pool(x, window).pow(3).sum().backward();
  at::Tensor values = x.detach();
  auto* raw = values.data_ptr<double>();
  const auto* gradient = x.grad().data_ptr<double>();
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    const double before = raw[i];
    raw[i] = before + 1e-6;
    const double high = average_pool(values, window).pow(3).sum().item<double>();
    raw[i] = before - 1e-6;
    const double low = average_pool(values, window).pow(3).sum().item<double>();
    raw[i] = before;
    CHECK(gradient[i] == doctest::Approx((high - low) / 2e-6).epsilon(1e-5).scale(1));
  }
}

TEST_CASE("average pooling: a transposed axis is the transposed matrix") {
  const PoolAxis axis = pool_axis({.kernel = 2, .stride = 3, .padding = 0}, 8);
  const PoolAxis back = transposed(axis);
  for (std::int64_t i = 0; i < axis.target_size; ++i) {
    for (std::int64_t j = 0; j < axis.source_size; ++j) {
      const auto t = static_cast<std::size_t>(i);
      const auto s = static_cast<std::size_t>(j);
      const bool in = j >= axis.begin[t] && j < axis.end[t];
      const bool in_back = i >= back.begin[s] && i < back.end[s];
      CHECK(in == in_back);
    }
  }
}

}  // namespace nas
