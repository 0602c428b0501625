#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ir/tensor_type.h"
#include "core/onnx/onnx_model.h"

namespace nas {

/// Refuses what cannot be a network that we read, before any node is looked at closely. Throws
/// Error(kUnsupported) naming all operators without a reading, an opset out of range and sparse
/// initializers in one text;
/// Error(kData) for values that two nodes give or none, and for a model without nodes or outputs.
void check_model(const OnnxModel& model);

/// The nodes so that each comes after those that it reads. What depends on no input of the network
/// comes as early as it can, since patterns look ahead for their constants; else file order holds.
/// Throws Error(kData) naming a node of a cycle.
std::vector<std::size_t> reading_order(const OnnxModel& model);

/// The batch of an input, kOpenBatch where it is open; its type without the batch. Throws
/// Error(kUnsupported) for an input that has another open dimension, no shape, or another type.
std::int64_t input_batch(const OnnxValueInfo& info);
TensorType input_type(const OnnxValueInfo& info);

/// What the file itself says of the values.
class DeclaredTypes {
 public:
  explicit DeclaredTypes(const OnnxModel& model);
  /// Throws Error(kData) where a value is declared with another shape than it has.
  void check(const std::string& value, const TensorType& type, std::int64_t batch) const;

 private:
  std::unordered_map<std::string_view, const OnnxValueInfo*> infos_;
};

}  // namespace nas
