#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/importers/column_builder.h"
#include "db/importers/pickle.h"
#include "db/importers/self_check.h"

namespace nas {

/// Collects the records of NATS-Bench and NAS-Bench-201 files: one architecture's results by length
/// of training ("12", "200"; "less", "full"), data set and seed.
///
/// Columns: accuracy and loss of each split at the last epoch, by seed and as mean over the seeds;
/// accuracy_curve by seed; training_seconds of the whole schedule and evaluation_seconds of one
/// pass; params, macs, latency_ms. x-valid is the split "valid"; "test" is what the official
/// queries return: x-test of CIFAR-100 and ImageNet16-120, ori-test (all test images) of CIFAR-10.
/// Their ori-test stays "ori-test".
class NatsRecords {
 public:
  NatsRecords(std::string origin, bool curves) : origin_(std::move(origin)), curves_(curves) {}

  /// Adds the architecture's dict {length: record}. Throws Error(kData) naming the architecture
  /// for a dict of another form.
  void add(const PickleDict& by_length);

  std::size_t rows() const { return texts_.size(); }
  std::int64_t index(std::size_t row) const { return indices_[row]; }
  const std::string& text(std::size_t row) const { return texts_[row]; }
  /// Texts in the space's notation, columns, self-checks.
  void finish(ImportResult& result, const SearchSpace* space, const ImportRequest& request);

 private:
  void add_record(const PickleDict& record, std::size_t row);
  void add_results(const std::vector<const PickleDict*>& runs, const std::string& dataset,
                   std::size_t row);

  std::string origin_;
  bool curves_;
  std::vector<std::string> texts_;
  std::vector<std::int64_t> indices_;
  ColumnBuilder columns_;
};

/// Is this the dict {length: record} of an architecture?
bool is_architecture_record(const PickleDict& dict);

/// Networks of the data sets whose parameters and MACs the records hold.
std::vector<StructureRule> nats_structure(const Benchmark& benchmark);

}  // namespace nas
