#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cstring>

#include "core/onnx/import_graph.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/read_onnx.h"
#include "core/onnx/write_onnx.h"
#include "core/util/error.h"
#include "tests/core/onnx/onnx_bytes.h"

// Constants that nodes of a model compute, as weights and in numbers that a small file may ask for.

namespace nas {
namespace {

using test::add_node;
using test::floats;
using test::int64s;
using test::model_of;
using test::read_back;

bool has(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text);
  return found;
}

/// The numbers of the tensor whose name ends so.
std::vector<float> weight_of(const OnnxModel& model, const std::string& ending) {
  const ImportedNetwork network = to_graph(parse_onnx(format_onnx(model), "m.onnx"), true);
  for (const auto& [name, tensor] : network.weights.tensors) {
    if (!name.ends_with(ending)) continue;
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }
  return {};
}

/// `name` as real numbers that a node makes of integers.
void add_cast(OnnxModel& model, const std::string& name, const std::vector<std::int64_t>& values) {
  model.initializers.push_back(int64s(name + "_integers", values));
  add_node(model, "Cast", {name + "_integers"}, {name}, {int_attribute("to", 1)});
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

TEST_CASE("onnx: a matrix that a division of constants gives is a weight") {
  for (const char* op_type : {"MatMul", "Gemm"}) {
    CAPTURE(op_type);
    OnnxModel model = model_of({1});
    model.initializers = {floats("a", {1, 1}, 3), floats("b", {1, 1}, 4)};
    add_node(model, "Div", {"a", "b"}, {"w"});
    add_node(model, op_type, {"x", "w"}, {"y"});
    CHECK(weight_of(model, ".weight") == std::vector<float>{0.75F});
  }
}

TEST_CASE("onnx: a weight that is given transposed keeps its places") {
  OnnxModel model = model_of({3});
  OnnxTensor matrix = floats("w", {2, 3});
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  matrix.owned = std::make_shared<const std::string>(reinterpret_cast<const char*>(numbers.data()),
                                                     numbers.size() * sizeof(float));
  matrix.bytes = *matrix.owned;
  model.initializers = {matrix};
  add_node(model, "Transpose", {"w"}, {"t"}, {ints_attribute("perm", {1, 0})});
  add_node(model, "MatMul", {"x", "t"}, {"y"});
  CHECK(weight_of(model, ".weight") == numbers);
  model.initializers[0].dims = {3, 2};
  model.nodes.clear();
  add_node(model, "MatMul", {"x", "w"}, {"y"});
  CHECK(weight_of(model, ".weight") == std::vector<float>{1, 3, 5, 2, 4, 6});
}

TEST_CASE("onnx: a weight in another shape keeps its numbers, however large it is") {
  OnnxModel model = model_of({100});
  model.initializers = {floats("w", {5000}), int64s("shape", {50, -1}), int64s("axes", {1})};
  add_node(model, "Unsqueeze", {"w", "axes"}, {"u"});
  add_node(model, "Reshape", {"u", "shape"}, {"t"});
  add_node(model, "Gemm", {"x", "t"}, {"y"}, {int_attribute("transB", 1)});
  CHECK(weight_of(model, ".weight").size() == 5000);
  model.initializers[1] = int64s("shape", {3, -1});
  CHECK(has(read_back(model), "a constant of 5000 numbers gets another size"));
  model.initializers[1] = int64s("shape", {std::int64_t{1} << 62, 8});
  CHECK(has(read_back(model), "a constant of 5000 numbers gets another size"));
}

TEST_CASE(
    "onnx: equal numbers of ConstantOfShape are weights, and take no memory before they are read") {
  OnnxModel model = model_of({3000});
  model.initializers = {int64s("shape", {1000, 3000}), int64s("length", {1000})};
  OnnxAttribute half{.name = "value", .type = OnnxAttributeType::kTensor};
  half.tensors.push_back(floats("half", {1}, 0.5F));
  add_node(model, "ConstantOfShape", {"shape"}, {"w"}, {half});
  add_node(model, "ConstantOfShape", {"length"}, {"b"});
  add_node(model, "Gemm", {"x", "w", "b"}, {"y"}, {int_attribute("transB", 1)});
  CHECK(has(read_back(model), "linear(%0) {out_features=1000, bias=true}"));
  CHECK(weight_of(model, ".weight") == std::vector<float>(3'000'000, 0.5F));
  CHECK(weight_of(model, ".bias") == std::vector<float>(1000, 0.0F));
  model.initializers[0] = int64s("shape", {1 << 20, 1 << 20});
  CHECK(has(read_back(model), "a constant of more than 2^31 numbers"));
}

TEST_CASE("onnx: numbers that are cast from integers are the bias and scale that they say") {
  OnnxModel model = model_of({4});
  model.initializers = {floats("w", {4, 3})};
  add_cast(model, "b", {1, 0, -2});
  add_node(model, "Gemm", {"x", "w", "b"}, {"y"});
  CHECK(weight_of(model, ".bias") == std::vector<float>{1, 0, -2});
  model.initializers.pop_back();
  model.nodes.clear();
  add_cast(model, "b", {0, 0, 0});
  add_node(model, "Gemm", {"x", "w", "b"}, {"y"});
  CHECK(has(read_back(model), "bias=false"));

  model = model_of({4}, 17);
  add_cast(model, "scale", {1, 2, 1, 1});
  add_node(model, "LayerNormalization", {"x", "scale"}, {"y"});
  CHECK(weight_of(model, ".weight") == std::vector<float>{1, 2, 1, 1});
}

TEST_CASE("onnx: an open batch size is no real number") {
  OnnxModel model = model_of({4}, 17);
  model.inputs[0].dims[0] = {-1, "N"};
  model.initializers = {floats("w", {4, 2})};
  add_node(model, "Shape", {"x"}, {"s"});
  add_node(model, "Cast", {"s"}, {"b"}, {int_attribute("to", 1)});
  add_node(model, "Gemm", {"x", "w", "b"}, {"y"});
  CHECK(has(read_back(model), "a batch size that is open"));
}

TEST_CASE("onnx: a constant that is renamed many times takes the memory of one") {
  constexpr std::int64_t kNumbers = 1'000'000, kNames = 200;
  OnnxModel model = model_of({4});
  model.nodes.push_back(
      {"Constant", "", {}, {"c"}, {ints_attribute("value_ints", std::vector(kNumbers, kNames))}});
  for (std::int64_t i = 0; i < kNames; ++i) {
    add_node(model, "Identity", {"c"}, {"c" + std::to_string(i)});
  }
  add_node(model, "Relu", {"x"}, {"y"});
  const OnnxModel read = parse_onnx(format_onnx(model), "m.onnx");
  const double before = peak_megabytes();
  CHECK(to_graph(read).graph.size() == 2);
  CHECK(peak_megabytes() - before < 100);  // 1600 MB where each name has its own
}

TEST_CASE("onnx: what all nodes compute together has a limit") {
  OnnxModel model = model_of({4});
  model.initializers = {int64s("size", {4096})};
  OnnxAttribute value{.name = "value", .type = OnnxAttributeType::kTensor};
  value.tensors.push_back(int64s("seven", {7}));
  const auto add = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      add_node(model, "ConstantOfShape", {"size"}, {"c" + std::to_string(i)}, {value});
    }
  };
  add_node(model, "Relu", {"x"}, {"y"});
  add(0, 976);
  CHECK(has(read_back(model), "relu"));
  add(976, 1500);
  CHECK(has(read_back(model),
            "node 977 (ConstantOfShape): computed constants of more than 4000000 numbers in all"));

  model.nodes.resize(1);
  model.initializers = {int64s("size", std::vector<std::int64_t>(17, 1))};
  add(0, 1);
  CHECK(has(read_back(model), "a computed constant of more than 16 dimensions"));
}

}  // namespace nas
