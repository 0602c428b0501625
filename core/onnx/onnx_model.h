#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/util/random_access_file.h"

namespace nas {

// What an ONNX file says, as it says it: nodes, names and attributes in file order. Made by
// `read_onnx` (core/onnx/read_onnx.h) from a file and by `to_onnx` (core/onnx/export_graph.h) from
// a graph. Field numbers and meanings: onnx.proto of onnx/onnx.

/// TensorProto.DataType, those that we know.
enum class OnnxType : std::int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kHalf = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kBfloat16 = 16,
};
/// Bytes of one number; 0 for a type that we do not know, or whose size is not fixed.
std::int64_t bytes_of(OnnxType type);
/// Of the four types of real numbers.
bool is_real(OnnxType type);
/// "float", "int64", "type 17".
std::string to_string(OnnxType type);

/// A constant tensor. `bytes` borrows from the model or `owned`; numbers are read by `tensor_reals`
/// and `tensor_ints` (core/onnx/read_onnx.h), which check them against `dims`.
struct OnnxTensor {
  std::string name;
  OnnxType type = OnnxType::kUndefined;
  std::vector<std::int64_t> dims;

  enum class Place : std::uint8_t {
    kNowhere,   ///< only declared: of a network without weights
    kRaw,       ///< `bytes` are the numbers, little-endian, row-major
    kFields,    ///< `bytes` are the whole TensorProto, whose typed fields hold them
    kInFile,    ///< in the model's own file, `length` bytes from `offset` on, as kRaw
    kExternal,  ///< in the file `location` beside the model
  };
  Place place = Place::kNowhere;
  std::string_view bytes{};
  std::shared_ptr<const std::string> owned{};  ///< where `bytes` are not those of a file
  std::string location{};
  std::int64_t offset = 0, length = -1;  ///< kInFile, kExternal; -1: to the end of the file

  /// Product of `dims`; a tensor that was read has at most kMaxExtent.
  std::int64_t elements() const;
};

/// AttributeProto.AttributeType.
enum class OnnxAttributeType : std::int32_t {
  kUndefined = 0,
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
  kTensors = 9,
  kGraphs = 10,
};

struct OnnxAttribute {
  std::string name;
  OnnxAttributeType type = OnnxAttributeType::kUndefined;
  float real = 0;
  std::int64_t integer = 0;
  std::string text{};
  std::vector<float> reals{};
  std::vector<std::int64_t> ints{};
  std::vector<std::string> texts{};
  std::vector<OnnxTensor> tensors{};  ///< one of kTensor; of graphs only operators are read
};

struct OnnxNode {
  std::string op_type;
  std::string name;
  std::vector<std::string> inputs;  ///< "": an optional input that is not given
  std::vector<std::string> outputs;
  std::vector<OnnxAttribute> attributes;
  std::string domain{};  ///< "" and "ai.onnx" are the standard's own
};

/// One dimension of a declared shape: a number, a name ("N"), or neither (-1 and "").
struct OnnxDim {
  std::int64_t value = -1;
  std::string name{};
};

/// How the description of an input says that it is a weight without numbers.
inline constexpr std::string_view kWeightDescription = "weight";

/// What is declared of a value.
struct OnnxValueInfo {
  std::string name;
  OnnxType type = OnnxType::kUndefined;  ///< kUndefined also of what is no tensor
  bool has_shape = false;
  std::vector<OnnxDim> dims{};
  /// An input that stands for a weight: its description says "weight", as in our files.
  bool weight = false;
};

struct OnnxModel {
  std::string source;    ///< how errors name it: the file
  std::string folder{};  ///< where external data lie; "": none may
  std::int64_t ir_version = 0;
  std::string producer{};
  /// (domain, version) as in the file.
  std::vector<std::pair<std::string, std::int64_t>> opsets{};
  std::string graph_name{};
  std::vector<OnnxNode> nodes{};
  std::vector<OnnxTensor> initializers{};
  std::vector<OnnxValueInfo> inputs{};  ///< before IR version 4 initializers stand here too
  std::vector<OnnxValueInfo> outputs{};
  std::vector<OnnxValueInfo> values{};  ///< declared types of what lies between
  std::vector<std::pair<std::string, std::string>> metadata{};  ///< metadata_props, file order
  std::int64_t functions = 0, sparse_initializers = 0;          ///< counted, not read
  /// (domain, operator) of the nodes in graphs of attributes: branches and loops, at any depth.
  std::vector<std::pair<std::string, std::string>> inner_operators{};
  std::shared_ptr<const std::string> memory{};     ///< what `bytes` of tensors borrow from
  std::shared_ptr<const RandomAccessFile> file{};  ///< where tensors of kInFile are

  /// Version of the standard's own operators; 0 where none is stated.
  std::int64_t opset() const;
};

/// Of the standard's own operators.
bool is_standard_domain(std::string_view domain);
/// The attribute of a name, or null.
const OnnxAttribute* find_attribute(const OnnxNode& node, std::string_view name);

}  // namespace nas
