#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/api/batch.h"
#include "core/util/rng.h"

namespace nas {

/// The samples that a loader makes batches of. Safe from several threads.
class SampleReader {
 public:
  virtual ~SampleReader() = default;
  virtual std::size_t samples() const = 0;
  virtual std::size_t elements() const = 0;                 ///< numbers in a row
  virtual std::size_t rows_of_sample() const { return 1; }  ///< segments of a recording
  virtual std::int64_t label(std::uint32_t sample) const = 0;
  /// The rows of one sample, [rows_of_sample, elements]. What is random is drawn from `chance`,
  /// which belongs to (seed, epoch, sample).
  virtual void read(std::uint32_t sample, Rng& chance, std::span<float> rows) const = 0;
};

/// Batches of chosen samples, read ahead by threads. Content depends only on (options.seed, epoch,
/// sample), never on the number of threads.
class BatchLoader final : public BatchSource {
 public:
  /// `options.augment` is the reader's business. Throws Error(kUsage) for arguments out of range.
  BatchLoader(std::unique_ptr<const SampleReader> reader, std::vector<std::uint32_t> samples,
              const BatchOptions& options);
  ~BatchLoader() override;

  std::int64_t batches() const override;
  void start_epoch(std::int64_t epoch) override;
  bool next(Batch& batch) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nas
