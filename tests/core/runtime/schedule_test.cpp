#include "core/runtime/schedule.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/error.h"

namespace nas {

TEST_CASE("schedule: cosine falls from the first to the final rate by half a wave") {
  Recipe recipe;
  recipe.epochs = 10;
  recipe.learning_rate = 0.5;
  recipe.final_learning_rate = 0.1;
  CHECK(learning_rate(recipe, 0, 20) == doctest::Approx(0.5));
  CHECK(learning_rate(recipe, 100, 20) == doctest::Approx(0.3));  // half way: the mean of both
  CHECK(learning_rate(recipe, 200, 20) == doctest::Approx(0.1));
  CHECK(learning_rate(recipe, 50, 20) == doctest::Approx(0.3 + 0.2 * std::sqrt(0.5)));
  for (std::int64_t step = 1; step < 200; ++step) {
    CHECK(learning_rate(recipe, step, 20) < learning_rate(recipe, step - 1, 20));
  }
}

TEST_CASE("schedule: warm-up rises in equal steps to the full rate") {
  Recipe recipe;
  recipe.learning_rate = 0.4;
  recipe.warmup_epochs = 2;
  for (std::int64_t step = 0; step < 20; ++step) {
    CHECK(learning_rate(recipe, step, 10) == doctest::Approx(0.02 * static_cast<double>(step + 1)));
  }
  CHECK(learning_rate(recipe, 20, 10) == doctest::Approx(0.4));
}

TEST_CASE("schedule: step divides by ten at half and at three quarters") {
  Recipe recipe;
  recipe.schedule = "step";
  recipe.epochs = 8;
  CHECK(learning_rate(recipe, 39, 10) == doctest::Approx(0.1));
  CHECK(learning_rate(recipe, 40, 10) == doctest::Approx(0.01));
  CHECK(learning_rate(recipe, 59, 10) == doctest::Approx(0.01));
  CHECK(learning_rate(recipe, 60, 10) == doctest::Approx(0.001));
  recipe.schedule = "constant";
  CHECK(learning_rate(recipe, 79, 10) == doctest::Approx(0.1));
  recipe.schedule = "cosin";
  CHECK_THROWS_WITH_AS(learning_rate(recipe, 0, 10), doctest::Contains("cosine"), Error);
}

TEST_CASE("schedule: triangular2 rises and falls in cycles, each half as high") {
  Recipe recipe;
  recipe.schedule = "triangular2";
  recipe.epochs = 4;
  recipe.cycles = 2;
  recipe.learning_rate = 1e-3;
  recipe.final_learning_rate = 1e-8;
  // Smith (2017); 20 steps a cycle.
  CHECK(learning_rate(recipe, 0, 10) == doctest::Approx(1e-8));
  CHECK(learning_rate(recipe, 5, 10) == doctest::Approx(1e-8 + 0.5 * (1e-3 - 1e-8)));
  CHECK(learning_rate(recipe, 10, 10) == doctest::Approx(1e-3));
  CHECK(learning_rate(recipe, 15, 10) == doctest::Approx(1e-8 + 0.5 * (1e-3 - 1e-8)));
  CHECK(learning_rate(recipe, 20, 10) == doctest::Approx(1e-8));
  CHECK(learning_rate(recipe, 30, 10) == doctest::Approx(1e-8 + 0.5 * (1e-3 - 1e-8)));
}

}  // namespace nas
