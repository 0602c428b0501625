#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/util/rng.h"
#include "hwmodels/kernel.h"

namespace nas {

/// Can a strip run it: are all its inputs images of one size, and does each operation read the
/// result of the one before first?
bool fits_strip(const Kernel& kernel);

/// A network that runs kernels of its own choice, so that they can be timed inside of a pass: an
/// image of the size that they read, for each of their inputs a 1x1 convolution of it, the kernel.
struct KernelStrip {
  ArchGraph graph;
  std::vector<std::vector<NodeId>> nodes;  ///< of each kernel
};
/// Requires kernels that fit and whose inputs have one size.
KernelStrip make_strip(std::span<const Kernel> kernels);

/// The kernel with other numbers of channels, each in [0.5, 1.2) of what it was (nn-Meter, section
/// 5); nullopt where that is no kernel.
std::optional<Kernel> perturbed(const Kernel& kernel, Rng& rng);

}  // namespace nas
