#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "db/transfer/copy_store.h"

namespace nas {

struct MergeOptions {
  TransferOptions transfer;
  /// A study whose name stands for another study already gets a free name, "first-2", instead of
  /// being refused. Requires `renamed_config`.
  bool rename = false;
  /// The configuration of a study under a new name.
  std::function<std::string(const std::string& config, const std::string& name)> renamed_config;
};

struct MergedTable {
  std::string name;
  std::int64_t added = 0;
  std::int64_t known = 0;  ///< that were there already, from this merge or before
};

struct MergeReport {
  std::vector<MergedTable> tables;
  std::vector<std::string> renamed;  ///< "b.db: study 'first' became 'first-2'"
};

/// Brings all rows of several stores into one, which may be new; whole or not at all. What is the
/// same is kept once: spaces, architectures, networks, fidelities, devices, environments, and
/// values, models and events that are equal in all respects. Studies of one name and configuration
/// are the same study: a trial that both have must have the same architecture, state and values,
/// and an unfinished one gives way to a finished one. Data sets, benchmarks, predictors and
/// artifacts of one name must be equal. Paths of files are rewritten to where the files are.
/// Throws Error(kUsage) for what differs under one name (studies: unless `rename`), else as
/// `copy_store`.
MergeReport merge_stores(std::span<const StoreAddress> from, const StoreAddress& into,
                         const MergeOptions& options = {});

}  // namespace nas
