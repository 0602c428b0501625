#include <doctest/doctest.h>

#include <filesystem>

#include "core/onnx/import_graph.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/protobuf.h"
#include "tests/core/onnx/onnx_bytes.h"

namespace nas {
namespace {

using test::add_node;
using test::declared;
using test::floats;
using test::model_of;
using test::read_back;

/// A network of one convolution.
OnnxModel small() {
  OnnxModel model = model_of({3, 8, 8});
  model.initializers.push_back(floats("w", {4, 3, 3, 3}));
  add_node(model, "Conv", {"x", "w"}, {"y"});
  return model;
}

std::string error_of(const std::string& bytes, const OnnxLimits& limits = {}) {
  try {
    to_graph(parse_onnx(bytes, "m.onnx", "", limits));
  } catch (const Error& error) {
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

/// A model around the bytes of a graph.
std::string model_bytes(const std::string& graph) {
  ProtobufWriter opset, model;
  opset.integer(2, 13);
  model.integer(1, 7);
  model.text(7, graph);
  model.text(8, opset.bytes());
  return model.take();
}

}  // namespace

TEST_CASE("onnx: the small network of these tests is read") {
  CHECK(has(read_back(small()), "conv2d"));
}

TEST_CASE("onnx: what is no model is called by its name") {
  CHECK(has(error_of(""), "empty"));
  CHECK(has(error_of("<!DOCTYPE html><html><title>404</title>"), "web page"));
  CHECK(has(error_of("PK\x03\x04 and more"), "zip archive"));
  CHECK(has(error_of("just some text that is no model"), "not a readable ONNX model"));
  CHECK(has(error_of(std::string(64, '\xff')), "not a readable ONNX model"));
  CHECK(has(error_of("\x08\x07"), "holds no graph"));
}

TEST_CASE("onnx: a file that is cut off anywhere is one clear error or a smaller model") {
  const std::string bytes = format_onnx(small());
  std::size_t refused = 0;
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    refused += error_of(bytes.substr(0, length)).empty() ? 0 : 1;
  }
  // Only the metadata at the end may be missing.
  CHECK(refused == bytes.size());
}

TEST_CASE("onnx: tensors that claim more than they have, or than there can be, take no memory") {
  OnnxModel model = small();
  model.initializers[0].dims = {1LL << 30, 1LL << 30};
  CHECK(has(error_of(format_onnx(model)), "1073741824 x 1073741824 numbers, the limit is"));
  model.initializers[0].dims = {4, 3, 3, 4};
  CHECK(has(error_of(format_onnx(model)), "take 576 bytes, it has 432"));
  model.initializers[0].dims = {4, -3, 3, 3};
  CHECK(has(error_of(format_onnx(model)), "a dimension of -3"));
  model.initializers[0].dims.assign(17, 1);
  CHECK(has(error_of(format_onnx(model)), "17 dimensions, the limit is 16"));
  model.initializers[0].dims = {1 << 20};
  model.initializers[0].place = OnnxTensor::Place::kFields;
  ProtobufWriter tensor;
  tensor.packed(1, model.initializers[0].dims);
  tensor.integer(2, 1);
  tensor.text(8, "w");
  tensor.text(4, std::string(16, '\0'));
  const std::string message = tensor.bytes();
  model.initializers[0].bytes = message;
  CHECK(has(error_of(format_onnx(model)), "1048576 numbers, but data for at most 16"));
}

TEST_CASE("onnx: limits hold for nodes, names, texts and lists") {
  OnnxModel model = small();
  const std::string bytes = format_onnx(model);
  CHECK(has(error_of(bytes, {.nodes = 0}), "more than 0 nodes"));
  CHECK(has(error_of(bytes, {.items = 10}), "more than 10 names and numbers"));
  CHECK(has(error_of(bytes, {.name_bytes = 3}), "a name has"));
  CHECK(has(error_of(bytes, {.total_text_bytes = 4}), "more than 4 bytes"));
  model.nodes[0].name = std::string(5000, 'n');
  CHECK(has(error_of(format_onnx(model)), "a name has 5000 bytes, the limit is 4096"));
  // Attributes of two bytes each would take a hundred times the file.
  ProtobufWriter node, graph;
  std::string attributes;
  for (int i = 0; i < 1'100'000; ++i) attributes += std::string("\x2a\x00", 2);
  graph.text(1, attributes);
  CHECK(has(error_of(model_bytes(graph.bytes())), "names and numbers"));
}

TEST_CASE("onnx: a model that contradicts itself") {
  OnnxModel model = small();
  add_node(model, "Relu", {"y"}, {"y"});
  CHECK(has(read_back(model), "value 'y' is given twice"));

  model = small();
  model.nodes.clear();
  add_node(model, "Add", {"x", "b"}, {"a"});
  add_node(model, "Relu", {"a"}, {"b"});
  add_node(model, "Relu", {"b"}, {"y"});
  CHECK(has(read_back(model), "form a cycle"));

  model = small();
  model.nodes[0].inputs[0] = "z";
  CHECK(has(read_back(model), "reads 'z', which nothing gives"));

  model = small();
  model.outputs.clear();
  CHECK(has(read_back(model), "no outputs"));
  model.outputs.push_back(declared("q", {1}));
  CHECK(has(read_back(model), "output 'q' is given by no node"));

  model = small();
  model.outputs[0] = declared("y", {1, 5, 6, 6});
  CHECK(has(read_back(model), "'y' is declared as [1, 5, 6, 6], but it is [1, 4, 6, 6]"));

  model = small();
  model.initializers[0] = floats("w", {4, 2, 3, 3});
  CHECK(has(read_back(model), "for 2 channels in 1 groups, the input has 3"));

  model = small();
  model.nodes.clear();
  CHECK(has(read_back(model), "no nodes"));

  model = small();
  model.inputs.clear();
  CHECK(has(read_back(model), "reads 'x', which nothing gives"));
}

TEST_CASE("onnx: a Split has as many parts as outputs") {
  OnnxModel model = model_of({4, 8, 8});
  add_node(model, "Split", {"x", "lengths"}, {"y", "z"}, {int_attribute("axis", 1)});
  const auto split = [&](const std::vector<std::int64_t>& lengths) {
    model.initializers = {test::int64s("lengths", lengths)};
    return read_back(model);
  };
  CHECK(has(split({1, 3}), "slice_channels"));
  CHECK(has(split({1, 1, 2}), "it has 3 parts for 2 outputs"));
  CHECK(has(split({4}), "it has 1 parts for 2 outputs"));
  // As an attribute the list may have millions of entries.
  model = model_of({2'000'000}, 11);
  add_node(
      model, "Split", {"x"}, {"y"},
      {int_attribute("axis", 1), ints_attribute("split", std::vector<std::int64_t>(2'000'000, 1))});
  CHECK(has(read_back(model), "it has 2000000 parts for 1 outputs"));
}

TEST_CASE("onnx: opsets outside of 7 to 21 and missing ones") {
  for (const std::int64_t opset : {1, 6, 22, 100}) {
    OnnxModel model = small();
    model.opsets = {{"", opset}};
    CHECK(has(read_back(model), "opset " + std::to_string(opset) + "; opsets 7 to 21 are read"));
  }
  OnnxModel model = small();
  model.opsets.clear();
  CHECK(has(read_back(model), "does not say which opset"));
}

TEST_CASE("onnx: open dimensions: the batch may be open, nothing else") {
  OnnxModel model = small();
  model.inputs[0].dims[0] = {-1, "N"};
  CHECK(has(read_back(model), "conv2d"));
  model.inputs[0].dims[2] = {-1, "H"};
  CHECK(has(read_back(model), "[N, 3, H, 8]: only the batch may be open"));
  model.inputs[0].has_shape = false;
  CHECK(has(read_back(model), "has no shape"));
  model = model_of({1 << 20, 1 << 20, 1 << 20});
  add_node(model, "Relu", {"x"}, {"y"});
  CHECK(has(read_back(model), "the limit is 2147483648 numbers"));
}

TEST_CASE("onnx: external data lie in the model's folder, links resolved") {
  const TemporaryDirectory folder;
  const auto inside = folder.path() / "model";
  std::filesystem::create_directory(inside);
  write_file_atomically(folder.path() / "secret", std::string(432, 's'));
  write_file_atomically(inside / "weights.bin", std::string(440, '\0'));
  std::filesystem::create_symlink(folder.path() / "secret", inside / "link.bin");
  const auto error = [&](const std::string& location, const std::string& offset) {
    ProtobufWriter tensor, where, from;
    tensor.packed(1, std::vector<std::int64_t>{4, 3, 3, 3});
    tensor.integer(2, 1);
    tensor.text(8, "w");
    where.text(1, "location");
    where.text(2, location);
    from.text(1, "offset");
    from.text(2, offset);
    tensor.text(13, where.bytes());
    tensor.text(13, from.bytes());
    tensor.integer(14, 1);
    OnnxModel model = small();
    model.initializers[0].place = OnnxTensor::Place::kFields;
    const std::string message = tensor.bytes();
    model.initializers[0].bytes = message;
    write_file_atomically(inside / "m.onnx", format_onnx(model));
    try {
      to_graph(read_onnx(inside / "m.onnx"), true);
    } catch (const Error& problem) {
      return std::string(problem.what());
    }
    return std::string();
  };
  CHECK(error("weights.bin", "8").empty());
  CHECK(has(error("../../../../etc/passwd", "0"), "leads out of the model's folder"));
  CHECK(has(error("/etc/passwd", "0"), "not a path inside the model's folder"));
  CHECK(has(error("link.bin", "0"), "leads out of the model's folder"));
  CHECK(has(error("weights.bin", "9"), "take 432"));
  CHECK(has(error("weights.bin", "9000"), "on are not in weights.bin"));
  CHECK(has(error("weights.bin", "-1"), "offset = -1"));
  CHECK(has(error("absent.bin", "0"), "absent.bin"));
}

TEST_CASE("onnx: files that are no files") {
  CHECK_THROWS_AS(read_onnx("/dev/zero"), Error);
  CHECK_THROWS_AS(read_onnx("/tmp"), Error);
  CHECK_THROWS_AS(read_onnx("/tmp/there/is/no/such.onnx"), Error);
}

TEST_CASE("onnx: a chain of a hundred thousand nodes needs no recursion") {
  OnnxModel model = model_of({4});
  std::string last = "x";
  for (int i = 0; i < 100'000; ++i) {
    std::string next = i == 99'999 ? "y" : "v" + std::to_string(i);
    add_node(model, "Relu", {last}, {next});
    last = next;
  }
  CHECK(to_graph(parse_onnx(format_onnx(model), "m.onnx")).graph.size() == 100'001);
}

}  // namespace nas
