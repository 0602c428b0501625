#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"
#include "predictors/nasflat/net.h"

namespace nas {

/// Networks with measurements on one device.
struct NasflatSamples {
  std::vector<NasflatGraph> graphs;
  std::vector<double> targets;
  std::size_t device = 0;

  NasflatSamples subset(std::span<const std::size_t> rows) const;
  std::vector<const NasflatGraph*> pointers() const;
};

struct NasflatTraining {
  std::size_t epochs, batch;
  std::size_t pairs;  ///< that a sample of a batch is compared in, at most
  double rate;        ///< of AdamW; cosine to 1e-6
  double decay;
};

/// Trains on batches of one device each, those of all devices in random order. `each` is told the
/// epoch that begins (and may throw to stop).
void train_nasflat(NasflatNet& net, std::span<const NasflatSamples> devices,
                   const NasflatTraining& training, Rng rng,
                   const std::function<void(std::size_t epoch)>& each);

}  // namespace nas
