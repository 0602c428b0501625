#pragma once

#include "core/runtime/evaluate_torch.h"
#include "core/runtime/supernet/mixed_network_torch.h"
#include "tests/core/runtime/supernet/toy_choices.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas::test {

/// A supernet with a batch for it.
struct ToySupernet {
  explicit ToySupernet(Blueprint blueprint, std::shared_ptr<const Problem> posed = bright_or_dark())
      : problem(std::move(posed)),
        recipe(tiny_recipe()),
        bank(std::move(blueprint), {.seed = 3}),
        groups(choice_groups(bank.blueprint())),
        head(make_loss_head(*problem, recipe, 2, bank.impl().device)),
        network(bank.impl(), groups, false) {
    const auto source =
        problem->batches(Part::kTraining, problem->split(recipe).train, recipe, {.batch = 24});
    source->start_epoch(0);
    Batch first, second;
    source->next(first);
    source->next(second);
    batch = tensor_batch(first, Shape{3, 8, 8}, bank.impl().device);
    other = tensor_batch(second, Shape{3, 8, 8}, bank.impl().device);
  }

  std::shared_ptr<const Problem> problem;
  Recipe recipe;
  WeightBank bank;
  ChoiceGroups groups;
  std::unique_ptr<LossHead> head;
  MixedNetwork network;
  TensorBatch batch, other;
  Rng chance{RngKey{}};
};

/// One-hot gates: the active alternative of each group.
inline MixDraw one_hot(const ChoiceGroups& groups, const std::vector<std::size_t>& active,
                       bool all) {
  MixDraw draw;
  for (std::size_t g = 0; g < groups.choices.size(); ++g) {
    std::vector<std::uint16_t>& present = draw.present.emplace_back();
    std::vector<double>& weights = draw.weights.alphas.emplace_back();
    for (std::size_t i = 0; i < groups.choices[g].alternatives.size(); ++i) {
      if (!all && i != active[g]) continue;
      present.push_back(static_cast<std::uint16_t>(i));
      weights.push_back(i == active[g] ? 1 : 0);
    }
  }
  for (const SumGroup& sum : groups.sums) {
    draw.weights.betas.emplace_back(sum.terms.size(), 1.0 / static_cast<double>(sum.terms.size()));
  }
  return draw;
}

}  // namespace nas::test
