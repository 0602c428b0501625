#include "core/api/task.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kSpaceSetting = "space.";
constexpr std::string_view kArrow = " -> ";

/// How an input is called, by its rank.
struct InputKind {
  std::size_t rank;
  std::string_view name;    ///< in the text of a network
  std::string_view plural;  ///< for people
};
constexpr InputKind kInputKinds[] = {{2, "sequence", "sequences"}, {3, "image", "images"}};

const InputKind& input_kind(const Shape& input) {
  for (const InputKind& kind : kInputKinds) {
    if (kind.rank == input.rank()) return kind;
  }
  throw Error(ErrorKind::kUsage,
              "an input of " + to_string(input) +
                  " is neither an image [C,H,W] nor a sequence [features,frames]");
}

/// An output that is a vector: "class: classes[10]" is the network's output "logits".
struct OutputKind {
  std::string_view start;
  std::int64_t Task::*size;
};
constexpr OutputKind kOutputKinds[] = {{"class: classes[", &Task::classes},
                                       {"embedding: embedding[", &Task::embedding}};

constexpr std::string_view kQubitsIn = "qubits: qubit[", kQubitsOut = "] -> state: qubit[";

std::string circuit_text(int qubits) {
  const std::string count = std::to_string(qubits);
  return std::string(kQubitsIn) + count + std::string(kQubitsOut) + count + "]";
}

/// "qubits: qubit[4] -> state: qubit[4]"; 0 for any other text.
int read_qubits(std::string_view text) {
  if (!text.starts_with(kQubitsIn)) return 0;
  const std::string_view count = text.substr(kQubitsIn.size());
  const std::optional<std::int64_t> qubits =
      parse_int(std::string(count.substr(0, count.find(']'))));
  constexpr std::int64_t kMost = 1000;
  if (!qubits || *qubits < 1 || *qubits > kMost) return 0;
  const int number = static_cast<int>(*qubits);
  return text == circuit_text(number) ? number : 0;
}

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

/// "image: float[3,32,32]"; false for an input that is none of ours.
bool read_input(std::string_view text, Task& task) {
  const std::size_t colon = text.find(": ");
  if (colon == std::string_view::npos) return false;
  try {
    const TensorType type = parse_tensor_type(text.substr(colon + 2));
    if (type.element != Element::kFloat) return false;
    task.input = type.shape;
    return input_kind(type.shape).name == text.substr(0, colon);
  } catch (const Error&) {
    return false;
  }
}

/// "class: classes[9], embedding: embedding[192]", in this order, at least one.
bool read_outputs(std::string_view text, Task& task) {
  task.classes = 0;
  const OutputKind* next = std::begin(kOutputKinds);
  for (const std::string& word : split(text, ',')) {
    const std::string_view output = trim(word);
    next = std::find_if(next, std::end(kOutputKinds), [output](const OutputKind& kind) {
      return output.starts_with(kind.start);
    });
    if (next == std::end(kOutputKinds) || !output.ends_with(']')) return false;
    const std::string_view size = output.substr(next->start.size());
    const std::optional<std::int64_t> number = parse_int(size.substr(0, size.size() - 1));
    if (!number || *number < 1) return false;
    task.*next->size = *number;
    ++next;
  }
  return true;
}

std::optional<Task> read(std::string_view text) {
  if (const int qubits = read_qubits(trim(text.substr(0, text.find(';'))))) {
    return circuit_task(qubits);
  }
  Task task;
  const std::size_t arrow = text.find(kArrow);
  if (arrow == std::string_view::npos || !read_input(text.substr(0, arrow), task)) {
    return std::nullopt;
  }
  const std::vector<std::string> parts = split(text.substr(arrow + kArrow.size()), ';');
  if (!read_outputs(parts.front(), task)) return std::nullopt;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view setting = trim(parts[i]);
    const std::size_t equals = setting.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!set_field(task, setting.substr(0, equals), std::string(setting.substr(equals + 1)))) {
      return std::nullopt;
    }
  }
  return task;
}

}  // namespace

Task circuit_task(int qubits) {
  Task task;
  task.input = {};
  task.classes = 0;
  task.qubits = qubits;
  return task;
}

std::string task_text(const Task& task, std::string_view space_settings) {
  if (task.qubits > 0) return circuit_text(task.qubits) + std::string(space_settings);
  std::string text = std::string(input_kind(task.input).name) + ": " +
                     to_string(TensorType{Element::kFloat, task.input}) + std::string(kArrow);
  std::vector<std::string> outputs;
  for (const OutputKind& kind : kOutputKinds) {
    if (task.*kind.size == 0) continue;
    outputs.push_back(std::string(kind.start) + std::to_string(task.*kind.size) + "]");
  }
  text += join(outputs, ", ");
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
  if (task->qubits > 0) return std::to_string(task->qubits) + " qubits";
  std::vector<std::string> parts;
  std::vector<std::string> dims;
  for (const std::int64_t dim : task->input.dims()) dims.push_back(std::to_string(dim));
  parts.push_back(std::string(input_kind(task->input).plural) + " " + join(dims, "x"));
  if (task->classes > 0) parts.push_back(std::to_string(task->classes) + " classes");
  if (task->embedding > 0) parts.push_back("embedding " + std::to_string(task->embedding));
  if (task->width > 0) parts.push_back("width " + std::to_string(task->width));
  if (task->depth > 0) parts.push_back("depth " + std::to_string(task->depth));
  if (!task->skeleton.empty()) parts.push_back("skeleton " + task->skeleton);
  if (task->auxiliary) parts.emplace_back("auxiliary head");
  const std::size_t settings = text.find(std::string("; ") + std::string(kSpaceSetting));
  if (settings != std::string_view::npos) parts.emplace_back(text.substr(settings + 2));
  return join(parts, ", ");
}

}  // namespace nas
