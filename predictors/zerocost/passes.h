#pragma once

#include <cstdint>
#include <vector>

#include "core/api/batch.h"
#include "core/util/rng.h"
#include "predictors/zerocost/evidence.h"
#include "predictors/zerocost/proxy.h"

namespace nas {

/// What one network is measured with.
struct Measurement {
  const ArchGraph& graph;
  const ScoreSettings& settings;
  const std::vector<Batch>& batches;
  std::uint32_t needs = 0;
  std::int64_t kernel_images = 0;
  RngKey key;  ///< of this initialisation
};

/// Draws the network's weights and runs the passes that the needs ask for, on LibTorch.
void measure_network(const Measurement& measurement, Evidence& evidence);

}  // namespace nas
