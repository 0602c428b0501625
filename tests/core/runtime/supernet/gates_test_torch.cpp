// Gradients of binary gates against automatic differentiation.

#include "core/runtime/supernet/gates.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <doctest/doctest.h>

#include <cmath>

#include "tests/core/runtime/supernet/toy_supernet_torch.h"

namespace nas {
namespace {

at::Tensor doubles(const std::vector<double>& values) {
  return at::tensor(at::ArrayRef<double>(values), at::TensorOptions(at::kDouble));
}

/// dL/dalpha through p = softmax(alpha), by LibTorch, of a loss whose gradient in the gates is
/// `gates`: straight through, the gates stand for their probabilities.
std::vector<double> differentiated(const std::vector<double>& alphas,
                                   const std::vector<double>& gates) {
  const at::Tensor alpha = doubles(alphas).set_requires_grad(true);
  at::softmax(alpha, 0).mul(doubles(gates)).sum().backward();
  const auto* begin = alpha.grad().data_ptr<double>();
  return {begin, begin + alphas.size()};
}

// A mixture of all alternatives with one-hot weights is differentiated by LibTorch; the searches
// run one alternative, or pairs. Identity alternatives are operations like others: their gate
// counts.
TEST_CASE("gates: full and full_v2 give the gradient that automatic differentiation does") {
  test::ToySupernet toy(test::toy_blueprint());
  const ArchVectors parameters = initial_vectors(toy.groups, 0.5, 1);
  int identities = 0;
  for (const char* method : {"full", "full_v2"}) {
    const auto relaxation = make_relaxation({.method = method}, toy.groups);
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      Rng rng(RngKey{.seed = seed});
      const MixDraw draw = relaxation->search_draw(parameters, 0, rng);
      const MixedLoss loss =
          toy.network.loss(toy.batch, *toy.head, draw, toy.chance, relaxation->gates_of_absent());
      const ArchVectors found = relaxation->gradient(parameters, draw, loss);
      std::vector<std::size_t> active;
      for (const auto& drawn : draw.drawn) active.push_back(static_cast<std::size_t>(drawn[0]));
      const MixedLoss whole = toy.network.loss(toy.batch, *toy.head,
                                               test::one_hot(toy.groups, active, true), toy.chance);
      for (std::size_t g = 0; g < active.size(); ++g) {
        if (active[g] == 0) continue;  // none runs: nothing is learned of it
        identities += active[g] == 1 ? 1 : 0;
        const std::vector<double> exact =
            differentiated(parameters.alphas[g], whole.gradient.alphas[g]);
        CAPTURE(method);
        CAPTURE(active[g]);
        REQUIRE(found.alphas[g].size() == exact.size());
        for (std::size_t i = 0; i < exact.size(); ++i) {
          CHECK(std::abs(found.alphas[g][i] - exact[i]) < 1e-5);
        }
      }
    }
  }
  CHECK(identities > 0);
}

}  // namespace
}  // namespace nas
