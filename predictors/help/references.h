#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/api/transfer_predictor.h"
#include "predictors/help/meta_training.h"

namespace nas {

/// Ten architectures that most tasks have measured, spread over their ranks: the middle of each
/// tenth by mean rank. Throws Error(kData) where there are not ten.
std::vector<Architecture> spread_references(std::string_view who,
                                            std::span<const TransferTask> tasks);
/// Reads ten texts, separated by ';', or by spaces where they have ';' themselves (Once-for-All).
/// Throws Error(kUsage) for another number, or a text that is not an architecture.
std::vector<Architecture> read_references(std::string_view who, const SearchSpace& space,
                                          std::string_view texts);

/// The latencies of the references on a device: what was measured, else estimated by ridge
/// regression on what was.
struct ReferenceLatencies {
  std::vector<double> values;
  std::size_t measured = 0;  ///< of the ten
};
ReferenceLatencies reference_latencies(std::span<const Architecture> references,
                                       std::span<const Subject> subjects,
                                       std::span<const double> targets);

/// Targets without the tenth that is fastest and the tenth that is slowest (ties: in order), which
/// set the scale of the labels.
struct MiddlePart {
  std::vector<std::size_t> rows;  ///< by target
  double low = 0, high = 0;
  explicit MiddlePart(std::span<const double> targets);
};

/// A source device as meta-training takes it. Throws Error(kData), naming it, where the middle of
/// its measurements is one value.
HelpTask help_task(std::string_view who, const TransferTask& task,
                   std::span<const Architecture> references);

}  // namespace nas
