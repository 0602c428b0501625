#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/onnx/onnx_model.h"

namespace nas {

struct GraphWriter;  // core/onnx/graph_writer.h

OnnxAttribute int_attribute(std::string_view name, std::int64_t value);
OnnxAttribute ints_attribute(std::string_view name, std::vector<std::int64_t> values);
OnnxAttribute real_attribute(std::string_view name, double value);

/// A list of what is moved into it; initializer lists copy.
template <class First, class... More>
std::vector<First> list_of(First first, More... more) {
  std::vector<First> list;
  list.reserve(1 + sizeof...(more));
  list.push_back(std::move(first));
  (list.push_back(std::move(more)), ...);
  return list;
}

/// One node of a graph on its way into an ONNX model: what the mapping of its operation sees. A
/// mapping emits any number of `step`s and ends with one `result` or `pass`. Names follow the
/// node's path, so that a reader finds scopes and weights again.
class NodeWriter {
 public:
  using Names = std::vector<std::string>;
  using Attributes = std::vector<OnnxAttribute>;

  NodeWriter(GraphWriter& writer, NodeId node);

  int opset() const;
  const OpSchema& op() const;
  std::int64_t integer(std::string_view attr) const;
  bool flag(std::string_view attr) const;
  double real(std::string_view attr) const;
  std::size_t input_count() const;
  const std::string& input(std::size_t index = 0) const;  ///< the value's name
  const Shape& input_shape(std::size_t index = 0) const;  ///< without the batch
  const Shape& output_shape() const;

  /// The name of a tensor that the node owns, which becomes an initializer.
  std::string weight(std::string_view param);
  /// Constants, as initializers named by `part`; `dims` of `reals` multiply to their number.
  std::string reals(std::string_view part, std::vector<float> values,
                    std::vector<std::int64_t> dims = {});
  std::string ints(std::string_view part, std::span<const std::int64_t> values);
  /// A constant that nothing learns, as a node: readers must not take it for a parameter.
  std::string fixed(std::string_view part, float value, std::int64_t length);

  /// A node inside of this one's work; returns its output.
  std::string step(std::string_view part, std::string_view op_type, Names inputs,
                   Attributes attributes = {});
  /// The node whose output is this node's.
  void result(std::string_view op_type, Names inputs, Attributes attributes = {});
  /// This node changes nothing in inference: its output is its input.
  void pass();

  /// Axes: a constant input, named by `part`, from opset `since` on, an attribute before.
  void axes(Names& inputs, Attributes& attributes, std::string_view part,
            std::vector<std::int64_t> axes, int since);

  /// Throws Error(kUnsupported), naming the node.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string named(std::string_view part) const;  ///< name_ + "." + part

  GraphWriter& writer_;
  NodeId node_;
  std::string name_;
  bool undeclared_;  ///< its weights are not
  ParamList params_;
};

}  // namespace nas
