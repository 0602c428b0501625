#include "predictors/gennape/colouring.h"

#include <algorithm>

#include "core/util/rng.h"

namespace nas {
namespace {

constexpr std::uint32_t kEmpty = 0xffffffff;

/// Numbers of things by hash, open addressing; equality is the caller's.
class Numbers {
 public:
  explicit Numbers(std::size_t most) {
    std::size_t size = 64;
    while (size < 2 * most) size *= 2;
    slots_.assign(size, {0, kEmpty});
  }

  /// The number of an equal thing, or `next`, which it then has.
  template <class Equal>
  std::uint32_t find(std::uint64_t hash, std::uint32_t next, const Equal& equal) {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      Slot& slot = slots_[at];
      if (slot.number == kEmpty) {
        slot = {hash, next};
        return next;
      }
      if (slot.hash == hash && equal(slot.number)) return slot.number;
    }
  }

 private:
  struct Slot {
    std::uint64_t hash;
    std::uint32_t number;
  };
  std::vector<Slot> slots_;
};

std::uint64_t add_to(std::uint64_t hash, std::uint64_t value) {
  return splitmix_finalise(hash * 0x9E3779B97F4A7C15ULL + value);
}

std::uint64_t hash_of(const CgNode& node) {
  std::uint64_t hash = static_cast<std::uint64_t>(node.op) << 32 |
                       static_cast<std::uint64_t>(node.kernel_h) << 16 |
                       static_cast<std::uint64_t>(node.kernel_w) << 8 |
                       static_cast<std::uint64_t>(node.weighted ? 2 : 0) |
                       static_cast<std::uint64_t>(node.bias ? 1 : 0);
  for (const std::int32_t extent : node.resolution) {
    hash = add_to(hash, static_cast<std::uint64_t>(extent));
  }
  return hash;
}

/// The incoming edges of all nodes of the batch, nodes numbered through.
struct Incoming {
  std::vector<std::uint32_t> first, from;
};

Incoming incoming_of(std::span<const CompGraph* const> graphs) {
  Incoming incoming;
  std::uint32_t base = 0;
  for (const CompGraph* graph : graphs) {
    std::vector<std::uint32_t> count(graph->nodes.size() + 1);
    for (const auto& [from, to] : graph->edges) ++count[to + 1];
    for (std::size_t i = 1; i < count.size(); ++i) count[i] += count[i - 1];
    const auto start = static_cast<std::uint32_t>(incoming.from.size());
    for (std::size_t i = 0; i + 1 < count.size(); ++i) incoming.first.push_back(start + count[i]);
    incoming.from.resize(incoming.from.size() + graph->edges.size());
    for (const auto& [from, to] : graph->edges) {
      incoming.from[start + count[to]++] = base + from;
    }
    base += static_cast<std::uint32_t>(graph->nodes.size());
  }
  incoming.first.push_back(static_cast<std::uint32_t>(incoming.from.size()));
  return incoming;
}

/// One layer from the colours of the one below, which it replaces.
Colouring::Layer refine(const Incoming& incoming, std::vector<std::uint32_t>& colours) {
  Colouring::Layer layer;
  layer.first.push_back(0);
  Numbers numbers(colours.size());
  std::vector<std::uint32_t> next(colours.size()), around;
  for (std::size_t node = 0; node < colours.size(); ++node) {
    around.clear();
    for (std::uint32_t i = incoming.first[node]; i < incoming.first[node + 1]; ++i) {
      around.push_back(colours[incoming.from[i]]);
    }
    std::sort(around.begin(), around.end());
    std::uint64_t hash = splitmix_finalise(colours[node]);
    for (const std::uint32_t colour : around) hash = add_to(hash, colour);
    const auto fresh = static_cast<std::uint32_t>(layer.self.size());
    next[node] = numbers.find(hash, fresh, [&](std::uint32_t other) {
      return layer.self[other] == colours[node] &&
             std::equal(around.begin(), around.end(), layer.in.begin() + layer.first[other],
                        layer.in.begin() + layer.first[other + 1]);
    });
    if (next[node] != fresh) continue;
    layer.self.push_back(colours[node]);
    layer.in.insert(layer.in.end(), around.begin(), around.end());
    layer.first.push_back(static_cast<std::uint32_t>(layer.in.size()));
  }
  colours = std::move(next);
  return layer;
}

}  // namespace

Colouring::Colouring(std::span<const CompGraph* const> graphs, std::size_t layers)
    : graphs_(graphs.size()) {
  std::size_t total = 0;
  for (const CompGraph* graph : graphs) total += graph->nodes.size();
  std::vector<std::uint32_t> colours;
  colours.reserve(total);
  Numbers numbers(total);
  for (const CompGraph* graph : graphs) {
    for (const CgNode& node : graph->nodes) {
      const auto fresh = static_cast<std::uint32_t>(nodes_.size());
      colours.push_back(numbers.find(hash_of(node), fresh,
                                     [&](std::uint32_t other) { return nodes_[other] == node; }));
      if (colours.back() == fresh) nodes_.push_back(node);
    }
  }
  const Incoming incoming = incoming_of(graphs);
  for (std::size_t layer = 0; layer < layers; ++layer) {
    layers_.push_back(refine(incoming, colours));
  }
  std::size_t begin = 0;
  for (std::uint32_t graph = 0; graph < graphs.size(); ++graph) {
    const std::size_t size = graphs[graph]->nodes.size();
    const auto first = colours.begin() + static_cast<std::ptrdiff_t>(begin);
    std::sort(first, first + static_cast<std::ptrdiff_t>(size));
    for (std::size_t i = begin; i < begin + size; ++i) {
      const double one = 1 / static_cast<double>(size);
      const bool more = i > begin && colours[i] == colours[i - 1];
      if (more) {
        shares_.back().part += one;
      } else {
        shares_.push_back({graph, colours[i], one});
      }
    }
    begin += size;
  }
}

}  // namespace nas
