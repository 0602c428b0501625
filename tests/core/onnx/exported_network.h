#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "core/ir/same/fold_batch_norm.h"
#include "core/onnx/export_graph.h"
#include "tests/core/onnx/onnx_runtime.h"

namespace nas::test {

/// How far an engine is from LibTorch.
struct OutputDifference {
  double difference = 0;  ///< the largest
  double largest = 0;     ///< the largest number that LibTorch gives
  /// As a share of the largest number, where that is above 1: sums of large numbers round more.
  double share() const { return difference / (largest > 1 ? largest : 1); }
};

/// How a network is written.
struct ExportForm {
  OnnxExportOptions options;
  bool simplified = false;
  bool folded = false;  ///< batch normalisations
};

/// A network with weights as a training leaves them, and what LibTorch computes of a batch of two.
class ExportedNetwork {
 public:
  static constexpr std::int64_t kBatch = 2;

  explicit ExportedNetwork(ArchGraph graph);

  const ArchGraph& graph() const { return graph_; }
  const TensorFile& weights() const { return weights_; }
  WeightedGraph in_form(const ExportForm& form) const;

  /// The file in a form, with the input.
  OnnxRun run(const ExportForm& form) const;
  /// Of the engine's output from that of LibTorch. Throws Error(kData) for another number of
  /// outputs or one that is not a number.
  OutputDifference difference(std::span<const float> found) const;

 private:
  ArchGraph graph_;
  TensorFile weights_;
  std::vector<std::int64_t> dims_;
  std::vector<float> input_, expected_;
};

/// An architecture of a space, drawn at random, in the size of short trainings.
ArchGraph small_network(const SearchSpace& space, Rng& rng);

/// What a file loses when it is written and read again: "" when the model comes back with all
/// nodes, attributes and tensors, and the network of it is `written`; else what does not.
std::string lost_in_file(const OnnxModel& model, const WeightedGraph& written);

}  // namespace nas::test
