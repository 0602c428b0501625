#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/onnx/graph_reader.h"

namespace nas {

/// One node of an ONNX model on its way into a graph: what the reading of its operator sees. A
/// reading ends with a `give` of each output. It may look ahead and claim nodes that belong to one
/// operation of ours (HardSigmoid and Mul: hswish).
class NodeReader {
 public:
  NodeReader(GraphReader& reader, std::size_t index) : reader_(&reader), index_(index) {}

  const OnnxNode& node() const { return reader_->model.nodes[index_]; }
  const OnnxModel& model() const { return reader_->model; }
  std::int64_t opset() const { return reader_->model.opset(); }
  std::int64_t batch() const { return reader_->batch; }  ///< kOpenBatch: open

  bool has_input(std::size_t index) const;
  const ImportedValue& input(std::size_t index) const;
  bool is_tensor(std::size_t index) const;
  /// An input that is computed by the network, without a border of zeros.
  Value tensor(std::size_t index = 0) const;
  const Shape& shape(Value value) const { return reader_->builder.type(value).shape; }
  const Constant& constant(std::size_t index) const;
  /// The number of an input that is a constant with one.
  std::optional<double> number(std::size_t index) const;
  std::optional<double> number_of(const std::string& value) const;
  /// `token_grid` (core/onnx/gathered_rows.h) of a tensor of the file, which is looked at once.
  std::optional<TokenGrid> token_grid(const OnnxTensor& places, GridAxis axis,
                                      std::int64_t reach) const;

  std::int64_t integer(std::string_view attr, std::int64_t otherwise) const;
  double real(std::string_view attr, double otherwise) const;
  std::string text(std::string_view attr, std::string_view otherwise) const;
  std::vector<std::int64_t> ints(std::string_view attr) const;  ///< empty: not given
  /// A list that newer opsets give as an input and older ones as an attribute.
  std::vector<std::int64_t> ints(std::string_view attr, std::size_t index) const;
  /// An axis of a tensor of `rank` dimensions and the batch: 0 is the batch, 1 our first dimension.
  std::int64_t axis(std::int64_t axis, std::size_t rank) const;

  Value add(std::string_view op, std::span<const Value> inputs, NamedAttrs attrs = {});
  Value add(std::string_view op, std::initializer_list<Value> inputs,
            std::initializer_list<NamedAttr> attrs = {}) {
    return add(op, std::span(inputs.begin(), inputs.size()),
               NamedAttrs(attrs.begin(), attrs.size()));
  }
  /// The numbers of a tensor that the node `of` owns.
  void weight(Value of, std::string_view param, const Constant& from, bool transposed = false);
  void weight(Value of, std::string_view param, float all);

  void give(Value value, std::size_t output = 0);
  void give(ImportedValue value, std::size_t output = 0);

  // Looking ahead. A value that is an output of the model, or is read twice, has no single reader.
  std::optional<NodeReader> only_reader(std::string_view op_type, std::size_t output = 0) const;
  /// How many nodes read output 0, the outputs of the model included.
  std::size_t reader_count() const;
  /// The readers of output 0 that are of this operator.
  std::vector<NodeReader> readers(std::string_view op_type) const;
  /// The input of a node with two that is not `value`; nothing where none or both are.
  std::optional<std::string> other_input(const std::string& value) const;
  const std::string& output() const;
  bool known(const std::string& value) const;
  void claim();  ///< this node is read; its output is given by the one that looked ahead
  /// Gives the output of this claimed node.
  void give_claimed(Value value) {
    claim();
    give(value);
  }

  [[noreturn]] void unsupported(const std::string& what) const;
  [[noreturn]] void wrong(const std::string& what) const;

 private:
  std::string scope() const;

  GraphReader* reader_;
  std::size_t index_;
};

}  // namespace nas
