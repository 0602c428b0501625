#include <utility>

#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"

// Normalisations. The formats' momenta add up to 1: ours is the weight of the new batch, ONNX's of
// the old statistics.
namespace nas {
namespace {

void write_batch_norm(NodeWriter& node) {
  const bool affine = node.flag("affine");
  const std::int64_t channels = node.input_shape()[0];
  std::string scale = affine ? node.weight("weight") : node.fixed("scale", 1, channels);
  std::string shift = affine ? node.weight("bias") : node.fixed("shift", 0, channels);
  std::string mean = node.weight("running_mean"), variance = node.weight("running_var");
  node.result("BatchNormalization",
              list_of(node.input(), std::move(scale), std::move(shift), std::move(mean),
                      std::move(variance)),
              list_of(real_attribute("epsilon", node.real("eps")),
                      real_attribute("momentum", 1 - node.real("momentum"))));
}

/// What follows the normalised rows: nothing, or a turn that puts channels first again.
struct LayerNormEnd {
  bool turned = false;
  std::vector<std::int64_t> order{};

  void give(NodeWriter& node, std::string_view op_type, const NodeWriter::Names& inputs,
            const NodeWriter::Attributes& attributes = {}) const {
    if (!turned) return node.result(op_type, inputs, attributes);
    node.result("Transpose", {node.step("rows", op_type, inputs, attributes)},
                {ints_attribute("perm", order)});
  }
};

void write_layer_norm(NodeWriter& node) {
  const bool affine = node.flag("affine");
  const Shape& shape = node.input_shape();
  LayerNormEnd end{.turned = node.flag("over_channels")};
  for (std::size_t i = 0; i <= shape.rank(); ++i) end.order.push_back(static_cast<std::int64_t>(i));
  std::swap(end.order[1], end.order.back());
  const std::string x = end.turned ? node.step("turned", "Transpose", {node.input()},
                                               {ints_attribute("perm", end.order)})
                                   : node.input();
  const std::int64_t size = shape[end.turned ? 0 : shape.rank() - 1];
  if (node.opset() >= 17) {
    NodeWriter::Names inputs{x, affine ? node.weight("weight") : node.fixed("scale", 1, size)};
    if (affine) inputs.push_back(node.weight("bias"));
    end.give(node, "LayerNormalization", inputs,
             {int_attribute("axis", -1), real_attribute("epsilon", node.real("eps"))});
    return;
  }
  const auto axis = static_cast<std::int64_t>(shape.rank());
  const auto mean_of = [&](const char* part, const std::string& of) {
    return node.step(part, "ReduceMean", {of},
                     {ints_attribute("axes", {axis}), int_attribute("keepdims", 1)});
  };
  const std::string mean = mean_of("mean", x);
  const std::string difference = node.step("difference", "Sub", {x, mean});
  const std::string square = node.step("square", "Mul", {difference, difference});
  const std::string variance = mean_of("variance", square);
  const std::string eps = node.reals("eps", {static_cast<float>(node.real("eps"))});
  const std::string root = node.step("root", "Sqrt", {node.step("sum", "Add", {variance, eps})});
  if (!affine) return end.give(node, "Div", {difference, root});
  const std::string ratio = node.step("ratio", "Div", {difference, root});
  const std::string scaled = node.step("scaled", "Mul", {ratio, node.weight("weight")});
  end.give(node, "Add", {scaled, node.weight("bias")});
}

void read_batch_norm(NodeReader& node) {
  const Value x = node.tensor();
  if (node.integer("training_mode", 0) != 0) node.unsupported("is in training mode");
  const std::int64_t channels = node.shape(x)[0];
  for (std::size_t i = 1; i < 5; ++i) {
    if (node.constant(i).elements() == channels) continue;
    node.wrong("input " + std::to_string(i) + " has " +
               std::to_string(node.constant(i).elements()) + " numbers for " +
               std::to_string(channels) + " channels");
  }
  const bool affine = !(is_fixed(node, 1, 1) && is_fixed(node, 2, 0));
  const Value result =
      node.add("batch_norm", {x},
               {{"affine", affine},
                {"momentum", as_written(1 - as_written(node.real("momentum", 0.9)))},
                {"eps", as_written(node.real("epsilon", 1e-5))}});
  if (affine) {
    node.weight(result, "weight", node.constant(1));
    node.weight(result, "bias", node.constant(2));
  }
  node.weight(result, "running_mean", node.constant(3));
  node.weight(result, "running_var", node.constant(4));
  node.give(result);
}

constexpr OnnxWriting kWritings[] = {
    {"batch_norm", write_batch_norm},
    {"layer_norm", write_layer_norm},
};
constexpr OnnxReading kReadings[] = {
    {"BatchNormalization", read_batch_norm},
    {"LayerNormalization", read_layer_norm_node},
};

}  // namespace

extern constinit const OnnxMappings norm_mappings{kWritings, kReadings};

}  // namespace nas
