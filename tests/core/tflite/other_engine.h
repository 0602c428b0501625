#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nas::test {

using Bytes = std::vector<signed char>;

/// An engine for .tflite files that shares no code with ours.
class OtherEngine {
 public:
  virtual ~OtherEngine() = default;
  virtual std::string_view name() const = 0;
  /// Whether it reads convolutions whose channels are in groups.
  virtual bool reads_groups() const = 0;
  /// Multiply-accumulates that it does in some seconds.
  virtual std::int64_t patience() const = 0;
  /// What it makes of a file with one input and one output of int8. Throws std::exception with its
  /// words where it refuses the file.
  virtual Bytes answer(const std::string& file, const Bytes& input) const = 0;
};

// Null, after a line on stdout that begins with "SKIPPED: ", where the engine is not there.

/// Arm NN's parser and reference back end, where this was built with them (Debian: libarmnn-dev,
/// libarmnntfliteparser-dev and a libarmnn-cpuref-backend). It computes in real numbers between the
/// scales and rounds once.
const OtherEngine* arm_nn();

/// TensorFlow Lite 2.9 with its built-in kernels, all in integers; its convolutions round once. The
/// library that scripts/tensorflow-lite installs into build/tensorflow-lite, or that of the folder
/// SEARCHLIGHT_TENSORFLOW_LITE.
const OtherEngine* tensorflow_lite();

}  // namespace nas::test
