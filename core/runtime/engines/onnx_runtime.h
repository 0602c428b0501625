#pragma once

#include <string>

#include "core/runtime/latency.h"

namespace nas {

// ONNX Runtime as a second engine of this machine: whoever has its library can measure latencies of
// devices "onnxruntime VERSION" here. It is never linked. Looked for when first needed, and again
// after a failure: the environment's SEARCHLIGHT_ONNXRUNTIME (the library, or a folder in which it
// lies at any depth), else where the system looks for libraries.

/// "onnxruntime"; the runtime of a device is this, a space and the version.
inline constexpr const char* kOnnxRuntime = "onnxruntime";

/// "onnxruntime 1.20.1". Throws Error(kUnsupported) where no library of it can be loaded, with the
/// reason and what to do.
std::string onnx_runtime();

/// As `time_on_host`, float32 only: the network as we export it simplified, with its initial
/// weights, opset 17, the batch fixed, all of the engine's own rewriting of the graph. A single
/// thread is held on a processor. Throws Error(kUnsupported) also for a network that has
/// no ONNX form, with what the engine says of one that it refuses.
HostTiming time_on_onnx_runtime(const ArchGraph& graph, const Device& device,
                                const TimingOptions& options);

}  // namespace nas
