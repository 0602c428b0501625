#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/api/search_space.h"

// What decisions have an effect on, beyond the nodes of a network: on nothing, or on its task.

namespace nas {

/// A space in which some choices leave other decisions without effect (those of a block beyond the
/// depth) and whose architectures keep the choices there: `ConditionalDecisions` without the law
/// of the first choice. Optional (dynamic_cast).
class ActiveDecisions {
 public:
  virtual ~ActiveDecisions() = default;
  /// By decision: has it an effect under these choices?
  virtual std::vector<bool> active(Choices choices) const = 0;
};

/// Why choices are not those of a ConditionalDecisions space: a decision without effect has not its
/// first choice. nullopt where all have it.
std::optional<std::string> idle_objection(const SearchSpace& space,
                                          const ConditionalDecisions& conditional, Choices choices);

/// A space whose decisions reach outside the network: a resolution sizes the input. Optional
/// (dynamic_cast).
class ArchitectureTasks {
 public:
  virtual ~ArchitectureTasks() = default;
  /// The task that `build` makes this architecture's network for when it is given `task`.
  virtual Task task_of(const Architecture& architecture, const Task& task) const = 0;
};

/// The settled task of an architecture's network: `task` where no decision reaches outside.
Task task_of(const SearchSpace& space, const Architecture& architecture, const Task& task);

}  // namespace nas
