#pragma once

#include <string>

#include "app/session/session.h"
#include "predictors/autoencoder/training.h"

namespace nas {

struct EmbeddingRequest {
  std::string benchmark;
  std::string column = "autoencoder";  ///< metric of the vector that is added
  OptionMap options{};                 ///< of the auto-encoder
  /// Architectures drawn from the space that it learns from beside the rows.
  std::int64_t drawn = 0;
  bool replace = false;  ///< a column of this name
};

/// Trains an auto-encoder on the graphs of a benchmark's rows, without their values, and adds the
/// point of each row as a vector: features for searchers (`features=autoencoder`) and predictors.
/// Throws Error(kUsage) for a benchmark of no known space, options that do not fit, a column that
/// is there already.
AutoencoderReport embed_benchmark(Session& session, const EmbeddingRequest& request);

}  // namespace nas
