#include <ATen/ops/_standard_gamma_grad.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/scalar_tensor.h>
#include <doctest/doctest.h>

#include "core/ir/arch_builder.h"
#include "core/runtime/model_torch.h"
#include "core/util/gamma.h"

namespace nas {

TEST_CASE("partial channels: the shuffle of eight channels in four groups") {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {8, 1, 1}});
  builder.output("y", builder.add("channel_shuffle", {x}, {{"groups", 4}}));
  const ModelImpl model(builder.finish(), RngKey{});
  const at::Tensor numbers = at::arange(8, at::TensorOptions(at::kFloat)).view({1, 8, 1, 1});
  const at::Tensor shuffled = model.forward(numbers, {})[0].contiguous();
  const auto* values = shuffled.data_ptr<float>();
  CHECK(std::vector<float>(values, values + 8) == std::vector<float>{0, 2, 4, 6, 1, 3, 5, 7});
}

TEST_CASE("gamma gradients agree with LibTorch's") {
  for (const double shape : {0.05, 0.4, 1.0, 3.0, 20.0}) {
    for (const double x : {0.01, 0.3, 1.0, 4.0, 12.0, 30.0}) {
      CAPTURE(shape);
      CAPTURE(x);
      const at::TensorOptions real(at::kDouble);
      const double theirs =
          at::_standard_gamma_grad(at::scalar_tensor(shape, real), at::scalar_tensor(x, real))
              .item<double>();
      CHECK(gamma_gradient(shape, x) == doctest::Approx(theirs).epsilon(2e-2));
    }
  }
}

}  // namespace nas
