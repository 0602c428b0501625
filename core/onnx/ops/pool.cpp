#include <algorithm>

#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"
#include "core/onnx/ops/windows.h"

// Pools. A window that `ceil_mode` adds at the end is written as padding there: runtimes disagreed
// on the attribute before opset 19, and padding says the same in all of them.
namespace nas {
namespace {

/// What is put behind an axis so that, rounded down, as many windows fit.
std::int64_t extra_end(const NodeWriter& node, std::size_t axis) {
  const std::int64_t extent = node.input_shape()[axis], positions = node.output_shape()[axis];
  const std::int64_t covered = (positions - 1) * node.integer("stride") + node.integer("kernel");
  return std::max<std::int64_t>(covered - extent - 2 * node.integer("padding"), 0);
}

/// Whether the size that ONNX rounds up without further padding is the one that we have.
bool up_is_the_same(const NodeWriter& node) {
  const std::int64_t stride = node.integer("stride");
  for (std::size_t axis = 1; axis < 3; ++axis) {
    const std::int64_t room =
        node.input_shape()[axis] + 2 * node.integer("padding") - node.integer("kernel");
    const bool exact = room % stride == 0;
    if (!exact || room / stride + 1 != node.output_shape()[axis]) return false;
  }
  return true;
}

void write_pool(NodeWriter& node) {
  const std::int64_t padding = node.integer("padding");
  std::vector<std::int64_t> ends;
  for (std::size_t axis = 1; axis < 3; ++axis) ends.push_back(padding + extra_end(node, axis));
  const bool average = node.op().onnx_name == "AveragePool";
  const bool counted = average && node.flag("count_include_pad");
  if (counted && (ends[0] > padding || ends[1] > padding)) {
    node.fail("counts its border and rounds its size up, which ONNX cannot say");
  }
  NodeWriter::Attributes attributes;
  if (average) attributes.push_back(int_attribute("count_include_pad", counted ? 1 : 0));
  const std::int64_t kernel = node.integer("kernel"), stride = node.integer("stride");
  if (node.flag("ceil_mode") && node.opset() >= 10 && up_is_the_same(node)) {
    attributes.push_back(int_attribute("ceil_mode", 1));
  }
  attributes.push_back(ints_attribute("kernel_shape", {kernel, kernel}));
  attributes.push_back(ints_attribute("pads", {padding, padding, ends[0], ends[1]}));
  attributes.push_back(ints_attribute("strides", {stride, stride}));
  node.result(node.op().onnx_name, {node.input()}, std::move(attributes));
}

void write_global_pool(NodeWriter& node) {
  if (node.flag("keep_dims")) return node.result("GlobalAveragePool", {node.input()});
  const std::string pooled = node.step("pool", "GlobalAveragePool", {node.input()});
  node.result("Flatten", {pooled}, {int_attribute("axis", 1)});
}

/// Windows along an axis as ONNX counts them.
std::int64_t positions(std::int64_t extent, const WindowAttributes& window, bool up) {
  const std::int64_t room = extent + window.begin + window.end - window.kernel;
  if (room < 0) return 0;
  return (room + (up ? window.stride - 1 : 0)) / window.stride + 1;
}

void read_pool(NodeReader& node, bool average) {
  const ImportedValue& given = node.input(0);
  if (given.kind != ImportedValue::Kind::kTensor) node.unsupported("its image is a constant");
  const Shape shape = node.shape(given.value);
  if (shape.rank() != 3) node.unsupported("only images are pooled");
  WindowAttributes window = read_window(node, 2, {}, average ? given.border : ZeroBorder{});
  if (!average && !given.border.empty()) node.unsupported("takes the largest of zeros around it");
  if (window.dilation != 1) node.unsupported("dilations are not read");
  bool counted = node.integer("count_include_pad", 0) == 1;
  if (!given.border.empty()) {
    // The zeros of a Pad count in a mean, those of the pool itself only where it says so.
    const bool own = !node.ints("pads").empty() && !counted;
    if (own) node.unsupported("has a border of its own inside zeros around it");
    counted = true;
  }
  const bool rounds_up = node.integer("ceil_mode", 0) == 1;
  const bool up = rounds_up || window.end > window.begin;
  if (window.end < window.begin || window.end - window.begin >= window.stride ||
      (rounds_up && window.end != window.begin) || (counted && window.end != window.begin)) {
    node.unsupported("pads one side more than the other");
  }
  std::vector<NamedAttr> attrs{{"kernel", window.kernel},
                               {"stride", window.stride},
                               {"padding", window.begin},
                               {"ceil_mode", up}};
  if (average) attrs.push_back({"count_include_pad", counted});
  const Value result =
      node.add(average ? "avg_pool" : "max_pool", std::span(&given.value, 1), attrs);
  for (std::size_t axis = 1; axis < 3 && !rounds_up; ++axis) {
    if (node.shape(result)[axis] != positions(shape[axis], window, false)) {
      node.unsupported("pads one side more than the other");
    }
  }
  node.give(result);
}

void read_max_pool(NodeReader& node) {
  read_pool(node, false);
}
void read_avg_pool(NodeReader& node) {
  read_pool(node, true);
}

/// The pooled channels as [C, 1, 1], or as [C] where a Flatten alone reads them.
void give_pooled(NodeReader& node, bool keep_dims) {
  const Value x = node.tensor();
  if (keep_dims) {
    auto flatten = node.only_reader("Flatten");
    if (flatten && flatten->axis(flatten->integer("axis", 1), node.shape(x).rank()) == 1) {
      return flatten->give_claimed(node.add("global_avg_pool", {x}));
    }
    for (const char* op_type : {"Squeeze", "Reshape"}) {
      auto next = node.only_reader(op_type);
      if (!next || !next->has_input(0)) continue;
      if (gives_channels(*next, node.shape(x))) {
        return next->give_claimed(node.add("global_avg_pool", {x}));
      }
    }
  }
  node.give(node.add("global_avg_pool", {x}, {{"keep_dims", keep_dims}}));
}

void read_global_pool(NodeReader& node) {
  give_pooled(node, true);
}

void read_reduce_mean(NodeReader& node) {
  if (read_layer_norm(node)) return;
  const Value x = node.tensor();
  const std::size_t rank = node.shape(x).rank();
  std::vector<bool> pooled(rank + 1, false);
  for (const std::int64_t axis : node.ints("axes", 1)) {
    pooled[static_cast<std::size_t>(node.axis(axis, rank))] = true;
  }
  const bool keep_dims = node.integer("keepdims", 1) == 1;
  const bool positions = (rank == 3 && pooled == std::vector{false, false, true, true}) ||
                         (rank == 2 && pooled == std::vector{false, false, true});
  if (positions) return give_pooled(node, keep_dims);
  if (rank == 2 && pooled == std::vector{false, true, false} && !keep_dims) {
    // The mean over tokens: features become the channels.
    const Value features = node.add("swap_axes", {x}, {{"first", 0}, {"second", 1}});
    return node.give(node.add("global_avg_pool", {features}));
  }
  node.unsupported("only means over all positions, or over tokens, are read");
}

constexpr OnnxWriting kWritings[] = {
    {"avg_pool", write_pool},
    {"global_avg_pool", write_global_pool},
    {"max_pool", write_pool},
};
constexpr OnnxReading kReadings[] = {
    {"AveragePool", read_avg_pool},
    {"GlobalAveragePool", read_global_pool},
    {"MaxPool", read_max_pool},
    {"ReduceMean", read_reduce_mean},
};

}  // namespace

extern constinit const OnnxMappings pool_mappings{kWritings, kReadings};

}  // namespace nas
