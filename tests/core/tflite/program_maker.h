#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/int8/program.h"
#include "core/util/rng.h"

namespace nas::test {

/// Makes a program step by step: `add` checks nothing, so that wrong ones can be made too.
class ProgramMaker {
 public:
  using Dims = std::vector<std::int64_t>;

  explicit ProgramMaker(std::uint64_t seed = 1) : rng_({.seed = seed, .purpose = Purpose::kTest}) {}

  /// A tensor that is computed; scale 0: not quantised.
  int value(Dims dims, float scale = 0.05F, std::int64_t zero_point = -3,
            MicroElement element = MicroElement::kInt8);
  int input(Dims dims, float scale = 0.05F, std::int64_t zero_point = -3);
  /// Random weights in [-127, 127], with one scale or one for each place of `axis`.
  int weights(Dims dims, float scale, int axis);
  /// Random integers of 32 bits within [-most, most].
  int bias(std::int64_t length, std::vector<float> scales, std::int32_t most = 2000);
  int ints(const std::vector<std::int32_t>& values, Dims dims = {});

  int add(MicroOp op, std::vector<int> inputs, int output, MicroOptions options = {});
  const MicroTensor& tensor(int index) const {
    return program.tensors[static_cast<std::size_t>(index)];
  }
  Rng& rng() { return rng_; }

  /// Layers with weights of their own; `scale`: of the output.
  int conv(int data, std::int64_t channels, std::int64_t kernel_h, std::int64_t kernel_w,
           MicroOptions options, float scale = 0.05F);
  int depthwise(int data, std::int64_t multiplier, std::int64_t kernel, MicroOptions options,
                float scale = 0.05F);
  int fully_connected(int data, std::int64_t features, float scale = 0.05F);

  MicroProgram program{.name = "made"};

 private:
  int tensor(MicroTensor tensor);
  Dims window_dims(int data, std::int64_t height, std::int64_t width, std::int64_t channels,
                   const MicroOptions& options) const;
  Rng rng_;
};

/// A network of several layers with random shapes, weights and scales: convolutions, depthwise
/// ones, pools, sums, concatenations, activations, a fully connected layer, softmax. Equal seeds,
/// equal networks.
MicroProgram random_network(std::uint64_t seed);

/// A program with every operator that a program can name.
MicroProgram every_operator();

}  // namespace nas::test
