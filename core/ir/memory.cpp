#include <algorithm>

#include "core/ir/cost.h"

namespace nas {
namespace {

/// One allocation: from the node that makes it to the last that reads it or a tensor that reuses
/// it.
struct Buffer {
  std::int64_t bytes = 0;
  NodeId first = 0, last = 0;
};

class BufferPlan {
 public:
  explicit BufferPlan(const ArchGraph& graph) : graph_(graph), first_(graph.size() + 1, 0) {
    for (NodeId id = 0; id < graph.size(); ++id) {
      first_[id + 1] = first_[id] + graph.output_types(id).size();
    }
    readers_.resize(first_.back());
    last_use_.resize(first_.back());
    find_last_uses();
  }

  std::vector<Buffer> run() {
    std::vector<Buffer> buffers;
    std::vector<std::size_t> buffer_of(first_.back());
    for (NodeId id = 0; id < graph_.size(); ++id) {
      const std::span<const TensorType> types = graph_.output_types(id);
      for (std::uint32_t port = 0; port < types.size(); ++port) {
        const std::size_t value = index({id, port});
        if (reuses_input(id)) {
          buffer_of[value] = buffer_of[index(graph_.inputs(id)[0])];
          Buffer& shared = buffers[buffer_of[value]];
          shared.last = std::max(shared.last, last_use_[value]);
        } else {
          buffer_of[value] = buffers.size();
          buffers.push_back({bytes_of(types[port]), id, last_use_[value]});
        }
      }
    }
    return buffers;
  }

 private:
  std::size_t index(PortRef value) const { return first_[value.node] + value.port; }

  void find_last_uses() {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      for (std::size_t value = first_[id]; value < first_[id + 1]; ++value) last_use_[value] = id;
      for (const PortRef& input : graph_.inputs(id)) {
        ++readers_[index(input)];
        last_use_[index(input)] = id;
      }
    }
    for (const GraphOutput& output : graph_.graph_outputs()) {
      // The caller reads it after the last node, so nothing may overwrite it.
      ++readers_[index(output.value)];
      last_use_[index(output.value)] = static_cast<NodeId>(graph_.size() - 1);
    }
  }

  bool reuses_input(NodeId id) const {
    if (!graph_.op(id).in_place) return false;
    const std::span<const PortRef> inputs = graph_.inputs(id);
    return inputs.size() == 1 && readers_[index(inputs[0])] == 1 &&
           bytes_of(graph_.type(inputs[0])) == bytes_of(graph_.output_types(id)[0]);
  }

  const ArchGraph& graph_;
  std::vector<std::size_t> first_;      ///< index of the first output of each node
  std::vector<std::uint32_t> readers_;  ///< by value
  std::vector<NodeId> last_use_;        ///< by value
};

}  // namespace

MemoryLiveness activation_memory(const ArchGraph& graph) {
  MemoryLiveness result;
  std::vector<std::int64_t> change(graph.size() + 1, 0);
  for (const Buffer& buffer : BufferPlan(graph).run()) {
    change[buffer.first] += buffer.bytes;
    change[buffer.last + 1] -= buffer.bytes;
  }
  std::int64_t live = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    live += change[id];
    result.live_bytes.push_back(live);
    if (live > result.peak_bytes) {
      result.peak_bytes = live;
      result.peak_node = id;
    }
  }
  return result;
}

}  // namespace nas
