#pragma once

#include <cstdint>

#include "core/api/search_space.h"
#include "core/ir/elastic_value.h"
#include "core/ir/graph_sink.h"

namespace nas {

// The parts that the topology space (NAS-Bench-201) and the size space of NATS-Bench share.
// Dong & Yang, ICLR 2020, arXiv 2001.00326, figure 1; NATS-Bench, arXiv 2009.00437.

/// conv3x3 and batch norm, in the scope "stem".
Value nasbench201_stem(GraphSink& sink, Value image, const ElasticValue& channels);

/// Batch norm, ReLU, global average pool and the classifier, in the scope "head". Returns logits:
/// [classes].
Value nasbench201_head(GraphSink& sink, Value features, std::int64_t classes);

}  // namespace nas
