#include "core/problems/class_judge.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace nas;

namespace {

/// One row for each of four samples, seven classes.
constexpr float kRows[] = {0, 9, 1, 2, 3, 4, 5,   // class 1: best
                           7, 6, 5, 4, 3, 2, 1,   // class 4: fifth
                           7, 6, 5, 4, 3, 2, 1,   // class 5: sixth
                           1, 1, 1, 1, 1, 1, 1};  // class 0: a tie, the first wins
constexpr std::uint16_t kLabels[] = {1, 4, 5, 0};

double cross_entropy(std::span<const float> row, std::size_t label) {
  double sum = 0;
  for (const float score : row) sum += std::exp(score);
  return std::log(sum) - row[label];
}

}  // namespace

TEST_CASE("class judge: an answer that is not a number is wrong") {
  const auto judge = judge_classes(kLabels);
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::uint32_t samples[] = {0, 1};
  const float rows[] = {kNan, kNan, kNan, kNan, kNan, kNan, kNan, 0, 0, 0, 0, 1, 0, kNan};
  judge->add(samples, rows);
  CHECK(judge->values()[0].value == 0);
  CHECK(judge->values()[1].value == 50);
}

TEST_CASE("class judge: counts the true class, ties and the five best, and means the loss") {
  const auto judge = judge_classes(kLabels);
  const std::uint32_t first[] = {0, 1, 2}, last[] = {3};
  judge->add(first, std::span(kRows).first(21));
  judge->add(last, std::span(kRows).subspan(21));
  const std::vector<NamedValue> values = judge->values();
  REQUIRE(values.size() == 3);
  CHECK(values[0].name == "accuracy");
  CHECK(values[0].value == 50);
  CHECK(values[1].name == "top5_accuracy");
  CHECK(values[1].value == 75);
  double loss = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    loss += cross_entropy(std::span(kRows).subspan(7 * i, 7), kLabels[i]) / 4;
  }
  CHECK(values[2].name == "loss");
  CHECK(values[2].value == doctest::Approx(loss));
}

TEST_CASE("class judge: large scores do not overflow, and samples come in any order") {
  const std::uint16_t labels[] = {1, 0};
  const auto judge = judge_classes(labels);
  const std::uint32_t order[] = {1, 0};
  const float rows[] = {1e30F, 0, 0, 1e30F};
  judge->add(order, rows);
  CHECK(judge->values()[0].value == 100);
  CHECK(judge->values()[2].value == doctest::Approx(0));
}
