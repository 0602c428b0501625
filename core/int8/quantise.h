#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/int8/calibration.h"
#include "core/int8/lowering.h"
#include "core/ir/same/fold_batch_norm.h"
#include "core/util/options.h"

namespace nas {

/// How a network becomes int8. The defaults are those of TensorFlow's converter.
struct QuantisationOptions {
  std::int64_t samples = 512;
  std::string range = "min-max";
  double percentile = 99.99;
  bool equalise = false;
  bool correct_bias = false;
};
inline constexpr Field<QuantisationOptions> kQuantisationFields[] = {
    {.name = "samples",
     .member = &QuantisationOptions::samples,
     .meaning = "training samples that ranges are measured on",
     .min = 1,
     .max = 1e9},
    {.name = "range",
     .member = &QuantisationOptions::range,
     .meaning = "what an activation's integers span",
     .choices = "min-max|percentile"},
    {.name = "percentile",
     .member = &QuantisationOptions::percentile,
     .meaning = "share of its numbers that they reach at either end",
     .unit = "%",
     .min = 50,
     .max = 100},
    {.name = "equalise",
     .member = &QuantisationOptions::equalise,
     .meaning = "balance the channels of layers that follow one another",
     .source = "Nagel et al. (2019), section 4.1"},
    {.name = "correct-bias",
     .member = &QuantisationOptions::correct_bias,
     .meaning = "take the mean error of rounded weights off the biases",
     .source = "Nagel et al. (2019), section 4.2"},
};

/// The network whose values are calibrated and quantised, the same function: simplified, batch
/// normalisations folded, sums of two terms, and where `options.equalise` says so its channels
/// balanced. Throws Error(kData) for tensors that are missing.
WeightedGraph prepared_for_int8(const ArchGraph& graph, const TensorFile& weights,
                                const QuantisationOptions& options = {});

/// A program with numbers, and what is worth knowing of them.
struct QuantisedNetwork {
  MicroProgram program;
  /// "'stem/relu' is 0 on all samples; its scale is a guess", one for each such thing.
  std::vector<std::string> notes;
};

/// A prepared network in int8 as TensorFlow Lite's quantisation specification has it: activations
/// with one scale and zero point, weights of convolutions symmetric with a scale for each output
/// channel, those of fully connected layers with one, biases int32 at scale input x weight.
/// Operators that only move numbers keep their scale; the parts of a concatenation share one.
/// Requires a calibration of `prepared.graph`, with both passes for percentiles. Throws
/// Error(kUnsupported) that names all operations without an int8 form, Error(kNumeric) for weights
/// that are not finite.
QuantisedNetwork quantised(const WeightedGraph& prepared, const Calibration& calibration,
                           const QuantisationOptions& options = {},
                           const LoweringOptions& lowering = {});

}  // namespace nas
