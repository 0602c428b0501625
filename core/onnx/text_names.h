#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/onnx/node_shapes.h"
#include "core/onnx/onnx_model.h"

namespace nas {

/// "[3,3]".
std::string bracketed(const std::vector<std::int64_t>& numbers);
std::string bracketed(const std::vector<float>& numbers);

/// What every text of a model needs to know (core/onnx/network_text.h).
struct TextNames {
  explicit TextNames(const OnnxModel& model);

  /// A graph input or an initializer.
  bool is_given(const std::string& name) const;
  /// "1x3x32x32". Throws Error(kUnsupported) for one that is not known; `op` gives the value.
  std::string shape(const std::string& name, std::string_view op) const;

  OnnxShapes shapes;
  std::map<std::string, const OnnxTensor*> params;  ///< initializers
  std::vector<std::string> inputs, outputs;         ///< of the graph
};

/// The text of NetworkText::kFaithful.
std::string faithful_text(const OnnxModel& model);
/// The text of NetworkText::kRunLength.
std::string run_length_text(const OnnxModel& model);

}  // namespace nas
