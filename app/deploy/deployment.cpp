#include "app/deploy/deployment.h"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/deploy/c_array.h"
#include "app/deploy/handover_page.h"
#include "app/deploy/plan_files.h"
#include "core/int8/executor.h"
#include "core/tflite/export_program.h"
#include "core/tflite/write_tflite.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kModel = "model.tflite", kPlan = "memory_plan.json";
constexpr std::string_view kFiles[] = {
    "README.md",        kPlan,          "memory_plan.txt", kModel,
    "model_data.c",     "model_data.h", "test_vectors.c",  "test_vectors.h",
    "test_vectors.json"};

fs::path without_slash(const fs::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

/// A file, a folder, or a link, wherever that leads.
bool is_something(const fs::path& path) {
  std::error_code unknown;
  const fs::file_type type = fs::symlink_status(path, unknown).type();
  return type != fs::file_type::not_found && type != fs::file_type::none;
}

std::vector<std::int32_t> tensor_offsets(const MicroProgram& program, const MemoryPlan& plan) {
  std::vector<std::int32_t> offsets(program.tensors.size(), -1);
  for (const PlannedBuffer& buffer : plan.buffers) {
    for (const int tensor : buffer.tensors) {
      offsets[static_cast<std::size_t>(tensor)] = static_cast<std::int32_t>(buffer.offset);
    }
  }
  return offsets;
}

/// tensorflow/tflite-micro: micro_allocator.cc, micro_context; measured in
/// memory_arena_threshold_test.cc (x86-64: 14,264 bytes of 54 tensors, 15 operators and 10,240 of
/// state; 2,088 of 15 tensors, 7 operators).
std::int64_t engine_bytes_of(const MicroProgram& program) {
  std::int64_t bytes = 1024;
  for (const MicroTensor& tensor : program.tensors) {
    bytes += 32;
    if (tensor.variable) bytes += (tensor.bytes() + 15) / 16 * 16;
    // A multiplier and a shift for each channel of a layer.
    if (tensor.constant && tensor.quantisation.per_channel() &&
        tensor.element == MicroElement::kInt8) {
      bytes += 8 * static_cast<std::int64_t>(tensor.quantisation.scales.size());
    }
  }
  return bytes + 64 * static_cast<std::int64_t>(program.steps.size());
}

/// Runs the test vectors in the memory of the plan: what shares bytes must never meet.
void check_plan(const Deployment& deployment) {
  MicroArena arena{.bytes = deployment.plan.arena.bytes};
  arena.offsets.assign(deployment.offsets.begin(), deployment.offsets.end());
  MicroExecutor executor(deployment.program, arena);
  for (const TestVector& vector : deployment.vectors) {
    NAS_CHECK(answer_of(executor, vector.inputs) == vector.outputs,
              "the plan of " + deployment.title + " destroys numbers that are still needed");
  }
}

void remove_quietly(const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

/// Renames that all happen or, as far as the disk lets them, none.
class Moves {
 public:
  Moves() = default;
  Moves(const Moves&) = delete;
  Moves& operator=(const Moves&) = delete;
  ~Moves() {
    if (kept_) return;
    for (std::size_t i = done_.size(); i-- > 0;) {
      std::error_code ignored;
      fs::rename(done_[i].second, done_[i].first, ignored);
    }
  }
  /// Throws Error(kIo).
  void move(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) {
      throw Error(ErrorKind::kIo,
                  "cannot write '" + printable(to.string()) + "': " + error.message());
    }
    done_.emplace_back(from, to);
  }
  void keep() { kept_ = true; }

 private:
  std::vector<std::pair<fs::path, fs::path>> done_;
  bool kept_ = false;
};

/// Files of `beside` into a folder that is there; those that they replace go to `old` first.
void replace_files(const fs::path& folder, const fs::path& beside, const fs::path& old,
                   const std::vector<AnswerFile>& files) {
  make_directory(old);
  Moves moves;
  std::error_code unknown;
  for (const AnswerFile& file : files) {
    const fs::path target = folder / file.name;
    const fs::file_status status = fs::symlink_status(target, unknown);
    // A folder of that name is somebody's: it stays, and the rename fails.
    const bool replaced = fs::exists(status) && !fs::is_directory(status);
    if (replaced) moves.move(target, old / file.name);
    moves.move(beside / file.name, target);
  }
  moves.keep();
}

}  // namespace

std::int64_t Deployment::arena_bytes() const {
  return (plan.sram_bytes() + engine_bytes + 1023) / 1024 * 1024;
}

Deployment deployment_of(std::string title, const MicroProgram& program,
                         const std::vector<std::string>& samples) {
  Deployment deployment{.title = std::move(title)};
  deployment.order = smallest_order(program, kTfliteMicro);
  deployment.program = reordered(program, deployment.order.steps);
  deployment.plan = plan_memory(deployment.program, kTfliteMicro);
  deployment.offsets = tensor_offsets(deployment.program, deployment.plan);
  deployment.vectors = test_vectors(deployment.program, samples);
  check_plan(deployment);
  deployment.macs = micro_macs(deployment.program);
  deployment.engine_bytes = engine_bytes_of(deployment.program);
  deployment.tflite = format_tflite(
      to_tflite(deployment.program, {.description = "made by Searchlight from " + deployment.title,
                                     .offsets = deployment.offsets}));
  return deployment;
}

std::vector<AnswerFile> deployment_files(const Deployment& deployment) {
  const std::string what = "model.tflite of " + deployment.title;
  return {{"model.tflite", deployment.tflite},
          {"model_data.c", c_array_source("model_data", "model_data.h", deployment.tflite, what)},
          {"model_data.h", c_array_header("model_data", what)},
          {"memory_plan.json", plan_json(deployment)},
          {"memory_plan.txt", plan_text(deployment)},
          {"test_vectors.json", vectors_json(deployment.program, deployment.vectors)},
          {"test_vectors.c", vectors_source(deployment.vectors)},
          {"test_vectors.h", vectors_header(deployment.program, deployment.vectors)},
          {"README.md", handover_page(deployment)}};
}

void refuse_existing_deployment(const fs::path& folder, bool force) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage, "--output " + printable(folder.string()) + why);
  };
  const fs::path target = without_slash(folder);
  std::error_code unknown;
  if (is_something(target) && !fs::is_directory(target, unknown)) {
    refuse(" is not a folder; name another");
  }
  if (holds_file(target / kModel) && holds_file(target / kPlan)) {
    if (force) return;
    refuse(": it holds a deployment; name another folder, or replace it with --force");
  }
  for (const std::string_view name : kFiles) {
    if (!is_something(target / name)) continue;
    refuse(": it holds " + std::string(name) + ", but not a deployment, which has " +
           std::string(kModel) + " and " + std::string(kPlan) + "; name another folder");
  }
}

void write_deployment(const fs::path& folder, const std::vector<AnswerFile>& files) {
  const fs::path target = without_slash(folder);
  const auto neighbour = [&](std::string_view ending) {
    fs::path path = target;
    path += ending;
    std::error_code unknown;
    if (!fs::exists(path, unknown)) return path;
    throw Error(ErrorKind::kUsage, printable(path.string()) +
                                       " is in the way of what is written first; remove or rename "
                                       "it");
  };
  const fs::path beside = neighbour(".new"), old = neighbour(".old");
  try {
    write_files(beside, files);
    std::error_code unknown;
    if (fs::exists(target, unknown)) {
      replace_files(target, beside, old, files);
    } else {
      Moves moves;
      moves.move(beside, target);
      moves.keep();
    }
  } catch (...) {
    remove_quietly(beside);
    remove_quietly(old);
    throw;
  }
  remove_quietly(beside);
  remove_quietly(old);
}

}  // namespace nas
