#include "core/runtime/supernet/collapse.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/core/runtime/supernet/toy_choices.h"

namespace nas {
namespace {

/// Shares in which each group prefers one alternative.
ArchVectors preferring(const ChoiceGroups& groups, const std::vector<std::size_t>& best) {
  ArchVectors shares = zero_vectors(groups);
  for (std::size_t g = 0; g < best.size(); ++g) {
    shares.alphas[g].assign(4, 0.1);
    shares.alphas[g][best[g]] = 0.7;
  }
  return shares;
}

TEST_CASE("shares by kind, entropy and gap") {
  const ChoiceGroups groups = choice_groups(test::toy_blueprint());
  std::map<std::string, double> values;
  for (const NamedValue& value : share_values(groups, preferring(groups, {0, 1, 3}))) {
    values[value.name] = value.value;
  }
  CHECK(values["none_share"] == doctest::Approx(1.0 / 3));
  CHECK(values["skip_share"] == doctest::Approx(1.0 / 3));
  CHECK(values["parameter_free_share"] == 0);
  CHECK(values["gap"] == doctest::Approx(0.6));
  CHECK(values["entropy"] == doctest::Approx(-0.7 * std::log(0.7) - 0.3 * std::log(0.1)));
}

TEST_CASE("collapse to skip connections is said while it happens, and once") {
  const ChoiceGroups groups = choice_groups(test::toy_blueprint());
  CollapseWatch watch(groups, 5);
  const double unknown = std::nan("");
  CHECK(watch.look(1, preferring(groups, {3, 3, 3}), unknown).empty());
  // The group of both cells belongs to the first one; one skip there is none too many.
  CHECK(watch.look(2, preferring(groups, {1, 3, 3}), unknown).empty());
  const auto second = watch.look(3, preferring(groups, {1, 1, 3}), unknown);
  REQUIRE(second.size() == 2);
  CHECK(second[0] ==
        "epoch 3: 2 of 2 edges of 'cells.0' prefer a skip connection: the search begins "
        "to collapse (DARTS+ stops at 2)");
  CHECK(second[1] == "epoch 3: 2 of 3 choices prefer a skip connection: the search has collapsed");
  CHECK(watch.look(4, preferring(groups, {1, 1, 1}), unknown).empty());
}

TEST_CASE("parameters as they are drawn prefer nothing") {
  const ChoiceGroups groups = choice_groups(test::toy_blueprint());
  CollapseWatch watch(groups, 2);
  ArchVectors shares = zero_vectors(groups);
  for (auto& list : shares.alphas) list = {0.249, 0.2515, 0.2495, 0.25};
  CHECK(watch.look(1, shares, std::nan("")).empty());
  for (auto& list : shares.alphas) list = {0.24, 0.275, 0.235, 0.25};
  CHECK(watch.look(2, shares, std::nan("")).size() == 2);
}

TEST_CASE("none does not hide what a choice prefers besides") {
  const ChoiceGroups groups = choice_groups(test::toy_blueprint());
  CollapseWatch watch(groups, 1);
  ArchVectors shares = preferring(groups, {0, 0, 3});
  shares.alphas[0][1] = shares.alphas[1][1] = 0.2;
  CHECK(watch.look(1, shares, std::nan("")).size() == 2);
}

TEST_CASE("a Hessian that sharpens is said, also by a watch that was resumed") {
  const ChoiceGroups groups = choice_groups(test::toy_blueprint());
  const ArchVectors shares = preferring(groups, {3, 3, 3});
  CollapseWatch watch(groups, 30);
  std::int64_t said = 0;
  for (std::int64_t epoch = 1; epoch <= 30; ++epoch) {
    if (epoch == 12) {
      CollapseWatch resumed(groups, 30);
      resumed.state() = watch.state();
      watch.state() = resumed.state();
    }
    const double eigenvalue = epoch < 15 ? 0.2 : 0.2 + 0.05 * static_cast<double>(epoch - 14);
    const auto texts = watch.look(epoch, shares, eigenvalue);
    if (texts.empty()) continue;
    CHECK(said == 0);
    said = epoch;
    CHECK(texts.front().find("eigenvalue") != std::string::npos);
  }
  // Means of five: 0.2 + 0.05 (0 + 1 + 2 + 3) / 5 = 0.26 at epoch 17, 0.3 at 18.
  CHECK(said == 18);
}

}  // namespace
}  // namespace nas
