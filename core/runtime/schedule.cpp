#include "core/runtime/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

double cosine(const Recipe& recipe, double progress) {
  return recipe.final_learning_rate + 0.5 * (recipe.learning_rate - recipe.final_learning_rate) *
                                          (1 + std::cos(std::numbers::pi * progress));
}

/// `progress` of all cycles, in [0, 1).
double triangular2(const Recipe& recipe, double progress) {
  const double cycles = progress * static_cast<double>(recipe.cycles);
  const double number = std::floor(cycles);
  const double height = 1 - std::abs(2 * (cycles - number) - 1);
  return recipe.final_learning_rate +
         (recipe.learning_rate - recipe.final_learning_rate) * height / std::exp2(number);
}

}  // namespace

double learning_rate(const Recipe& recipe, std::int64_t step, std::int64_t steps_per_epoch) {
  const auto per_epoch = static_cast<double>(std::max<std::int64_t>(steps_per_epoch, 1));
  const double total = per_epoch * static_cast<double>(recipe.epochs);
  const double warmup = per_epoch * recipe.warmup_epochs;
  const auto now = static_cast<double>(step);
  if (now < warmup) return recipe.learning_rate * (now + 1) / std::max(warmup, 1.0);
  if (recipe.schedule == "constant") return recipe.learning_rate;
  if (recipe.schedule == "cosine") {
    return cosine(recipe, std::min(1.0, (now - warmup) / std::max(total - warmup, 1.0)));
  }
  if (recipe.schedule == "triangular2") {
    return triangular2(recipe, (now - warmup) / std::max(total - warmup, 1.0));
  }
  if (recipe.schedule == "step") {
    const double epoch = std::floor(now / per_epoch);
    const auto epochs = static_cast<double>(recipe.epochs);
    if (epoch >= 0.75 * epochs) return recipe.learning_rate * 0.01;
    return epoch >= 0.5 * epochs ? recipe.learning_rate * 0.1 : recipe.learning_rate;
  }
  const std::string known[] = {"cosine", "step", "constant", "triangular2"};
  throw Error(ErrorKind::kUsage, unknown_name("schedule", recipe.schedule, known));
}

}  // namespace nas
