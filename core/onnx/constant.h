#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/onnx/onnx_model.h"

namespace nas {

/// In a shape that is computed by a network: the size of a batch that is left open.
constexpr std::int64_t kOpenBatch = std::numeric_limits<std::int64_t>::min();

/// Rows of tables of weights, for each place the sum of one row of each table: embeddings of the
/// positions of tokens.
struct GatheredRows {
  struct Part {
    const OnnxTensor* table;   ///< [rows, channels]
    const OnnxTensor* places;  ///< rows of it, any number
  };
  std::vector<Part> parts;
};

/// A tensor that is known before the network runs: stored in the file, or computed from shapes.
/// Copies share the numbers: a file may rename one constant any number of times.
struct Constant {
  OnnxType type = OnnxType::kUndefined;
  std::vector<std::int64_t> dims{};
  const OnnxTensor* stored = nullptr;  ///< null: the numbers are in one of the next four
  std::shared_ptr<const std::vector<std::int64_t>> ints{};
  std::shared_ptr<const std::vector<double>> reals{};
  std::optional<double> all{};  ///< real numbers that are equal, any number of them
  std::shared_ptr<const GatheredRows>
      rows{};            ///< too many to be computed (core/onnx/ops/attention)
  bool turned = false;   ///< of what is stored the last two axes are swapped: not for arithmetic
  bool learned = false;  ///< an initializer, which a training may change

  std::int64_t elements() const;
};

Constant int_constant(std::vector<std::int64_t> dims, std::vector<std::int64_t> numbers);
Constant real_constant(std::vector<std::int64_t> dims, std::vector<double> numbers);

/// Arithmetic of shapes has a handful of numbers; larger constants are weights.
constexpr std::int64_t kMostFolded = 4096;

/// What all nodes of a model may compute together; small nodes could ask for gigabytes.
constexpr std::int64_t kMostFoldedInAll = 4'000'000;

/// All numbers of a small constant, row-major; integers are real numbers too. Throws
/// Error(kUnsupported) above kMostFolded, for types that are no numbers and for an open batch among
/// real numbers, Error(kData) where the file has not as many numbers as the shape says.
std::vector<std::int64_t> small_ints(const OnnxModel& model, const Constant& constant);
std::vector<double> small_reals(const OnnxModel& model, const Constant& constant);
/// The number of a constant that has one, of any real or integer type; nothing for others.
std::optional<double> single_number(const OnnxModel& model, const Constant& constant);

/// Whether shape arithmetic uses an operator that no tensor of a network may pass (Gather of a
/// shape, Range), so that it is computed when read.
bool is_folded(std::string_view op_type);

/// What a node with constant inputs gives (null: an input that is not given). Throws
/// Error(kUnsupported) for operators that are not folded, Error(kData) for indices and axes out of
/// range. The result has at most kMostFolded numbers and as many dimensions as a tensor of a file.
Constant fold(const OnnxModel& model, const OnnxNode& node,
              std::span<const Constant* const> inputs);

}  // namespace nas
