#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/session/session.h"

namespace nas {

/// Node-wise statistics of untrained networks for every row of a stored benchmark: what ParZC
/// learns from. The settings are those of ParZC's released generator: one fixed batch of 16 images
/// scaled to mean .5 and deviation .5, not augmented, the layers' own initialisation.
struct LayerScoring {
  std::string benchmark;
  std::string data;  ///< spec of a data set; "" or "noise": Gaussian images
  std::int64_t batch = 16;
  std::uint64_t seed = 0;
  std::int64_t count = 0;  ///< rows, drawn without repetition; 0: all
  std::int64_t workers = 1;
  double flush_seconds = 30;  ///< what a kill loses at most
};

struct LayerScoringReport {
  std::int64_t rows = 0;     ///< asked for
  std::int64_t scored = 0;   ///< networks that ran
  std::int64_t resumed = 0;  ///< rows that an earlier call had finished
  std::int64_t width = 0;    ///< layers of the largest network
  double seconds = 0;
  bool complete = false;  ///< false: stopped, the same call resumes
  std::vector<std::string> columns;
};

/// Adds the columns grad_norm, snip_mean and synflow_bn_mean, as wide as the largest network of the
/// benchmark has layers, shorter rows padded with NaN. Every architecture runs for itself: layers
/// that no output needs count here, so equal digests do not share. Columns of another seed or batch
/// say so in their statistic. Throws Error(kUsage) for a benchmark of no known space.
LayerScoringReport score_layers(Session& session, const LayerScoring& scoring);

}  // namespace nas
