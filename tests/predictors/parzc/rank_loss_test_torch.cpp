#include <ATen/ops/tensor.h>
#include <doctest/doctest.h>

#include <cmath>

#include "predictors/parzc/rank_loss_torch.h"

namespace nas {
namespace {

at::Tensor numbers(std::vector<double> values) {
  return at::tensor(values, at::TensorOptions(at::kDouble));
}

TEST_CASE("rank losses: three numbers in the right order give the values computed by hand") {
  const at::Tensor values = numbers({0, 1, 2});
  const double kendall = diff_kendall_loss(values, values, 0.5).item<double>();
  const double pairwise = pairwise_loss(values, values).item<double>();
  const double t1 = std::tanh(0.25), t2 = std::tanh(0.5);
  CHECK(kendall == doctest::Approx(-(4 * t1 * t1 + 2 * t2 * t2) / 3));
  CHECK(kendall == doctest::Approx(-0.22235).epsilon(1e-4));
  CHECK(pairwise ==
        doctest::Approx((4 * std::log1p(std::exp(-1.0)) + 2 * std::log1p(std::exp(-2.0))) / 6));
  CHECK(pairwise == doctest::Approx(0.25115).epsilon(1e-4));
}

TEST_CASE("rank losses: a steep DiffKendall is twice the negative Kendall tau") {
  const at::Tensor y = numbers({1, 2, 3, 4, 5});
  const at::Tensor p = numbers({2, 1, 3, 5, 4});  // 8 of 10 pairs agree: tau = 0.6
  CHECK(diff_kendall_loss(p, y, 1e6).item<double>() == doctest::Approx(-1.2));
}

TEST_CASE("rank losses: ties are worth nothing to DiffKendall and ln 2 to the pairwise loss") {
  const at::Tensor y = numbers({1, 1, 1});
  const at::Tensor p = numbers({3, -1, 7});
  CHECK(diff_kendall_loss(p, y, 0.5).item<double>() == doctest::Approx(0));
  CHECK(pairwise_loss(p, y).item<double>() == doctest::Approx(std::log(2.0)));
}

TEST_CASE(
    "rank losses: sums add up, and a shift of the predictions changes only the squared error") {
  const at::Tensor y = numbers({0.3, -1, 2, 0.5});
  const at::Tensor p = numbers({1, 0.2, -0.4, 2});
  const auto loss = [&](const std::string& name, const at::Tensor& x) {
    return rank_loss(name, 0.5, x, y).item<double>();
  };
  CHECK(loss("pairwise+diffkendall+mse", p) ==
        doctest::Approx(loss("pairwise", p) + loss("diffkendall", p) + loss("mse", p)));
  CHECK(loss("diffkendall", p + 3) == doctest::Approx(loss("diffkendall", p)));
  CHECK(loss("pairwise", p + 3) == doctest::Approx(loss("pairwise", p)));
  CHECK(loss("mse", p + 3) > loss("mse", p));
}

TEST_CASE("rank losses: gradients agree with finite differences") {
  const at::Tensor y = numbers({0.3, -1, 2, 0.5});
  for (const char* name : {"diffkendall", "pairwise", "mse"}) {
    CAPTURE(name);
    at::Tensor p = numbers({1, 0.2, -0.4, 2}).set_requires_grad(true);
    rank_loss(name, 0.5, p, y).backward();
    for (std::int64_t i = 0; i < 4; ++i) {
      constexpr double kStep = 1e-5;
      at::Tensor more = p.detach().clone(), less = p.detach().clone();
      more[i] += kStep;
      less[i] -= kStep;
      const double slope =
          (rank_loss(name, 0.5, more, y) - rank_loss(name, 0.5, less, y)).item<double>() /
          (2 * kStep);
      CHECK(p.grad()[i].item<double>() == doctest::Approx(slope).epsilon(1e-6));
    }
  }
}

}  // namespace
}  // namespace nas
