#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/data/dataset.h"
#include "core/util/rng.h"

namespace nas {

struct Augmentation {
  std::int64_t crop_padding = 0;
  bool flip = false;
  std::int64_t cutout = 0;
};

struct LoaderOptions {
  std::int64_t batch = 128;
  bool shuffle = false;
  bool drop_last = false;
  Augmentation augmentation{};
  int threads = 0;  ///< loader threads beside the caller; 0: the caller works itself
  std::uint64_t seed = 0;
};

/// A batch ready for the network: images [N, C, H, W] normalised to mean 0, deviation 1 by channel.
struct Batch {
  std::vector<float> images;
  std::vector<std::int64_t> labels;
  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

/// Batches of a subset of an ImageSet. Content depends only on (options.seed, epoch, position),
/// never on the number of threads: image i of epoch e is augmented by its own random stream.
class BatchLoader {
 public:
  BatchLoader(std::shared_ptr<const ImageDataset> dataset, const ImageSet& images,
              std::vector<std::uint32_t> indices, const LoaderOptions& options);
  ~BatchLoader();

  std::int64_t batches() const;
  void start_epoch(std::int64_t epoch);
  /// False at the end of the epoch. Reuses the buffers of `batch`.
  bool next(Batch& batch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nas
