#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/api/problem.h"
#include "core/int8/quantise.h"

namespace nas {

/// A file's network in int8, with what is known of it.
struct NetworkProgram {
  MicroProgram program;
  std::vector<std::string> samples;  ///< bytes of an input each: the first test samples of the data
  std::vector<std::string> notes;
};

/// Whether a file is a program already: a .tflite file whose inputs are int8. It needs no data.
bool is_int8_file(const std::filesystem::path& file);

/// The network of an ONNX, .tflite or model file as a program: as it is where it is in int8
/// already, else quantised on the training samples of `problem`. `problem` may be null for a file
/// that is in int8. Throws Error(kUsage) where it is missing, and as `read_network_file` and
/// `quantised_network`.
NetworkProgram network_program(const std::filesystem::path& file, const Problem* problem,
                               const QuantisationOptions& options = {});

}  // namespace nas
