#include <algorithm>
#include <limits>

#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"

// What moves, selects, drops or repeats numbers.
namespace nas {
namespace {

void write_pass(NodeWriter& node) {
  node.pass();
}

/// What PyTorch writes for it, x * 0; rows and columns are skipped by a pool of single places.
void write_zero(NodeWriter& node) {
  const std::int64_t stride = node.integer("stride");
  std::string x = node.input();
  if (stride != 1) {
    x = node.step("places", "MaxPool", {x},
                  {ints_attribute("kernel_shape", {1, 1}), ints_attribute("pads", {0, 0, 0, 0}),
                   ints_attribute("strides", {stride, stride})});
  }
  node.result("Mul", {x, node.reals("factor", {0})});
}

void write_flatten(NodeWriter& node) {
  node.result("Flatten", {node.input()}, {int_attribute("axis", 1)});
}

void write_cut(NodeWriter& node, const std::vector<std::int64_t>& starts,
               const std::vector<std::int64_t>& ends, const std::vector<std::int64_t>& axes) {
  if (node.opset() < 10) {
    node.result("Slice", {node.input()},
                {ints_attribute("axes", axes), ints_attribute("ends", ends),
                 ints_attribute("starts", starts)});
    return;
  }
  node.result("Slice", {node.input(), node.ints("starts", starts), node.ints("ends", ends),
                        node.ints("axes", axes)});
}

void write_slice(NodeWriter& node) {
  const std::int64_t begin = node.integer("begin");
  write_cut(node, {begin}, {begin + node.integer("length")}, {1});
}

void write_crop(NodeWriter& node) {
  const Shape& image = node.input_shape();
  write_cut(node, {node.integer("top"), node.integer("left")}, {image[1], image[2]}, {2, 3});
}

void write_pad(NodeWriter& node) {
  const std::vector<std::int64_t> pads{0, 0, node.integer("top"),    node.integer("left"),
                                       0, 0, node.integer("bottom"), node.integer("right")};
  if (node.opset() < 11) {
    node.result("Pad", {node.input()}, {ints_attribute("pads", pads)});
  } else {
    node.result("Pad", {node.input(), node.ints("pads", pads)});
  }
}

void write_shuffle(NodeWriter& node) {
  const Shape& image = node.input_shape();
  const std::int64_t groups = node.integer("groups");
  const std::vector<std::int64_t> apart{0, groups, image[0] / groups, image[1], image[2]};
  const std::vector<std::int64_t> together{0, image[0], image[1], image[2]};
  const std::string grouped =
      node.step("groups", "Reshape", {node.input(), node.ints("apart", apart)});
  const std::string turned =
      node.step("turned", "Transpose", {grouped}, {ints_attribute("perm", {0, 2, 1, 3, 4})});
  node.result("Reshape", {turned, node.ints("together", together)});
}

void write_reshape(NodeWriter& node) {
  std::vector<std::int64_t> dims{0};  // the batch, as it is
  for (const std::int64_t dim : node.output_shape().dims()) dims.push_back(dim);
  node.result("Reshape", {node.input(), node.ints("shape", dims)});
}

void write_swap_axes(NodeWriter& node) {
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i <= node.input_shape().rank(); ++i) {
    order.push_back(static_cast<std::int64_t>(i));
  }
  std::swap(order.at(static_cast<std::size_t>(node.integer("first")) + 1),
            order.at(static_cast<std::size_t>(node.integer("second")) + 1));
  node.result("Transpose", {node.input()}, {ints_attribute("perm", order)});
}

void read_pass(NodeReader& node) {
  node.give(node.input(0));
}

void read_cast(NodeReader& node) {
  const auto to = static_cast<OnnxType>(node.integer("to", 1));
  if (!is_real(to)) {
    node.unsupported("makes " + to_string(to) + " numbers of what the network computes");
  }
  node.give(node.input(0));
}

void read_shape(NodeReader& node) {
  const Shape& shape = node.shape(node.tensor());
  std::vector<std::int64_t> dims{node.batch()};
  dims.insert(dims.end(), shape.dims().begin(), shape.dims().end());
  const auto size = static_cast<std::int64_t>(dims.size());
  const auto place = [size](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
  };
  const std::int64_t begin = place(node.integer("start", 0));
  const std::int64_t end = std::max(place(node.integer("end", size)), begin);
  const std::vector<std::int64_t> part(dims.begin() + begin, dims.begin() + end);
  node.give(
      {.kind = ImportedValue::Kind::kConstant, .constant = int_constant({end - begin}, part)});
}

void read_flatten(NodeReader& node) {
  const Value x = node.tensor();
  if (node.axis(node.integer("axis", 1), node.shape(x).rank()) != 1) {
    node.unsupported("only axis = 1, which keeps the batch, is read");
  }
  node.give(reshaped(node, x, {node.shape(x).elements()}));
}

/// The dimensions behind the batch that a Reshape asks for.
std::vector<std::int64_t> wanted_dims(const NodeReader& node, const Shape& shape) {
  const std::vector<std::int64_t> asked = node.ints("shape", 1);
  if (asked.empty()) node.unsupported("gives a single number");
  const std::int64_t elements = shape.elements();
  std::vector<std::int64_t> dims(asked.begin() + 1, asked.end());
  std::int64_t known = 1;
  std::size_t open = dims.size();
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && i < shape.rank()) dims[i] = shape[i];
    if (dims[i] == -1 && open == dims.size()) {
      open = i;
    } else if (dims[i] < 1 || __builtin_mul_overflow(known, dims[i], &known)) {
      node.wrong("asks for a dimension of " + std::to_string(dims[i]));
    }
  }
  if (open < dims.size()) {
    dims[open] = elements / known;
    known *= std::max<std::int64_t>(dims[open], 1);
  }
  const bool batch_kept =
      asked[0] == 0 || asked[0] == node.batch() || (asked[0] == -1 && open == dims.size());
  if (!batch_kept) {
    node.unsupported(node.batch() == kOpenBatch && asked[0] > 0
                         ? "fixes the batch at " + std::to_string(asked[0]) +
                               ", but the input leaves it open"
                         : std::string("mixes the batch with other dimensions"));
  }
  if (known != elements) {
    node.unsupported("makes " + std::to_string(known) + " numbers of a sample out of " +
                     std::to_string(elements));
  }
  return dims;
}

void read_reshape(NodeReader& node) {
  if (node.has_input(1) && read_channel_shuffle(node)) return;
  const Value x = node.tensor();
  node.give(reshaped(node, x, wanted_dims(node, node.shape(x))));
}

void read_squeeze(NodeReader& node) {
  const Value x = node.tensor();
  const Shape& shape = node.shape(x);
  std::vector<bool> dropped(shape.rank() + 1, false);
  for (const std::int64_t axis : node.ints("axes", 1)) {
    dropped[static_cast<std::size_t>(node.axis(axis, shape.rank()))] = true;
  }
  if (dropped[0]) node.unsupported("drops the batch");
  std::vector<std::int64_t> dims;
  bool any = false;
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    any = any || dropped[i + 1];
    if (!dropped[i + 1]) dims.push_back(shape[i]);
    if (dropped[i + 1] && shape[i] != 1) node.wrong("drops an axis that is not 1 long");
  }
  if (!any) node.unsupported("does not say which axes it drops");
  node.give(reshaped(node, x, dims));
}

void read_unsqueeze(NodeReader& node) {
  const Value x = node.tensor();
  const Shape& shape = node.shape(x);
  const std::vector<std::int64_t> axes = node.ints("axes", 1);
  if (axes.size() > Shape::kMaxRank) node.unsupported("adds too many dimensions");
  const std::size_t rank = shape.rank() + axes.size();
  std::vector<bool> added(rank + 1, false);
  for (const std::int64_t axis : axes)
    added[static_cast<std::size_t>(node.axis(axis, rank))] = true;
  if (added[0]) node.unsupported("puts a dimension before the batch");
  std::vector<std::int64_t> dims;
  std::size_t next = 0;
  for (std::size_t i = 1; i <= rank; ++i) {
    if (!added[i] && next == shape.rank()) node.wrong("an axis is given twice");
    dims.push_back(added[i] ? 1 : shape[next++]);
  }
  node.give(reshaped(node, x, dims));
}

/// Any order of axes is a few swaps.
void read_transpose(NodeReader& node) {
  if (read_channel_norm(node) || read_relative_product(node)) return;
  Value x = node.tensor();
  const std::size_t rank = node.shape(x).rank();
  std::vector<std::int64_t> order = node.ints("perm");
  for (std::size_t i = 0; node.ints("perm").empty() && i <= rank; ++i) {
    order.push_back(static_cast<std::int64_t>(rank - i));
  }
  std::vector<std::int64_t> sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (sorted.size() != rank + 1 || sorted[i] != static_cast<std::int64_t>(i)) {
      node.wrong("perm is no order of its axes");
    }
  }
  if (order[0] != 0) node.unsupported("moves the batch");
  // places[i]: which of the input's axes stands at i.
  std::vector<std::int64_t> places(rank + 1);
  for (std::size_t i = 0; i <= rank; ++i) places[i] = static_cast<std::int64_t>(i);
  for (std::size_t i = 1; i <= rank; ++i) {
    if (places[i] == order[i]) continue;
    const auto found = std::ranges::find(places, order[i]);
    const auto from = static_cast<std::int64_t>(found - places.begin());
    x = node.add("swap_axes", {x},
                 {{"first", static_cast<std::int64_t>(i) - 1}, {"second", from - 1}});
    std::swap(places[i], *found);
  }
  node.give(x);
}

void read_pad(NodeReader& node) {
  const ImportedValue& given = node.input(0);
  if (given.kind != ImportedValue::Kind::kTensor) node.unsupported("pads a constant");
  const std::size_t rank = node.shape(given.value).rank();
  const std::vector<std::int64_t> pads = node.ints("pads", 1);
  if (pads.size() != 2 * (rank + 1)) node.wrong("pads has a wrong number of entries");
  if (std::ranges::all_of(pads, [](std::int64_t n) { return n == 0; })) return node.give(given);
  const bool zeros = node.text("mode", "constant") == "constant" &&
                     (!node.has_input(2) || is_number(node.number(2), 0)) &&
                     node.real("value", 0) == 0;
  if (!zeros || node.has_input(3)) node.unsupported("only zeros are put around an image");
  ImportedValue padded = given;
  padded.border.begin.resize(rank > 0 ? rank - 1 : 0, 0);
  padded.border.end.resize(padded.border.begin.size(), 0);
  for (std::size_t i = 0; i <= rank; ++i) {
    const std::int64_t before = pads[i], behind = pads[i + rank + 1];
    if (before < 0 || behind < 0 || before > kMaxExtent || behind > kMaxExtent ||
        (i < 2 && (before != 0 || behind != 0))) {
      node.unsupported("only positions are padded, and by nothing below 0");
    }
    if (i < 2) continue;
    padded.border.begin[i - 2] += before;
    padded.border.end[i - 2] += behind;
  }
  node.give(padded);
}

void read_slice(NodeReader& node) {
  if (read_class_token(node)) return;
  const Value x = node.tensor();
  const Shape shape = node.shape(x);
  const std::vector<std::int64_t> starts = node.ints("starts", 1), ends = node.ints("ends", 2);
  std::vector<std::int64_t> axes = node.ints("axes", 3);
  for (std::size_t i = 0; node.ints("axes", 3).empty() && i < starts.size(); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
  }
  const std::vector<std::int64_t> steps = node.ints("steps", 4);
  if (starts.size() != ends.size() || starts.size() != axes.size()) {
    node.wrong("starts, ends and axes have different numbers of entries");
  }
  if (std::ranges::any_of(steps, [](std::int64_t n) { return n != 1; })) {
    node.unsupported("only steps of 1 are read");
  }
  std::int64_t begin = 0, length = shape[0], top = 0, left = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t axis = node.axis(axes[i], shape.rank());
    if (axis == 0) node.unsupported("cuts the batch");
    const std::int64_t size = shape[static_cast<std::size_t>(axis) - 1];
    const auto place = [size](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
    };
    const std::int64_t from = place(starts[i]), to = std::max(place(ends[i]), from);
    if (axis == 1) {
      begin = from;
      length = to - from;
    } else if (shape.rank() == 3 && to == size) {
      (axis == 2 ? top : left) = from;
    } else {
      node.unsupported("only channels and the first rows and columns are cut off");
    }
  }
  if (length == 0) node.wrong("leaves no channels");
  Value result = x;
  if (begin != 0 || length != shape[0]) {
    result = node.add("slice_channels", {result}, {{"begin", begin}, {"length", length}});
  }
  if (top != 0 || left != 0) result = node.add("crop", {result}, {{"top", top}, {"left", left}});
  node.give(result);
}

void read_split(NodeReader& node) {
  const Value x = node.tensor();
  const Shape shape = node.shape(x);
  if (node.axis(node.integer("axis", 0), shape.rank()) != 1) {
    node.unsupported("only channels (axis 1) are split");
  }
  std::vector<std::int64_t> lengths = node.ints("split", 1);
  const auto parts = static_cast<std::int64_t>(node.node().outputs.size());
  if (parts == 0) node.wrong("has no outputs");
  if (lengths.empty()) {
    const std::int64_t length = (shape[0] + parts - 1) / parts;
    for (std::int64_t left = shape[0]; left > 0; left -= length) {
      lengths.push_back(std::min(length, left));
    }
  }
  if (lengths.size() != node.node().outputs.size()) {
    node.wrong("it has " + std::to_string(lengths.size()) + " parts for " + std::to_string(parts) +
               " outputs");
  }
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] < 1 || lengths[i] > shape[0] - begin) node.wrong("its parts are not its input");
    const Value part = node.add("slice_channels", {x}, {{"begin", begin}, {"length", lengths[i]}});
    node.give(part, i);
    begin += lengths[i];
  }
  if (begin != shape[0]) node.wrong("its parts are not its input");
}

constexpr OnnxWriting kWritings[] = {
    {"channel_shuffle", write_shuffle},
    {"crop", write_crop},
    {"dropout", write_pass},
    {"flatten", write_flatten},
    {"identity", write_pass},
    {"input", nullptr, "an input of the graph, which has no node"},
    {"pad", write_pad},
    {"reshape", write_reshape},
    {"slice_channels", write_slice},
    {"swap_axes", write_swap_axes},
    {"zero", write_zero},
};
constexpr OnnxReading kReadings[] = {
    {"Cast", read_cast},
    {"Dropout", read_pass},
    {"Flatten", read_flatten},
    {"Identity", read_pass},
    {"Pad", read_pad},
    {"Reshape", read_reshape},
    {"Shape", read_shape},
    {"Slice", read_slice},
    {"Split", read_split},
    {"Squeeze", read_squeeze},
    {"Transpose", read_transpose},
    {"Unsqueeze", read_unsqueeze},
};

}  // namespace

extern constinit const OnnxMappings structure_mappings{kWritings, kReadings};

}  // namespace nas
