#pragma once

#include <cstdint>
#include <vector>

namespace nas {

/// A batch ready for a network: inputs [N, ...] row-major, as the task types them, normalised as
/// the network expects them.
struct Batch {
  std::vector<float> inputs;
  std::vector<std::int64_t> labels;    ///< [N], the class that each row is of
  std::vector<std::uint32_t> samples;  ///< [N], the sample of its part that each row comes from
  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

struct BatchOptions {
  std::int64_t batch = 128;  ///< samples
  bool shuffle = false;      ///< every epoch in another order
  bool drop_last = false;    ///< leave out a last batch that is not full
  bool augment = false;      ///< as in training; false: as networks are judged
  int threads = 0;           ///< loader threads beside the caller; 0: the caller works itself
  std::uint64_t seed = 0;
};

/// Batches of chosen samples. Content depends on (seed, epoch, sample) alone, never on the number
/// of threads. Used from one thread.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual std::int64_t batches() const = 0;  ///< of an epoch
  virtual void start_epoch(std::int64_t epoch) = 0;
  /// False at the end of the epoch. Reuses the buffers of `batch`.
  virtual bool next(Batch& batch) = 0;
};

}  // namespace nas
