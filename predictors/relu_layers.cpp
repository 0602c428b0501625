#include "predictors/relu_layers.h"

#include <algorithm>
#include <array>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::size_t kLanes = 16;  // samples of a tile
constexpr std::size_t kTiles = 4;   // that share one pass over the weights

/// One feature of the samples of a tile; a tile of n features is n of them.
struct alignas(64) Feature {
  std::array<float, kLanes> samples;
};

struct LayerRun {
  const AffineLayer& layer;
  bool relu;
  std::size_t tiles;
};

/// `count` outputs of one tile from output `row` on, their sums in registers. `Vector` is what a
/// register of the processor holds. Inlined, so that each caller compiles it for its processor.
template <class Vector, std::size_t count>
[[gnu::always_inline]] inline void run_rows(const LayerRun& run, std::size_t row, const Feature* x,
                                            Feature* y) {
  constexpr std::size_t kParts = sizeof(Feature) / sizeof(Vector);
  const std::size_t in = run.layer.in;
  const float* weights = &run.layer.weights[row * in];
  Vector sums[count][kParts];
#pragma GCC unroll 8
  for (std::size_t r = 0; r < count; ++r) {
#pragma GCC unroll 8
    for (Vector& sum : sums[r]) sum = Vector{} + run.layer.biases[row + r];
  }
  const auto* values = reinterpret_cast<const Vector*>(x);
  for (std::size_t i = 0; i < in; ++i, values += kParts) {
#pragma GCC unroll 8
    for (std::size_t r = 0; r < count; ++r) {
#pragma GCC unroll 8
      for (std::size_t part = 0; part < kParts; ++part) {
        sums[r][part] += weights[r * in + i] * values[part];
      }
    }
  }
  auto* results = reinterpret_cast<Vector*>(y + row);
#pragma GCC unroll 8
  for (std::size_t r = 0; r < count; ++r) {
#pragma GCC unroll 8
    for (const Vector sum : sums[r]) *results++ = run.relu ? (sum > 0 ? sum : Vector{}) : sum;
  }
}

template <class Vector, std::size_t rows>
[[gnu::always_inline]] inline void run_layer(const LayerRun& run, const Feature* x, Feature* y) {
  const std::size_t in = run.layer.in, out = run.layer.out;
  std::size_t row = 0;
  for (; row + rows <= out; row += rows) {
    for (std::size_t tile = 0; tile < run.tiles; ++tile) {
      run_rows<Vector, rows>(run, row, x + tile * in, y + tile * out);
    }
  }
  for (; row < out; ++row) {
    for (std::size_t tile = 0; tile < run.tiles; ++tile) {
      run_rows<Vector, 1>(run, row, x + tile * in, y + tile * out);
    }
  }
}

using RunLayer = void (*)(const LayerRun&, const Feature*, Feature*);
using FourFloats = float __attribute__((vector_size(16), may_alias));

// Rows times parts: 12 of the 16 registers.
void run_anywhere(const LayerRun& run, const Feature* x, Feature* y) {
  run_layer<FourFloats, 3>(run, x, y);
}

#if defined(__x86_64__)
using EightFloats = float __attribute__((vector_size(32), may_alias));

[[gnu::target("avx2,fma")]] void run_with_avx2(const LayerRun& run, const Feature* x, Feature* y) {
  run_layer<EightFloats, 6>(run, x, y);
}

RunLayer best_run() {
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  return avx2 ? run_with_avx2 : run_anywhere;
}
#else
RunLayer best_run() {
  return run_anywhere;
}
#endif

}  // namespace

AffineLayer affine_layer(const DenseNet& net, std::size_t index) {
  const DenseNet::Layer& layer = net.layers()[index];
  AffineLayer affine{layer.in, layer.out, std::vector<float>(layer.in * layer.out), {}};
  const auto begin = net.parameters().begin();
  for (std::size_t in = 0; in < layer.in; ++in) {
    for (std::size_t out = 0; out < layer.out; ++out) {
      affine.weights[out * layer.in + in] = net.parameters()[layer.weights + in * layer.out + out];
    }
  }
  const auto biases = begin + static_cast<std::ptrdiff_t>(layer.biases);
  affine.biases.assign(biases, biases + static_cast<std::ptrdiff_t>(layer.out));
  return affine;
}

ReluLayers::ReluLayers(std::vector<AffineLayer> layers) : layers_(std::move(layers)) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const AffineLayer& layer = layers_[i];
    NAS_CHECK(layer.weights.size() == layer.in * layer.out && layer.biases.size() == layer.out,
              "the tensors of an affine layer");
    NAS_CHECK(i == 0 || layer.in == layers_[i - 1].out, "layers that do not fit each other");
  }
}

std::vector<float> ReluLayers::operator()(std::span<const float> inputs) const {
  if (inputs.empty()) return {};
  NAS_CHECK(this->inputs() > 0 && inputs.size() % this->inputs() == 0, "whole samples");
  static const RunLayer kRun = best_run();
  const std::size_t samples = inputs.size() / this->inputs();
  std::vector<float> outputs(samples * this->outputs());
  std::vector<Feature> x, y;
  for (std::size_t first = 0; first < samples; first += kTiles * kLanes) {
    const std::size_t count = std::min(samples - first, kTiles * kLanes);
    const std::size_t tiles = (count + kLanes - 1) / kLanes;
    x.assign(tiles * this->inputs(), Feature{});
    for (std::size_t s = 0; s < count; ++s) {
      const std::span<const float> sample =
          inputs.subspan((first + s) * this->inputs(), this->inputs());
      Feature* tile = &x[s / kLanes * this->inputs()];
      for (std::size_t i = 0; i < sample.size(); ++i) tile[i].samples[s % kLanes] = sample[i];
    }
    for (const AffineLayer& layer : layers_) {
      y.resize(tiles * layer.out);
      kRun({layer, &layer != &layers_.back(), tiles}, x.data(), y.data());
      std::swap(x, y);
    }
    for (std::size_t s = 0; s < count; ++s) {
      const Feature* tile = &x[s / kLanes * this->outputs()];
      for (std::size_t o = 0; o < this->outputs(); ++o) {
        outputs[(first + s) * this->outputs() + o] = tile[o].samples[s % kLanes];
      }
    }
  }
  return outputs;
}

}  // namespace nas
