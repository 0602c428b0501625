#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/onnx/constant.h"
#include "core/onnx/onnx_model.h"
#include "core/ops/attention.h"

namespace nas {

/// Zeros that a Pad puts around an image or a sequence: at the begin and the end of each axis
/// behind the channels. They wait for the operation that reads them, since ours pad themselves.
struct ZeroBorder {
  std::vector<std::int64_t> begin{}, end{};
  bool empty() const { return begin.empty(); }
};

/// What is known of a value of the model.
struct ImportedValue {
  enum class Kind : std::uint8_t {
    kUnknown,   ///< of a node that could not be read; its readers are left out
    kTensor,    ///< `value` of the graph under construction, with `border` around it
    kConstant,  ///< `constant`
  };
  Kind kind = Kind::kUnknown;
  Value value{};
  ZeroBorder border{};
  Constant constant{};
};

/// A tensor of the graph whose numbers the file gives.
struct WeightUse {
  std::uint32_t node = 0;
  std::string_view param;
  Constant from{};
  bool transposed = false;          ///< the file has [in, out]
  std::optional<float> constant{};  ///< all of this number instead of `from`
};

/// An import under way: what its `NodeReader`s read from and build into.
struct GraphReader {
  const OnnxModel& model;
  ArchBuilder builder{};
  std::int64_t batch = kOpenBatch;
  std::unordered_map<std::string, ImportedValue> values{};
  /// By value: the nodes that read it, in file order, once for each reading.
  std::unordered_map<std::string, std::vector<std::size_t>> readers{};
  std::set<std::string> outputs{};    ///< names of the model's outputs
  std::vector<bool> claimed{};        ///< by node: read together with an earlier one
  std::deque<OnnxTensor> declared{};  ///< weights that are inputs without numbers
  std::vector<WeightUse> weights{};
  /// By tensor of places, axis and reach: what NodeReader::token_grid found.
  std::map<std::tuple<const OnnxTensor*, GridAxis, std::int64_t>, std::optional<TokenGrid>> grids{};
  std::int64_t folded = 0;  ///< numbers of constants that nodes computed, at most kMostFoldedInAll
};

}  // namespace nas
