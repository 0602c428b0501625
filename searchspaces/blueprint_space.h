#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/api/decision_effects.h"
#include "core/ir/blueprint/blueprint.h"

namespace nas {

struct TaskDefaults {
  std::int64_t width = 0;
  std::int64_t depth = 0;
  std::string skeleton{};
  bool auxiliary = false;      ///< the space has an auxiliary head
  std::size_t input_rank = 3;  ///< 3: images [C, H, W]; 2: sequences [features, frames]
  std::int64_t embedding = 0;  ///< length of the space's embedding; 0: it has none
};
/// The task with the space's published setting in every field that was left open.
/// Throws Error(kUsage): an input of another kind, no classes where there is no embedding, a width,
/// depth, skeleton, embedding or auxiliary head that the space does not have.
Task settle_task(const SpaceInfo& info, const Task& task, const TaskDefaults& defaults);

/// A space that is written once, as a blueprint: `build` resolves it. Blueprints are kept by task
/// behind a mutex, so that a search over one task describes the network once.
class BlueprintSpace : public SearchSpace, public ArchitectureTasks {
 public:
  const SpaceInfo& info() const final { return info_; }
  std::span<const Decision> decisions() const final { return decisions_; }
  std::optional<Blueprint> blueprint(const Task& task) const final;
  ArchGraph build(const Architecture& architecture, const Task& task) const final;
  /// The default returns `task`.
  Task task_of(const Architecture& architecture, const Task& task) const override;

 protected:
  BlueprintSpace(SpaceInfo info, std::vector<Decision> decisions)
      : info_(std::move(info)), decisions_(std::move(decisions)) {}

  /// Describes the network for a settled task. Called without any lock.
  virtual Blueprint describe(const Task& task) const = 0;

 private:
  struct Known {
    Task task;
    std::shared_ptr<const Blueprint> blueprint;
  };
  std::shared_ptr<const Blueprint> known_blueprint(const Task& task) const;

  SpaceInfo info_;
  std::vector<Decision> decisions_;
  mutable std::mutex mutex_;          // guards known_
  mutable std::vector<Known> known_;  // oldest first
};

/// The printable names of integer choices: {3, 5, 7} -> "3", "5", "7".
std::vector<std::string> number_names(std::span<const std::int64_t> numbers);

/// The choice of `decision` as it is; selects one of `alternatives` alternatives.
ElasticValue choice_of(DecisionId decision, std::size_t alternatives);

}  // namespace nas
