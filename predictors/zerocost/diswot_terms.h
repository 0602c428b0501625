#pragma once

#include <cstddef>
#include <vector>

#include "predictors/zerocost/passes.h"

namespace nas {

/// What DisWOT compares of a network: how its images relate in the last feature map, and the
/// gradients of its classifier.
struct NetworkRelations {
  std::size_t images = 0, classes = 0, channels = 0;
  std::vector<double> gram;       ///< [images, images], inner products of the images' last maps
  std::vector<double> gradients;  ///< [classes, channels], of the mean cross-entropy
};

/// -mean over (i, j) of (G_T - G_S)^2 with the rows of both Gram matrices divided by their length.
/// Requires equal numbers of images.
double relation_similarity(const NetworkRelations& teacher, const NetworkRelations& student);

/// -1/(K C) sum over classes of |A_T - A_S|^2, A = g g^T with rows divided by their length, but by
/// no less than 1e-12: a class that a network practically never predicts has a gradient below 1e-6
/// and counts as zero. With N(0,1) weights, whose softmax is nearly one-hot, this is what tells
/// students apart. In [-4, 0].
/// Requires equal numbers of classes and channels.
double semantic_similarity(const NetworkRelations& teacher, const NetworkRelations& student);

/// Runs the network of `graph` on the first batch, batch normalisation by the batch, with weights
/// of `init` ("normal", "kaiming", "default") drawn by `key`. Throws Error(kUnsupported) when it
/// has no linear classifier or no feature map.
NetworkRelations network_relations(const ArchGraph& graph, const Measurement& measurement,
                                   const std::string& init, const RngKey& key);

}  // namespace nas
