#include "app/deploy/plan_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/deploy/deployment.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Json = nlohmann::ordered_json;

/// A tensor of the arena, with the life and place of the buffer that it lies in.
struct PlacedTensor {
  int tensor = 0;
  std::int64_t bytes = 0, offset = 0, first = 0, last = 0;
};

/// In the order in which they are made.
std::vector<PlacedTensor> placed_tensors(const Deployment& deployment) {
  std::vector<PlacedTensor> placed;
  for (const PlannedBuffer& buffer : deployment.plan.buffers) {
    for (const int tensor : buffer.tensors) {
      placed.push_back({tensor,
                        deployment.program.tensors[static_cast<std::size_t>(tensor)].bytes(),
                        buffer.offset, buffer.life.first, buffer.life.last});
    }
  }
  std::ranges::stable_sort(placed, {}, [](const PlacedTensor& one) { return one.first; });
  return placed;
}

std::string padded(std::string text, std::size_t width, bool left = false) {
  if (text.size() >= width) return text;
  return left ? text + std::string(width - text.size(), ' ')
              : std::string(width - text.size(), ' ') + text;
}

/// Names of converters are long and tell least at their end.
std::string shown_name(const Deployment& deployment, int tensor) {
  constexpr std::size_t kWidth = 40;
  const std::string name =
      printable(deployment.program.tensors[static_cast<std::size_t>(tensor)].name);
  return name.size() <= kWidth ? name : name.substr(0, kWidth - 3) + "...";
}

std::string bound_words(const Deployment& deployment) {
  const OffsetPlan& arena = deployment.plan.arena;
  if (arena.optimal()) return "no plan of this order is smaller";
  return "no plan of this order is below " + format_count(arena.lower_bound);
}

}  // namespace

std::string plan_json(const Deployment& deployment) {
  const MemoryPlan& plan = deployment.plan;
  Json json{{"schema", "searchlight.memory_plan"},
            {"version", 1},
            {"network", deployment.title},
            {"engine", std::string(kTfliteMicro.name)},
            {"alignment", kTfliteMicro.alignment},
            {"arena_bytes", plan.arena.bytes},
            {"lower_bound_bytes", plan.arena.lower_bound},
            {"optimal", plan.arena.optimal()},
            {"order_optimal", deployment.order.optimal()},
            {"engine_bytes_about", deployment.engine_bytes},
            {"interpreter_arena_bytes", deployment.arena_bytes()}};
  json["tensors"] = Json::array();
  for (const PlacedTensor& one : placed_tensors(deployment)) {
    json["tensors"].push_back(
        {{"tensor", one.tensor},
         {"name", deployment.program.tensors[static_cast<std::size_t>(one.tensor)].name},
         {"bytes", one.bytes},
         {"offset", one.offset},
         {"first_step", one.first},
         {"last_step", one.last}});
  }
  json["steps"] = Json::array();
  for (std::size_t i = 0; i < deployment.program.steps.size(); ++i) {
    const MicroStep& step = deployment.program.steps[i];
    json["steps"].push_back({{"step", i},
                             {"operator", std::string(name_of(step))},
                             {"output", step.outputs.at(0)},
                             {"macs", micro_macs(deployment.program, step)},
                             {"live_bytes", plan.live_bytes.at(i)}});
  }
  return json.dump(1) + "\n";
}

std::string plan_text(const Deployment& deployment) {
  const MemoryPlan& plan = deployment.plan;
  std::string text = "Memory plan of " + printable(deployment.title) + "\n\narena " +
                     format_count(plan.arena.bytes) + " bytes; " + bound_words(deployment) +
                     "\nfullest at step " + std::to_string(plan.peak_step) + ", " +
                     format_count(plan.live_bytes.empty() ? 0 : plan.live_bytes[plan.peak_step]) +
                     " bytes live\n\n  offset      bytes  steps      tensor\n";
  for (const PlacedTensor& one : placed_tensors(deployment)) {
    const std::string steps = std::to_string(one.first) + "-" + std::to_string(one.last);
    text += padded(std::to_string(one.offset), 8) + "  " + padded(std::to_string(one.bytes), 9) +
            "  " + padded(steps, 9, true) + "  " + std::to_string(one.tensor) + " " +
            shown_name(deployment, one.tensor) + "\n";
  }
  text += "\n  step  operator               live bytes          MACs\n";
  for (std::size_t i = 0; i < deployment.program.steps.size(); ++i) {
    const MicroStep& step = deployment.program.steps[i];
    text += padded(std::to_string(i), 6) + "  " + padded(std::string(name_of(step)), 20, true) +
            "  " + padded(std::to_string(plan.live_bytes.at(i)), 11) + "  " +
            padded(std::to_string(micro_macs(deployment.program, step)), 12) + "\n";
  }
  return text;
}

}  // namespace nas
