#include "core/onnx/mapping.h"
#include "core/onnx/node_reader.h"
#include "core/onnx/node_writer.h"
#include "core/onnx/ops/patterns.h"

// Products with matrices.
namespace nas {
namespace {

/// Before opset 11 a Gemm must have a constant to add.
void write_linear(NodeWriter& node) {
  NodeWriter::Names inputs{node.input(), node.weight("weight")};
  if (node.flag("bias")) {
    inputs.push_back(node.weight("bias"));
  } else if (node.opset() < 11) {
    inputs.push_back(node.fixed("zeros", 0, node.output_shape()[0]));
  }
  node.result("Gemm", inputs, {int_attribute("transB", 1)});
}

/// A MatMul wants [in, out] where a layer has [out, in].
void write_token_linear(NodeWriter& node) {
  const std::string turned =
      node.step("turned", "Transpose", {node.weight("weight")}, {ints_attribute("perm", {1, 0})});
  if (!node.flag("bias")) return node.result("MatMul", {node.input(), turned});
  node.result("Add", {node.step("product", "MatMul", {node.input(), turned}), node.weight("bias")});
}

void write_matmul(NodeWriter& node) {
  node.result("MatMul", {node.input(0), node.input(1)});
}

struct Matrix {
  const Constant& weight;
  bool turned;  ///< [out, in]
  std::int64_t out, in;
};

Matrix matrix(const NodeReader& node, bool turned) {
  const Constant& weight = node.constant(1);
  if (weight.dims.size() != 2) node.unsupported("its weight is not a matrix");
  return {weight, turned, weight.dims[turned ? 0 : 1], weight.dims[turned ? 1 : 0]};
}

/// A layer on a vector, or on each row of tokens; `bias`: null = none.
Value add_layer(NodeReader& node, const Matrix& matrix, const Constant* bias) {
  const Value x = node.tensor();
  const Shape& shape = node.shape(x);
  const std::int64_t features = shape.rank() == 0 ? 0 : shape[shape.rank() - 1];
  if (matrix.in != features) {
    node.wrong("its weight is for " + std::to_string(matrix.in) + " features, the input has " +
               std::to_string(features));
  }
  const Value result = node.add(shape.rank() == 1 ? "linear" : "token_linear", {x},
                                {{"out_features", matrix.out}, {"bias", bias != nullptr}});
  node.weight(result, "weight", matrix.weight, !matrix.turned);
  if (bias != nullptr) node.weight(result, "bias", *bias);
  return result;
}

void read_gemm(NodeReader& node) {
  const bool plain = is_close(node.real("alpha", 1), 1) && node.integer("transA", 0) == 0;
  if (!plain) node.unsupported("only alpha = 1 and transA = 0 are read");
  const Matrix weight = matrix(node, node.integer("transB", 0) != 0);
  const Constant* bias = nullptr;
  if (node.has_input(2) && !is_fixed(node, 2, 0)) {
    if (!is_close(node.real("beta", 1), 1)) node.unsupported("only beta = 1 is read");
    bias = &node.constant(2);
    if (!is_row(*bias, weight.out, 1)) node.unsupported("its constant is not one for each output");
  }
  node.give(add_layer(node, weight, bias));
}

void read_matmul(NodeReader& node) {
  if (node.is_tensor(0) && node.is_tensor(1)) {
    return node.give(node.add("matmul", {node.tensor(0), node.tensor(1)}));
  }
  const Matrix weight = matrix(node, false);
  const std::size_t rank = node.shape(node.tensor()).rank();
  if (auto sum = node.only_reader("Add")) {
    const auto other = sum->other_input(node.output());
    const std::size_t index = sum->node().inputs[0] == node.output() ? 1 : 0;
    if (other && sum->known(*other) && sum->input(index).kind == ImportedValue::Kind::kConstant &&
        is_row(sum->constant(index), weight.out, rank) && sum->constant(index).learned) {
      return sum->give_claimed(add_layer(node, weight, &sum->constant(index)));
    }
  }
  node.give(add_layer(node, weight, nullptr));
}

constexpr OnnxWriting kWritings[] = {
    {"linear", write_linear},
    {"matmul", write_matmul},
    {"token_linear", write_token_linear},
};
constexpr OnnxReading kReadings[] = {{"Gemm", read_gemm}, {"MatMul", read_matmul}};

}  // namespace

extern constinit const OnnxMappings linear_mappings{kWritings, kReadings};

}  // namespace nas
