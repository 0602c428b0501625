#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nas::test {

/// An ONNX file and what it is given.
struct OnnxRun {
  std::string model;               ///< bytes of the file
  std::vector<std::int64_t> dims;  ///< of the input, with the batch
  std::vector<float> input;
};

/// ONNX Runtime, an engine that shares no code with ours, in a process of its own: the npm package
/// that scripts/onnx-runtime installs.
class OnnxRuntime {
 public:
  /// In the folder SEARCHLIGHT_ONNXRUNTIME, without it in build/onnx-runtime. Nothing, after a line
  /// on stdout that begins with "SKIPPED: ", where it is not there.
  static std::optional<OnnxRuntime> find();

  /// The first output of each, row-major. Throws Error(kData) with what the engine says of a file
  /// that it refuses.
  std::vector<std::vector<float>> run(std::span<const OnnxRun> runs) const;

 private:
  explicit OnnxRuntime(std::filesystem::path modules) : modules_(std::move(modules)) {}

  std::filesystem::path modules_;
};

}  // namespace nas::test
