#include "core/api/task.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kInput = "image: ";
constexpr std::string_view kOutput = " -> class: classes[";
constexpr std::string_view kSpaceSetting = "space.";

[[noreturn]] void fail(std::string_view text) {
  throw Error(ErrorKind::kData, "network '" + printable(text) +
                                    "': not a task that this program knows; it was stored by "
                                    "another version of Searchlight");
}

/// False for a setting that is unknown or has no such value.
bool set_field(Task& task, std::string_view key, const std::string& value) {
  const auto positive = [&value](std::int64_t& field) {
    const std::optional<std::int64_t> number = parse_int(value);
    if (!number || *number < 1) return false;
    field = *number;
    return true;
  };
  if (key == "width") return positive(task.width);
  if (key == "depth") return positive(task.depth);
  if (key == "skeleton") task.skeleton = value;
  if (key == "auxiliary") task.auxiliary = value == "true";
  return key == "skeleton" || (key == "auxiliary" && value == "true") ||
         key.starts_with(kSpaceSetting);
}

/// The type that stands in `text`, which must be a float image.
std::optional<Shape> image_shape(std::string_view text) {
  try {
    const TensorType type = parse_tensor_type(text);
    if (type.element != Element::kFloat || type.shape.rank() != 3) return std::nullopt;
    return type.shape;
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<Task> read(std::string_view text) {
  Task task;
  const std::size_t arrow = text.find(kOutput);
  if (!text.starts_with(kInput) || arrow == std::string_view::npos) return std::nullopt;
  const std::optional<Shape> input = image_shape(text.substr(kInput.size(), arrow - kInput.size()));
  if (!input) return std::nullopt;
  task.input = *input;
  std::string_view rest = text.substr(arrow);
  rest.remove_prefix(kOutput.size());
  const std::size_t end = rest.find(']');
  const std::optional<std::int64_t> classes = parse_int(rest.substr(0, end));
  if (end == std::string_view::npos || !classes || *classes < 1) return std::nullopt;
  task.classes = *classes;
  rest.remove_prefix(end + 1);
  if (rest.empty()) return task;
  if (!rest.starts_with("; ")) return std::nullopt;
  for (const std::string& part : split(rest.substr(2), ';')) {
    const std::string_view setting = trim(part);
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!set_field(task, setting.substr(0, equals), std::string(setting.substr(equals + 1)))) {
      return std::nullopt;
    }
  }
  return task;
}

}  // namespace

std::string task_text(const Task& task, std::string_view space_settings) {
  std::string text = std::string(kInput) + to_string(TensorType{Element::kFloat, task.input}) +
                     std::string(kOutput) + std::to_string(task.classes) + "]";
  if (task.width > 0) text += "; width=" + std::to_string(task.width);
  if (task.depth > 0) text += "; depth=" + std::to_string(task.depth);
  if (!task.skeleton.empty()) text += "; skeleton=" + task.skeleton;
  if (task.auxiliary) text += "; auxiliary=true";
  return text + std::string(space_settings);
}

Task parse_task_text(std::string_view text) {
  std::optional<Task> task = read(text);
  if (!task) fail(text);
  return *std::move(task);
}

std::string describe_task(std::string_view text) {
  if (text.empty()) return "unknown";
  const std::optional<Task> task = read(text);
  if (!task) return std::string(text);
  std::vector<std::string> parts;
  std::vector<std::string> dims;
  for (const std::int64_t dim : task->input.dims()) dims.push_back(std::to_string(dim));
  parts.push_back("images " + join(dims, "x"));
  parts.push_back(std::to_string(task->classes) + " classes");
  if (task->width > 0) parts.push_back("width " + std::to_string(task->width));
  if (task->depth > 0) parts.push_back("depth " + std::to_string(task->depth));
  if (!task->skeleton.empty()) parts.push_back("skeleton " + task->skeleton);
  if (task->auxiliary) parts.emplace_back("auxiliary head");
  const std::size_t settings = text.find(std::string("; ") + std::string(kSpaceSetting));
  if (settings != std::string_view::npos) parts.emplace_back(text.substr(settings + 2));
  return join(parts, ", ");
}

}  // namespace nas
