#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "predictors/autoencoder/network.h"

namespace nas {

/// How an auto-encoder of graphs is trained.
struct AutoencoderOptions {
  std::int64_t latent = 16;
  std::int64_t hidden = 128;
  std::int64_t layers = 4;
  double epsilon = 1;
  std::string operation_loss = "binary";
  double operation_weight = 1;
  double dropout = 0;
  std::int64_t epochs = 48;
  std::int64_t batch = 32;
  double learning_rate = 1e-3;
  double last_rate = 1;
  double held_out = 0.1;
  std::int64_t seed = 1;
};
std::vector<FieldDoc> autoencoder_fields();
/// Throws Error(kUsage), with near misses, for options that do not fit.
AutoencoderOptions parse_autoencoder(const OptionMap& options);
OptionMap autoencoder_options(const AutoencoderOptions& options);  ///< all of them

struct AutoencoderReport {
  std::size_t trained = 0, held_out = 0;  ///< graphs
  std::int64_t steps = 0;
  std::vector<double> losses;  ///< mean of each epoch
  Reconstruction validation;   ///< of the graphs held out, or of all where none were
  double seconds = 0;          ///< of processor time
};

/// A point of `width` numbers for each graph: the mean over its vertices of what the encoder says.
struct GraphEmbedding {
  std::size_t width = 0;
  std::vector<float> points;  ///< row-major
  AutoencoderReport report;
};

/// Learns from the first graphs, without labels, holds the last ones out, and places all of them.
/// Adam, gradients clipped to the norm 5; batches are drawn once and are the same in every epoch,
/// as in the released code (network.h). Throws Error(kData) for fewer than two graphs,
/// Error(kUsage, "interrupted").
GraphEmbedding embed_graphs(const OperationGraphs& graphs, const AutoencoderOptions& options,
                            const FitContext& context);

}  // namespace nas
