#pragma once

#include <cstdint>
#include <string_view>

namespace nas {

/// How an engine lays tensors out and what it needs beside them.
struct EngineRules {
  std::string_view name;
  std::int64_t alignment = 1;  ///< of tensors in the arena, in bytes
  /// A depthwise convolution works channel by channel and overwrites its input.
  bool in_place_depthwise = false;
  /// Reads the columns of an image and reordered kernels through buffers of its own.
  bool scratch = false;
  std::int64_t scale_bytes = 0;  ///< in flash, for each output channel of a layer with weights
  std::int64_t code_bytes = 0;   ///< in flash beside the model, about
};

/// mit-han-lab/tinyengine, code_generator: GeneralMemoryScheduler.py, operators/conv2d.py,
/// operators/depthwiseConv2d.py. The code of a network takes about 50 KB.
inline constexpr EngineRules kTinyEngine{.name = "tinyengine",
                                         .alignment = 4,
                                         .in_place_depthwise = true,
                                         .scratch = true,
                                         .scale_bytes = 4,
                                         .code_bytes = 50 * 1024};

/// TensorFlow Lite Micro: tensors at multiples of 16, nothing in place; scales are in the model's
/// file, which we do not count here.
inline constexpr EngineRules kTfliteMicro{.name = "tflite_micro", .alignment = 16};

}  // namespace nas
