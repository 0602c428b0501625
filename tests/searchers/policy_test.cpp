#include "searchers/policy.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "searchers/density.h"
#include "searchers/mutation.h"
#include "tests/searchers/toy_study.h"

using namespace nas;
using namespace nas::test;

namespace {

Rng rng_of(std::uint64_t seed) {
  return Rng({.seed = seed, .study = 0, .trial = 0, .purpose = Purpose::kTest});
}

}  // namespace

TEST_CASE("policy: the gradient of log p agrees with finite differences") {
  const ToySpace space({3, 5, 2});
  CategoricalPolicy policy(space.decisions(), 1.0, rng_of(1));
  const std::vector<std::uint16_t> choices = {2, 1, 0};
  const std::vector<double> gradient = policy.gradient(choices);
  REQUIRE(gradient.size() == 10);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    constexpr double kStep = 1e-6;
    CategoricalPolicy up = policy, down = policy;
    up.logits()[i] += kStep;
    down.logits()[i] -= kStep;
    const double slope =
        (up.log_probability(choices) - down.log_probability(choices)) / (2 * kStep);
    CHECK(gradient[i] == doctest::Approx(slope).epsilon(1e-6));
  }
}

TEST_CASE("policy: draws have their probabilities") {
  const ToySpace space({4});
  CategoricalPolicy policy(space.decisions(), 1.0, rng_of(2));
  Rng rng = rng_of(3);
  std::array<double, 4> share{};
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) share[policy.draw(rng)[0]] += 1.0 / kDraws;
  const std::vector<double> expected = policy.probabilities(0);
  for (std::size_t i = 0; i < 4; ++i) CHECK(std::abs(share[i] - expected[i]) < 0.01);
}

TEST_CASE("density: sums to one over all vectors, and draws follow its kernel") {
  std::vector<CategoricalDensity::Point> points = {{0, 1, 2}, {0, 0, 2}, {1, 1, 0}, {0, 1, 1}};
  const std::vector<std::size_t> sizes = {2, 3, 4};
  for (const double floor : {0.01, 0.3, 1.0}) {
    const CategoricalDensity density(points, sizes, floor);
    double sum = 0;
    for (std::uint16_t a = 0; a < 2; ++a) {
      for (std::uint16_t b = 0; b < 3; ++b) {
        for (std::uint16_t c = 0; c < 4; ++c) sum += density({a, b, c});
      }
    }
    CHECK(sum == doctest::Approx(1));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const auto size = static_cast<double>(sizes[i]);
      CHECK(density.bandwidths()[i] <= (size - 1) / size + 1e-12);
    }
  }
}

// By hand: four points with deviation sqrt(3)/4 of the first value, n^(-1/7) of three coordinates.
TEST_CASE("density: bandwidths by the normal reference rule") {
  const CategoricalDensity density({{0, 1, 2}, {0, 0, 2}, {1, 1, 0}, {0, 1, 1}}, {9, 9, 9}, 0.0);
  CHECK(density.bandwidths()[0] ==
        doctest::Approx(1.06 * std::sqrt(3.0) / 4 * std::pow(4.0, -1.0 / 7)));
}

TEST_CASE("density: a far vector is rarer than one of the data") {
  const CategoricalDensity density({{0, 0}, {0, 1}}, {5, 5}, 0.1);
  CHECK(density({0, 0}) > density({3, 3}));
  Rng rng = rng_of(5);
  int first = 0;
  for (int i = 0; i < 2000; ++i) first += density.draw(rng)[0] == 0 ? 1 : 0;
  CHECK(first > 1700);
}

namespace {

// Six edges of a cell of four nodes, as NAS-Bench-201 names them.
class CellSpace final : public SearchSpace {
 public:
  CellSpace() {
    info_.name = "toy";
    for (int to = 1; to < 4; ++to) {
      for (int from = 0; from < to; ++from) {
        decisions_.push_back({"edge_" + std::to_string(from) + "_" + std::to_string(to),
                              DecisionKind::kOperation,
                              {"a", "b", "c"}});
      }
    }
  }
  const SpaceInfo& info() const override { return info_; }
  std::span<const Decision> decisions() const override { return decisions_; }
  std::optional<Blueprint> blueprint(const Task&) const override { return std::nullopt; }
  ArchGraph build(const Architecture& architecture, const Task& task) const override {
    return ToySpace({}).build(architecture, task);
  }
  Architecture parse(std::string_view) const override { return {}; }
  std::string format(const Architecture&) const override { return {}; }

 private:
  SpaceInfo info_;
  std::vector<Decision> decisions_;
};

}  // namespace

TEST_CASE("mutation: by node, early edges change more often, and always to another choice") {
  const CellSpace space;
  const Architecture parent{"toy", std::vector<std::uint16_t>(6, 1)};
  Rng rng = rng_of(7);
  constexpr int kDraws = 18'000;
  const auto shares = [&](MutationKind kind) {
    const Mutation mutation(space, kind);
    std::vector<double> share(6, 0);
    for (int i = 0; i < kDraws; ++i) {
      const Architecture child = mutation(parent, rng).value();
      int changed = 0;
      for (std::size_t edge = 0; edge < 6; ++edge) {
        if (child.choices[edge] == 1) continue;
        ++changed;
        share[edge] += 1.0 / kDraws;
      }
      REQUIRE(changed == 1);
    }
    return share;
  };
  const std::vector<double> by_node = shares(MutationKind::kNode);
  const double expected[] = {1.0 / 3, 1.0 / 6, 1.0 / 6, 1.0 / 9, 1.0 / 9, 1.0 / 9};
  const std::vector<double> by_decision = shares(MutationKind::kDecision);
  for (std::size_t edge = 0; edge < 6; ++edge) {
    CHECK(std::abs(by_node[edge] - expected[edge]) < 0.015);
    CHECK(std::abs(by_decision[edge] - 1.0 / 6) < 0.015);
  }
}

TEST_CASE("mutation: by node needs a space of edges, and says so") {
  const ToySpace space({3, 3});
  CHECK_THROWS_WITH_AS(Mutation(space, MutationKind::kNode), doctest::Contains("edges of a cell"),
                       Error);
}
