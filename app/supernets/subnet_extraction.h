#pragma once

#include <filesystem>
#include <string>

#include "app/supernets/supernet_store.h"
#include "core/runtime/supernet/supernet_trainer.h"

namespace nas {

struct SubnetExtraction {
  std::filesystem::path output;  ///< `model_ending` of the supernet's problem
  bool force = false;            ///< replace the file
  /// Of its batch normalisations: a model of its own has none of its batches.
  SubnetStatistics statistics = SubnetStatistics::kRecalibrated;
};

struct ExtractedSubnet {
  std::filesystem::path path;
  std::string sha256;
  std::int64_t params = 0;
  std::int64_t macs = 0;
};

/// Writes a subnet as a stand-alone model, with the supernet as its parent, or as a circuit with
/// the shared angles, and its model row. Throws Error(kUsage) for an output that exists (without
/// `force`) and for batch statistics.
ExtractedSubnet extract_subnet(Session& session, const OpenSupernet& supernet,
                               const Architecture& subnet, const SubnetExtraction& extraction);

}  // namespace nas
