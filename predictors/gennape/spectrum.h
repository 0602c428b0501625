#pragma once

#include <array>
#include <cstddef>

#include "predictors/gennape/comp_graph.h"

namespace nas {

/// How many eigenvalues tell graphs apart (GENNAPE).
constexpr std::size_t kSpectrumSize = 21;
using Spectrum = std::array<double, kSpectrumSize>;

/// The smallest eigenvalues of the normalised Laplacian I - D^(-1/2) A D^(-1/2) of the graph
/// without directions and weights, ascending; a node without an edge counts 1. Smaller graphs are
/// filled up with 2, the largest value that there can be. Cost: the cube of the nodes.
Spectrum spectrum_of(const CompGraph& graph);

/// Euclidean: the sigma of GENNAPE.
double spectral_distance(const Spectrum& a, const Spectrum& b);

}  // namespace nas
