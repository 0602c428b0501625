#include "searchspaces/blueprint_space.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

/// Enough for every published resolution of Once-for-All (34) and a few other tasks.
constexpr std::size_t kMaxKnownBlueprints = 40;

[[noreturn]] void fail(const SpaceInfo& info, const std::string& text) {
  throw Error(ErrorKind::kUsage, "space '" + info.name + "': " + text);
}

/// `value` or, where it is 0, `standard`; a space without the setting has `meaning` == "".
std::int64_t settle(const SpaceInfo& info, std::string_view field, std::int64_t value,
                    std::string_view meaning, std::int64_t standard) {
  if (value == 0) return standard;
  if (meaning.empty()) {
    fail(info, "its networks have no " + std::string(field) + " to choose; leave " +
                   std::string(field) + " out, got " + std::to_string(value));
  }
  if (value < 0) fail(info, std::string(field) + " = " + std::to_string(value) + ", must be >= 1");
  return value;
}

void check_input(const SpaceInfo& info, const Shape& input, std::size_t rank) {
  const auto dims = input.dims();
  if (dims.size() == rank && std::all_of(dims.begin(), dims.end(), [](auto d) { return d >= 1; })) {
    return;
  }
  const std::string expected = rank == 2 ? "sequences [features, frames]" : "images [C, H, W]";
  fail(info, "expected " + expected + ", got an input of " + to_string(input));
}

void check_outputs(const SpaceInfo& info, const Task& task, bool has_embedding) {
  const std::int64_t fewest = has_embedding ? 0 : 1;
  if (task.classes < fewest) {
    fail(info,
         "classes = " + std::to_string(task.classes) + ", must be >= " + std::to_string(fewest));
  }
  if (!has_embedding && task.embedding != 0) {
    fail(info, "its networks have no embedding; leave embedding out, got " +
                   std::to_string(task.embedding));
  }
  if (task.embedding < 0) {
    fail(info, "embedding = " + std::to_string(task.embedding) + ", must be >= 1");
  }
}

}  // namespace

Task settle_task(const SpaceInfo& info, const Task& task, const TaskDefaults& defaults) {
  if (task.qubits > 0) {
    fail(info, "its architectures are networks, not circuits of " + std::to_string(task.qubits) +
                   " qubits (nasctl space list names the spaces of circuits)");
  }
  check_input(info, task.input, defaults.input_rank);
  check_outputs(info, task, defaults.embedding > 0);
  if (task.auxiliary && !defaults.auxiliary) {
    fail(info, "has no auxiliary head; leave 'auxiliary' off");
  }
  Task settled = task;
  if (task.embedding == 0) settled.embedding = defaults.embedding;
  settled.width = settle(info, "width", task.width, info.width_meaning, defaults.width);
  settled.depth = settle(info, "depth", task.depth, info.depth_meaning, defaults.depth);
  if (task.skeleton.empty()) {
    settled.skeleton = defaults.skeleton;
  } else if (info.skeletons.empty()) {
    fail(info, "has no skeletons; leave it empty, got '" + printable(task.skeleton) + "'");
  } else if (std::find(info.skeletons.begin(), info.skeletons.end(), task.skeleton) ==
             info.skeletons.end()) {
    fail(info, unknown_name("skeleton", printable(task.skeleton), info.skeletons));
  }
  return settled;
}

std::optional<Blueprint> BlueprintSpace::blueprint(const Task& task) const {
  return *known_blueprint(task);
}

ArchGraph BlueprintSpace::build(const Architecture& architecture, const Task& task) const {
  validate(*this, architecture);
  return resolve(*known_blueprint(task_of(architecture, task)), architecture.choices);
}

Task BlueprintSpace::task_of(const Architecture&, const Task& task) const {
  return task;
}

std::shared_ptr<const Blueprint> BlueprintSpace::known_blueprint(const Task& open) const {
  const Task task = settle(open);
  const auto find = [&]() -> std::shared_ptr<const Blueprint> {
    for (const Known& known : known_) {
      if (known.task == task) return known.blueprint;
    }
    return nullptr;
  };
  {
    const std::lock_guard lock(mutex_);
    if (auto blueprint = find()) return blueprint;
  }
  // Two threads may describe the same task at once; the first result stays.
  auto described = std::make_shared<const Blueprint>(describe(task));
  const std::lock_guard lock(mutex_);
  if (auto blueprint = find()) return blueprint;
  if (known_.size() == kMaxKnownBlueprints) known_.erase(known_.begin());
  known_.push_back({task, described});
  return described;
}

std::vector<std::string> number_names(std::span<const std::int64_t> numbers) {
  std::vector<std::string> names;
  for (const std::int64_t number : numbers) names.push_back(std::to_string(number));
  return names;
}

ElasticValue choice_of(DecisionId decision, std::size_t alternatives) {
  std::vector<std::int64_t> values(alternatives);
  std::iota(values.begin(), values.end(), std::int64_t{0});
  return ElasticValue::of(decision, std::span<const std::int64_t>(values));
}

}  // namespace nas
