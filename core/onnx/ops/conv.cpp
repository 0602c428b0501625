#include <algorithm>

#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"
#include "core/onnx/ops/windows.h"

namespace nas {
namespace {

void write_conv(NodeWriter& node) {
  const std::size_t axes = node.input_shape().rank() - 1;
  const auto all = [&](std::string_view attr, std::size_t count) {
    return std::vector<std::int64_t>(count, node.integer(attr));
  };
  std::vector<std::int64_t> kernel = all("kernel", axes);
  if (axes == 2 && node.integer("kernel_width") != 0) kernel[1] = node.integer("kernel_width");
  NodeWriter::Names inputs = list_of(node.input(), node.weight("weight"));
  if (node.flag("bias")) inputs.push_back(node.weight("bias"));
  node.result("Conv", std::move(inputs),
              list_of(ints_attribute("dilations", all("dilation", axes)),
                      int_attribute("group", node.integer("groups")),
                      ints_attribute("kernel_shape", std::move(kernel)),
                      ints_attribute("pads", all("padding", 2 * axes)),
                      ints_attribute("strides", all("stride", axes))));
}

/// Zeros around an image that a convolution cannot put there itself are an operation before it.
ImportedValue even_border(NodeReader& node, const ImportedValue& given) {
  const ZeroBorder& border = given.border;
  if (border.begin.size() != 2) return given;
  const std::int64_t all[] = {border.begin[0], border.begin[1], border.end[0], border.end[1]};
  if (std::ranges::count(all, all[0]) == 4) return given;
  ImportedValue padded = given;
  padded.border = {};
  padded.value =
      node.add("pad", {given.value},
               {{"top", all[0]}, {"left", all[1]}, {"bottom", all[2]}, {"right", all[3]}});
  return padded;
}

void read_conv(NodeReader& node) {
  if (node.input(0).kind != ImportedValue::Kind::kTensor) {
    node.unsupported("its image is a constant");
  }
  const ImportedValue given = even_border(node, node.input(0));
  const Value x = given.value;
  const std::size_t rank = node.shape(x).rank();
  const Constant& weight = node.constant(1);
  if (rank != 2 && rank != 3) node.unsupported("only images and sequences are convolved");
  if (weight.dims.size() != rank + 1) node.wrong("its weight has another number of dimensions");
  const WindowAttributes window =
      read_window(node, rank - 1, {weight.dims.begin() + 2, weight.dims.end()}, given.border);
  if (window.end != window.begin) node.unsupported("pads one side more than the other");
  const std::int64_t groups = node.integer("group", 1);
  if (groups < 1 || groups > kMaxExtent || weight.dims[1] > node.shape(x)[0] ||
      weight.dims[1] * groups != node.shape(x)[0]) {
    node.wrong("its weight is for " + std::to_string(weight.dims[1]) + " channels in " +
               std::to_string(groups) + " groups, the input has " +
               std::to_string(node.shape(x)[0]));
  }
  // Some exporters write the bias as a sum of its own.
  auto sum = node.has_input(2) ? std::nullopt : plus_channels(node, weight.dims[0], rank);
  const bool bias = node.has_input(2) || sum;
  const Value result = node.add(rank == 3 ? "conv2d" : "conv1d", {x},
                                {{"out_channels", weight.dims[0]},
                                 {"kernel", window.kernel},
                                 {"stride", window.stride},
                                 {"padding", window.begin},
                                 {"dilation", window.dilation},
                                 {"groups", groups},
                                 {"bias", bias}});
  node.weight(result, "weight", weight);
  if (sum) {
    node.weight(result, "bias", *constant_beside(*sum, node.output()));
    return sum->give_claimed(result);
  }
  if (bias) node.weight(result, "bias", node.constant(2));
  node.give(result);
}

constexpr OnnxWriting kWritings[] = {{"conv1d", write_conv}, {"conv2d", write_conv}};
constexpr OnnxReading kReadings[] = {{"Conv", read_conv}};

}  // namespace

extern constinit const OnnxMappings conv_mappings{kWritings, kReadings};

}  // namespace nas
