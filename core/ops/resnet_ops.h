#pragma once

#include <cstdint>
#include <span>

#include "core/ir/graph_sink.h"

namespace nas {

/// The layers of a ResNet for small images (He et al., CVPR 2016, section 4.2; blocks that change
/// the shape have option B's projection): convolution, a stage of `blocks[i]` basic blocks for each
/// i with 2^i `width` channels, global pooling, classifier. Depth 6 n + 2 is {n, n, n}.
/// Returns the logits.
Value add_cifar_resnet(GraphSink& sink, Value image, std::span<const std::int64_t> blocks,
                       std::int64_t width, std::int64_t classes);

}  // namespace nas
