#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/deploy/test_vectors.h"
#include "app/presentation/answer_files.h"
#include "core/int8/program.h"
#include "hwmodels/mcu/memory_plan.h"
#include "hwmodels/mcu/step_order.h"

namespace nas {

/// A network as it is handed over for TensorFlow Lite Micro.
struct Deployment {
  std::string title;     ///< what it is, for people: "trial:first/12"
  MicroProgram program;  ///< with numbers, its steps in the order of the plan
  StepOrder order;
  MemoryPlan plan;
  std::vector<std::int32_t> offsets;  ///< by tensor, in the arena; -1: not in it
  std::vector<TestVector> vectors;
  std::vector<std::string> notes;  ///< what whoever uses it should know

  std::int64_t macs = 0;
  std::string tflite;  ///< the bytes of the file

  /// About what the engine needs beside the plan: its structures for tensors and operators, the
  /// multipliers of channels. An estimate; the engine itself says how much it used.
  std::int64_t engine_bytes = 0;
  /// What to give the interpreter first: plan and engine, rounded up to 1 KiB.
  std::int64_t arena_bytes() const;
};

/// Orders, plans, writes and tries a program. `samples`: bytes of its input, each a test vector.
/// Throws Error(kUnsupported) for steps that no .tflite file can say or that cannot be executed,
/// all of them by name.
Deployment deployment_of(std::string title, const MicroProgram& program,
                         const std::vector<std::string>& samples = {});

/// The files of the folder: model.tflite, model_data.c and .h, memory_plan.json and .txt,
/// test_vectors.json, .c and .h, README.md.
std::vector<AnswerFile> deployment_files(const Deployment& deployment);

/// Throws Error(kUsage), before anything is computed, where the folder holds a deployment and
/// `force` is not set, or a file of one of the names that is not of a deployment, or is a file
/// itself.
void refuse_existing_deployment(const std::filesystem::path& folder, bool force);

/// Writes all files beside the folder first (FOLDER.new) and moves them in when all are there;
/// those they replace wait in FOLDER.old and come back if a later one cannot be moved. Throws
/// Error(kIo), Error(kUsage) where one of the two is in the way.
void write_deployment(const std::filesystem::path& folder, const std::vector<AnswerFile>& files);

}  // namespace nas
