#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/api/problem.h"
#include "core/int8/quantise.h"
#include "core/problems/data_kinds.h"

namespace nas {

/// A file's network in int8, with what is known of it.
struct NetworkProgram {
  MicroProgram program;
  std::vector<std::string> samples;  ///< bytes of an input each: the first test samples of the data
  std::vector<std::string> notes;
};

/// The program of a .tflite file whose inputs are int8, as it is; nothing for any other file.
/// Whether it has a graph does not matter. Throws Error(kData | kUnsupported) for a broken file.
std::optional<NetworkProgram> int8_file(const std::filesystem::path& file);

/// Whose training samples say how large the numbers of a network become.
struct CalibrationData {
  std::shared_ptr<const Problem> problem;
  const DataKind& kind;
};

/// The network of an ONNX, .tflite or model file in real numbers, quantised on these samples as the
/// model was trained on them; one that does not say takes what the data needs. Throws Error(kUsage)
/// without `data`, and as `read_network_file` and `quantised_network`.
NetworkProgram quantised_file(const std::filesystem::path& file,
                              const std::optional<CalibrationData>& data,
                              const QuantisationOptions& options = {});

}  // namespace nas
