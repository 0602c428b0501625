#include "core/runtime/problems/loss_head_torch.h"

#include <algorithm>

#include "core/util/error.h"

namespace nas {

std::unique_ptr<LossHead> make_loss_head(const Problem& problem, const Recipe& recipe,
                                         std::int64_t outputs, at::Device device) {
  const auto heads = loss_heads();
  const auto found = std::find_if(heads.begin(), heads.end(), [&](const LossHeadKind* head) {
    return head->name == problem.record().loss;
  });
  NAS_CHECK(found != heads.end(), "a problem names a loss that is not listed");
  const std::vector<std::uint16_t>& labels = problem.data().labels_of(Part::kTraining);
  const auto highest = std::max_element(labels.begin(), labels.end());
  const std::int64_t classes = highest == labels.end() ? 0 : *highest + 1;
  return (*found)->make(
      {recipe, problem.record().fields.resolve(recipe.problem), outputs, classes, device});
}

}  // namespace nas
