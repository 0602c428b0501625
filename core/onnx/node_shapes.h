#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/onnx/onnx_model.h"

namespace nas {

/// Known shapes of values, by name.
using OnnxShapes = std::map<std::string, std::vector<OnnxDim>>;

/// One node with what is known of its inputs, for the rule of its operator.
class NodeShapes {
 public:
  using Dims = std::vector<OnnxDim>;
  using Ints = std::vector<std::int64_t>;

  /// `constants`: by input, the numbers of those that are small constants of int64.
  NodeShapes(const OnnxNode& node, const OnnxShapes& shapes,
             std::vector<std::optional<Ints>> constants)
      : node_(node), shapes_(shapes), constants_(std::move(constants)) {}

  const OnnxNode& node() const { return node_; }
  std::size_t inputs() const { return node_.inputs.size(); }
  /// Throws Error(kData) for a size that no tensor has.
  std::optional<Dims> input(std::size_t index) const;
  std::optional<Ints> constant(std::size_t index) const;

  std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
  std::optional<Ints> ints(std::string_view name) const;
  /// Of an attribute in older opsets, an input in newer ones.
  std::optional<Ints> ints(std::string_view name, std::size_t index) const;

  /// From the front. Throws Error(kData) for one that a value of this rank does not have.
  std::size_t axis(std::int64_t axis, std::size_t rank) const;
  /// Throws Error(kData) for numbers beyond 2^31, with which no size is computed.
  void check_sizes(const Ints& numbers) const;
  [[noreturn]] void wrong(const std::string& what) const;  ///< Throws Error(kData).

 private:
  const OnnxNode& node_;
  const OnnxShapes& shapes_;
  std::vector<std::optional<Ints>> constants_;
};

}  // namespace nas
