#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/int8/program.h"
#include "core/tflite/tflite_model.h"

namespace nas {

struct TfliteExportOptions {
  std::string description{};
  /// Where each tensor of the program lies in the arena, in bytes, -1: the engine decides. Written
  /// as the metadata "OfflineMemoryAllocation", which TensorFlow Lite Micro obeys. Empty: none.
  std::vector<std::int32_t> offsets{};
};

/// A program as a .tflite file says it, with the versions of operators that its types ask for:
/// `to_program` of the result is the program again, but for names of steps, which a file has not.
/// The model borrows nothing. Throws Error(kUnsupported) naming all steps that no file can say:
/// operators that we do not know, padding that is neither VALID nor SAME; Error(kData) as
/// `MicroProgram::check`, and for constants without numbers.
TfliteModel to_tflite(const MicroProgram& program, const TfliteExportOptions& options = {});

/// The offsets that a file states, by tensor; empty where it states none. Throws Error(kData) for
/// a statement that is cut off.
std::vector<std::int32_t> stated_offsets(const TfliteModel& model);

/// The version of a step's operator in TensorFlow Lite's registry that reads its types: that of
/// the step, or the first that does.
std::int32_t operator_version(const MicroProgram& program, const MicroStep& step);

}  // namespace nas
