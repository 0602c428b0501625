// How architecture parameters become weights and gradients: against finite differences and closed
// forms.

#include "core/runtime/supernet/relaxation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "core/ir/blueprint/rewrite.h"
#include "core/util/error.h"
#include "core/util/gamma.h"
#include "tests/core/runtime/supernet/linear_loss.h"

namespace nas {
namespace {

using test::linear_loss;
using test::parameters_of;
using test::slopes;
using test::sum;
using test::toy_blueprint;
using test::toy_groups;

TEST_CASE("architecture parameters are drawn by name, so that sums do not shift the choices") {
  const ChoiceGroups with = toy_groups(), without = choice_groups(toy_blueprint());
  REQUIRE(with.choices.size() == 3);
  REQUIRE(with.sums.size() == 2);
  CHECK(initial_vectors(with, 1e-3, 2).alphas == initial_vectors(without, 1e-3, 2).alphas);
  CHECK(initial_vectors(with, 1e-3, 2) != initial_vectors(with, 1e-3, 3));
}

TEST_CASE("softmax: gradients are those of finite differences, and sum to zero in each group") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({}, groups);
  const auto slope = slopes(groups);
  Rng rng(RngKey{});
  const auto value = [&](const ArchVectors& parameters) {
    return linear_loss(relaxation->weight_draw(parameters, 0, rng), slope).value;
  };
  ArchVectors parameters = parameters_of(groups);
  const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
  const ArchVectors gradient = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
  constexpr double kStep = 1e-6;
  for (std::vector<double>* moved : {&parameters.alphas[1], &parameters.betas[0]}) {
    const std::vector<double>& found =
        moved == &parameters.betas[0] ? gradient.betas[0] : gradient.alphas[1];
    for (std::size_t i = 0; i < moved->size(); ++i) {
      const double middle = (*moved)[i];
      (*moved)[i] = middle + kStep;
      const double above = value(parameters);
      (*moved)[i] = middle - kStep;
      const double below = value(parameters);
      (*moved)[i] = middle;
      CHECK(found[i] == doctest::Approx((above - below) / (2 * kStep)).epsilon(1e-6));
    }
  }
  for (const auto& list : gradient.alphas) CHECK(std::abs(sum(list)) < 1e-12);
  for (const auto& list : gradient.betas) CHECK(std::abs(sum(list)) < 1e-12);
}

TEST_CASE("gumbel: one alternative runs, drawn by the softmax of the alphas") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "gumbel"}, groups);
  const ArchVectors parameters = parameters_of(groups);
  const std::vector<double> p = softmax(parameters.alphas[0]);
  std::vector<double> share(p.size(), 0.0);
  constexpr int kDraws = 20'000;
  const Rng base(RngKey{.seed = 4});
  for (int i = 0; i < kDraws; ++i) {
    Rng rng = base.stream(static_cast<std::uint64_t>(i));
    const MixDraw draw = relaxation->weight_draw(parameters, 0.5, rng);
    REQUIRE(draw.present[0].size() == 1);
    REQUIRE(draw.weights.alphas[0] == std::vector{1.0});
    share[draw.present[0][0]] += 1.0 / kDraws;
  }
  for (std::size_t i = 0; i < p.size(); ++i) CHECK(std::abs(share[i] - p[i]) < 0.015);
}

TEST_CASE("gumbel: the gradient goes straight through the soft weight of what ran") {
  const ChoiceGroups groups = toy_groups();
  RelaxationOptions options{.method = "gumbel"};
  options.first_temperature = options.last_temperature = 2;
  const auto relaxation = make_relaxation(options, groups);
  const auto slope = slopes(groups);
  ArchVectors parameters = parameters_of(groups);
  // The same noise: the same stream from its start.
  const auto drawn = [&](const ArchVectors& at) {
    Rng rng(RngKey{.seed = 9});
    return relaxation->weight_draw(at, 0, rng);
  };
  const MixDraw draw = drawn(parameters);
  const ArchVectors gradient = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
  const std::size_t ran = draw.present[2][0];
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < 4; ++i) {
    ArchVectors above = parameters, below = parameters;
    above.alphas[2][i] += kStep;
    below.alphas[2][i] -= kStep;
    const double change = drawn(above).drawn[3][ran] - drawn(below).drawn[3][ran];
    CHECK(gradient.alphas[2][i] ==
          doctest::Approx(slope[2][ran] * change / (2 * kStep)).epsilon(1e-5));
  }
}

TEST_CASE("dirichlet: weights have the mean of the concentrations") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "dirichlet"}, groups);
  const ArchVectors parameters = parameters_of(groups);
  const std::vector<double> mean = relaxation->shares(parameters).alphas[1];
  std::vector<double> found(mean.size(), 0.0);
  constexpr int kDraws = 20'000;
  const Rng base(RngKey{.seed = 4});
  for (int i = 0; i < kDraws; ++i) {
    Rng rng = base.stream(static_cast<std::uint64_t>(i));
    const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
    REQUIRE(sum(draw.weights.alphas[1]) == doctest::Approx(1));
    for (std::size_t k = 0; k < found.size(); ++k) found[k] += draw.weights.alphas[1][k] / kDraws;
  }
  for (std::size_t k = 0; k < mean.size(); ++k) CHECK(std::abs(found[k] - mean[k]) < 0.01);
}

// d/dalpha E[sum s_k w_k] = d/dalpha sum s_k c_k / sum c: the pathwise gradient has that mean.
TEST_CASE("dirichlet: pathwise gradients have the mean of the exact one") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "dirichlet", .kl = 0}, groups);
  const ArchVectors parameters = parameters_of(groups);
  const auto slope = slopes(groups);
  const auto expected = [&](const ArchVectors& at) {
    const std::vector<double> mean = relaxation->shares(at).alphas[0];
    return std::inner_product(mean.begin(), mean.end(), slope[0].begin(), 0.0);
  };
  std::vector<double> found(4, 0.0);
  constexpr int kDraws = 40'000;
  const Rng base(RngKey{.seed = 4});
  for (int i = 0; i < kDraws; ++i) {
    Rng rng = base.stream(static_cast<std::uint64_t>(i));
    const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
    const ArchVectors one = relaxation->gradient(parameters, draw, linear_loss(draw, slope));
    for (std::size_t k = 0; k < 4; ++k) found[k] += one.alphas[0][k] / kDraws;
  }
  constexpr double kStep = 1e-5;
  for (std::size_t k = 0; k < 4; ++k) {
    ArchVectors above = parameters, below = parameters;
    above.alphas[0][k] += kStep;
    below.alphas[0][k] -= kStep;
    const double exact = (expected(above) - expected(below)) / (2 * kStep);
    CHECK(std::abs(found[k] - exact) < 0.01);
  }
}

TEST_CASE("dirichlet: the distance to the flat distribution, by finite differences") {
  const ChoiceGroups groups = toy_groups();
  const auto relaxation = make_relaxation({.method = "dirichlet", .kl = 1}, groups);
  const ArchVectors parameters = parameters_of(groups);
  // KL(Dir(c) || Dir(1)) of the concentrations elu(alpha) + 1.
  const auto distance = [](const std::vector<double>& alphas) {
    double all = 0, value = 0;
    std::vector<double> c;
    for (const double alpha : alphas) c.push_back(alpha > 0 ? alpha + 1 : std::exp(alpha));
    all = sum(c);
    value = std::lgamma(all) - std::lgamma(static_cast<double>(c.size()));
    for (const double x : c) value += (x - 1) * (digamma(x) - digamma(all)) - std::lgamma(x);
    return value;
  };
  Rng rng(RngKey{});
  const MixDraw draw = relaxation->weight_draw(parameters, 0, rng);
  const MixedLoss flat = linear_loss(draw, std::vector(3, std::vector(4, 0.0)));
  const std::vector<double> found = relaxation->gradient(parameters, draw, flat).alphas[1];
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < 4; ++i) {
    std::vector<double> above = parameters.alphas[1], below = above;
    above[i] += kStep;
    below[i] -= kStep;
    CHECK(found[i] ==
          doctest::Approx((distance(above) - distance(below)) / (2 * kStep)).epsilon(1e-5));
  }
}

TEST_CASE("an unknown relaxation is refused with a near miss") {
  const ChoiceGroups groups = toy_groups();
  CHECK_THROWS_WITH_AS(make_relaxation({.method = "gumbl"}, groups),
                       doctest::Contains("did you mean 'gumbel'"), Error);
}

}  // namespace
}  // namespace nas
