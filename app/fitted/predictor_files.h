#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/session/session.h"
#include "core/api/predictor.h"

namespace nas {

/// What lies beside the database: tensors as safetensors, everything else as JSON of the same name.
struct PredictorFile {
  std::string name;
  PluginChoice plugin;  ///< options resolved
  std::string space, space_version;
  std::string benchmark;
  std::string target;                 ///< column text
  std::vector<std::string> features;  ///< column texts
  std::size_t train = 0;
  /// Rows of the draw up to the last one learned from: more than `train` where some of them have no
  /// features.
  std::size_t seen = 0;
  std::uint64_t seed = 0;
  PredictorState state;
};

/// Throws Error(kUsage) for anything but letters, digits, '-', '_' and '.', or a '.' in front.
void check_predictor_name(const std::string& name);

/// Writes `path` (.safetensors), then the JSON of the same name; each whole or not at all. Returns
/// the SHA-256 of the tensors, which the JSON states too.
std::string write_predictor(const std::filesystem::path& path, const PredictorFile& file);
/// `sha256`: what the database says of the tensors. Throws Error(kIo) for a missing file,
/// Error(kData) for one that is changed or damaged.
PredictorFile read_predictor(const std::filesystem::path& tensors, const std::string& sha256);

}  // namespace nas
