#include "core/api/decision_effects.h"

namespace nas {

std::vector<bool> active_decisions(const SearchSpace& space, Choices choices) {
  if (const auto* conditional = dynamic_cast<const ConditionalDecisions*>(&space)) {
    return conditional->active(choices);
  }
  if (const auto* active = dynamic_cast<const ActiveDecisions*>(&space)) {
    return active->active(choices);
  }
  return std::vector<bool>(choices.size(), true);
}

std::optional<std::string> idle_objection(const SearchSpace& space,
                                          const ConditionalDecisions& conditional,
                                          Choices choices) {
  const std::vector<bool> active = conditional.active(choices);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (active[i] || choices[i] == 0) continue;
    return "decision '" + space.decisions()[i].name +
           "' has no effect at these depths, where its choice must be the first one";
  }
  return std::nullopt;
}

Task task_of(const SearchSpace& space, const Architecture& architecture, const Task& task) {
  const auto* tasks = dynamic_cast<const ArchitectureTasks*>(&space);
  return space.settle(tasks == nullptr ? task : tasks->task_of(architecture, task));
}

}  // namespace nas
