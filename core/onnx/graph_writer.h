#pragma once

#include <string>
#include <vector>

#include "core/onnx/export_graph.h"

namespace nas {

/// An export under way: what its `NodeWriter`s write into.
struct GraphWriter {
  const ArchGraph& graph;
  const TensorFile* weights;
  const OnnxExportOptions& options;
  OnnxModel model{};
  std::vector<std::string> names{};   ///< by node: of its value, once it is written
  std::vector<std::string> wanted{};  ///< by node: the name that its value shall have

  std::string add_initializer(OnnxTensor tensor);
  /// What names in and around a node begin with: its path or number.
  std::string node_name(NodeId node) const {
    return options.sketch ? "n" + std::to_string(node) : graph.path(node);
  }
};

}  // namespace nas
