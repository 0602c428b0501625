#pragma once

#include <span>
#include <string_view>

namespace nas {

class NodeReader;
class NodeWriter;

/// How an operation of core/ops is written as ONNX. Keyed by its record's name; every primitive has
/// one, tests/core/onnx/mapping_test.cpp sees to it.
struct OnnxWriting {
  std::string_view op;
  void (*write)(NodeWriter& node) = nullptr;
  std::string_view refusal = "";  ///< why there is none, where `write` is null
};

/// How an operator of ONNX is read.
struct OnnxReading {
  std::string_view op_type;
  void (*read)(NodeReader& node);
};

/// Both directions of one family of operations: a file of core/onnx/ops defines `conv_mappings` and
/// stands in the list of CMakeLists.txt.
struct OnnxMappings {
  std::span<const OnnxWriting> writings;
  std::span<const OnnxReading> readings;
};

/// Of all files; generated.
std::span<const OnnxMappings* const> onnx_mappings();

/// Null: there is none.
const OnnxWriting* find_writing(std::string_view op);
const OnnxReading* find_reading(std::string_view op_type);

}  // namespace nas
