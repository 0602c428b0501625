#pragma once

#include <cstdint>

#include "core/api/search_space.h"
#include "core/ir/graph_sink.h"

// What the two halves of TransNAS-Bench-101 share (Duan et al., CVPR 2021, arXiv 2105.11871). The
// published description leaves parts of the network open; ours has exactly the parameters that
// NAS-Bench-Suite-Zero lists for class_scene (63 classes) and class_object (100), and its stem is
// the one that gives the listed FLOPs at images of 256 x 256. Heads: classification only (global
// average pooling and a linear layer); the decoders of the other tasks are not described.

namespace nas {

/// The five modules' digits: 1 plain, 2 doubles the channels, 3 halves the resolution, 4 both.
constexpr bool transnas_doubles(int digit) {
  return digit == 2 || digit == 4;
}
constexpr bool transnas_halves(int digit) {
  return digit == 3 || digit == 4;
}

/// Width 64, input 3 x 256 x 256, 63 classes (class_scene).
SpaceInfo transnas_info(std::string name);

/// conv3x3 of width / 2 and stride 2, BN, ReLU, conv3x3 of `width` and stride 2, BN, ReLU.
Value transnas_stem(GraphSink& sink, Value input, std::int64_t width);
Value transnas_head(GraphSink& sink, Value x, std::int64_t classes);

}  // namespace nas
