#pragma once

#include <QString>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/ir/cost.h"
#include "core/ir/draw/layout.h"

namespace nas {

/// A line of the side panel: what, and its value.
using Fact = std::pair<QString, QString>;

/// Trainable ones of a node.
std::int64_t params_of(const ArchGraph& graph, NodeId node);
std::int64_t output_bytes(const ArchGraph& graph, NodeId node);

/// What one box of a drawing is: attributes, shapes, parameters, MACs, memory; sums for a group.
/// `latency_ms` is by node; empty: unknown.
std::vector<Fact> facts_of(const ArchGraph& graph, const LayoutBox& box,
                           const MemoryLiveness& memory, std::span<const double> latency_ms = {});

/// The same for the whole graph. `published_macs`: as the space's papers count, where known.
std::vector<Fact> facts_of(const ArchGraph& graph, const MemoryLiveness& memory,
                           std::span<const double> latency_ms = {},
                           std::optional<std::int64_t> published_macs = std::nullopt);

}  // namespace nas
