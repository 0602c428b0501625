#include "core/api/search_space.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <set>

using namespace nas;

namespace {

// Decisions with the given numbers of choices; the sum of choices must be divisible by `divisor`.
class Product : public SearchSpace {
 public:
  Product(std::vector<std::size_t> sizes, int divisor) : divisor_(divisor) {
    info_.name = "product";
    for (const std::size_t size : sizes) {
      Decision decision;
      decision.name = "d" + std::to_string(decisions_.size());
      decision.choices.assign(size, "x");
      decisions_.push_back(decision);
    }
  }
  const SpaceInfo& info() const override { return info_; }
  std::span<const Decision> decisions() const override { return decisions_; }
  std::optional<std::string> objection(Choices choices) const override {
    if (std::accumulate(choices.begin(), choices.end(), 0) % divisor_ == 0) return std::nullopt;
    return "the sum is not divisible by " + std::to_string(divisor_);
  }
  std::optional<Blueprint> blueprint(const Task&) const override { return std::nullopt; }
  ArchGraph build(const Architecture&, const Task&) const override {
    throw Error(ErrorKind::kUnsupported, "no networks here");
  }
  Architecture parse(std::string_view) const override { return {"product", {}}; }
  std::string format(const Architecture&) const override { return "?"; }

 private:
  SpaceInfo info_;
  std::vector<Decision> decisions_;
  int divisor_;
};

class Indexed final : public Product, public IndexedSpace {
 public:
  using Product::Product;
  std::uint64_t size() const override { return 423'624; }
  Architecture at(std::uint64_t) const override { return {}; }
  std::uint64_t index_of(const Architecture&) const override { return 0; }
};

std::string failure(const SearchSpace& space, const Architecture& architecture) {
  try {
    validate(space, architecture);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("search space: every decision has an effect where the space knows of none without") {
  const Product space({4, 3, 2}, 1);
  const Architecture architecture{"product", {3, 0, 1}};
  CHECK(active_decisions(space, architecture.choices) == std::vector<bool>(3, true));
  CHECK(chosen_names(space, architecture) == std::vector<std::string>(3, "x"));
}

TEST_CASE("search space: samples are uniform over what the space allows") {
  const Product space({4, 3, 2}, 2);
  Rng rng({.seed = 41});
  std::map<Architecture, int> seen;
  for (int i = 0; i < 12'000; ++i) ++seen[sample(space, rng)];
  REQUIRE(seen.size() == 12);
  double chi2 = 0;
  for (const auto& [architecture, times] : seen) {
    CHECK_NOTHROW(validate(space, architecture));
    chi2 += (times - 1000.0) * (times - 1000.0) / 1000.0;
  }
  CHECK(chi2 < 31.3);  // 99.9 % of a chi-squared with 11 degrees of freedom
}

TEST_CASE("search space: a space that allows nothing ends sampling with an error") {
  const Product space({1, 1}, 1);
  Rng rng({.seed = 1});
  CHECK_NOTHROW(sample(space, rng));
  struct Nothing final : Product {
    using Product::Product;
    std::optional<std::string> objection(Choices) const override { return "never"; }
  };
  CHECK_THROWS_AS(sample(Nothing({2}, 1), rng), Error);
}

TEST_CASE("search space: neighbours differ in one decision, come in order, and are all there") {
  const Product plain({3, 1, 2}, 1);
  const std::vector<Architecture> expected = {
      {"product", {0, 0, 0}}, {"product", {2, 0, 0}}, {"product", {1, 0, 1}}};
  CHECK(neighbours(plain, {"product", {1, 0, 0}}) == expected);
  const Product restricted({5, 5}, 2);
  // Only steps of even length keep the sum even.
  CHECK(neighbours(restricted, {"product", {1, 1}}).size() == 2);
}

TEST_CASE("search space: mutants are neighbours, each decision and choice equally likely") {
  const Product space({3, 1, 2, 5}, 1);
  const Architecture parent{"product", {1, 0, 0, 4}};
  Rng rng({.seed = 42});
  std::map<Architecture, int> seen;
  constexpr int kDraws = 24'000;
  for (int i = 0; i < kDraws; ++i) ++seen[mutate(space, parent, rng)];
  const std::vector<Architecture> all = neighbours(space, parent);
  REQUIRE(seen.size() == all.size());
  for (const Architecture& neighbour : all) {
    const double choices = neighbour.choices[0] != 1 ? 2 : neighbour.choices[2] != 0 ? 1 : 4;
    const double expected = kDraws / 3.0 / choices;
    CHECK(std::abs(seen[neighbour] - expected) < 4.5 * std::sqrt(expected));
  }
}

TEST_CASE("search space: rare neighbours are found, and their absence is an error") {
  // Of 999 other choices one has the right sum.
  const Product rare({1000, 1, 1}, 999);
  Rng rng({.seed = 43});
  CHECK(mutate(rare, {"product", {0, 0, 0}}, rng).choices[0] == 999);
  const Product lonely({2, 2}, 2);
  CHECK_THROWS_AS(mutate(lonely, {"product", {1, 1}}, rng), Error);
  const Product single({1}, 1);
  CHECK_THROWS_AS(mutate(single, {"product", {0}}, rng), Error);
}

TEST_CASE("search space: counts are exact up to the last digit") {
  CHECK(count(Product({5, 5, 5, 5, 5, 5}, 1)).digits == "15625");
  const SpaceCount restricted = count(Product({4, 3, 2}, 2));
  CHECK(restricted.digits == "12");
  CHECK(restricted.exact);
  // 7^40, known from tables of powers.
  const SpaceCount huge = count(Product(std::vector<std::size_t>(40, 7), 1));
  CHECK(huge.digits == "6366805760909027985741435139224001");
  CHECK(huge.value == doctest::Approx(6.366805760909028e33));
  CHECK(huge.exact);
  const SpaceCount bound = count(Product(std::vector<std::size_t>(40, 7), 3));
  CHECK(bound.digits == huge.digits);
  CHECK_FALSE(bound.exact);
  CHECK(count(Indexed({9}, 1)).digits == "423624");
  CHECK(count(Product({}, 1)).digits == "1");
}

TEST_CASE("search space: validation says what is wrong") {
  const Product space({3, 2}, 2);
  CHECK(failure(space, {"product", {1, 1}}).empty());
  CHECK(failure(space, {"other", {1, 1}}) ==
        "space 'product': the architecture belongs to space 'other'");
  CHECK(failure(space, {"product", {1}}) == "space 'product': 1 choices, expected 2");
  CHECK(failure(space, {"product", {3, 1}}) ==
        "space 'product': decision 'd0' = 3, must be in [0, 2]");
  CHECK(failure(space, {"product", {1, 0}}) == "space 'product': the sum is not divisible by 2");
}

TEST_CASE("search space: published MACs count biases and normalisations where the table does") {
  const GraphCost cost{
      .params = 1, .macs = 100, .bias_macs = 10, .norm_macs = 3, .activation_bytes = 0};
  SpaceInfo info;
  CHECK(published_macs(info, cost) == 100);
  info.macs_count_bias = true;
  CHECK(published_macs(info, cost) == 110);
  info.macs_count_norm = true;
  CHECK(published_macs(info, cost) == 113);
}
