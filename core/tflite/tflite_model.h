#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nas {

// What a .tflite file says, as it says it. Made by `read_tflite` (core/tflite/read_tflite.h) from a
// file and by `to_tflite` (core/tflite/export_program.h) from an int8 network. Field numbers and
// meanings: schema.fbs, version 3, of tensorflow/tensorflow.
//
// Images are [N, H, W, C] here, as everywhere in the format; our graphs have [C, H, W].

/// TensorType of the schema, those whose size is known.
enum class TfliteType : std::int8_t {
  kFloat32 = 0,
  kFloat16 = 1,
  kInt32 = 2,
  kUint8 = 3,
  kInt64 = 4,
  kString = 5,
  kBool = 6,
  kInt16 = 7,
  kInt8 = 9,
  kFloat64 = 10,
  kUint64 = 12,
  kUint32 = 15,
  kUint16 = 16,
  kInt4 = 17,
};
/// Bytes that `elements` numbers take; -1 for types without a fixed size, and those we do not know.
std::int64_t bytes_of(TfliteType type, std::int64_t elements);
/// "float32", "int8", "type 13".
std::string to_string(TfliteType type);

/// real = scale (stored - zero_point); no scale: the tensor is not quantised.
struct TfliteQuantisation {
  std::vector<float> scales{};              ///< one, or one for each place of `dimension`
  std::vector<std::int64_t> zero_points{};  ///< as many as scales
  std::int32_t dimension = 0;
  friend bool operator==(const TfliteQuantisation&, const TfliteQuantisation&) = default;
};

struct TfliteTensor {
  std::string name{};
  TfliteType type = TfliteType::kFloat32;
  std::vector<std::int32_t> shape{};
  std::vector<std::int32_t> shape_signature{};  ///< -1 where a size is left open; may be absent
  std::uint32_t buffer = 0;                     ///< one without bytes: the tensor is computed
  TfliteQuantisation quantisation{};
  bool is_variable = false;  ///< state that stays from one call to the next

  /// Product of `shape`; a tensor that was read has at most kMaxExtent.
  std::int64_t elements() const;
  friend bool operator==(const TfliteTensor&, const TfliteTensor&) = default;
};

/// Numbers of a constant, little-endian, row-major. Borrows from the model's memory or `owned`.
struct TfliteBuffer {
  std::string_view bytes{};
  std::shared_ptr<const std::string> owned{};
};

/// One use of an operator. The meaning of `numbers` is in its record (core/tflite/operators.h).
struct TfliteOperator {
  static constexpr std::int32_t kAbsent = -1;  ///< an optional operand that is not given

  std::int32_t code = 0;      ///< BuiltinOperator of the schema
  std::string custom_code{};  ///< of operator CUSTOM: its name
  std::int32_t version = 1;
  std::vector<std::int32_t> inputs{};  ///< tensors; kAbsent
  std::vector<std::int32_t> outputs{};
  std::vector<double> numbers{};     ///< options, in the order of the record
  std::vector<std::int32_t> list{};  ///< the one option that is a list (new_shape, squeeze_dims)
  friend bool operator==(const TfliteOperator&, const TfliteOperator&) = default;
};

struct TfliteModel {
  std::string source;  ///< how errors name it: the file
  std::uint32_t version = 3;
  std::string description{};
  std::vector<TfliteTensor> tensors{};  ///< of the first subgraph, as all below
  std::vector<TfliteOperator> operators{};
  std::vector<std::int32_t> inputs{};
  std::vector<std::int32_t> outputs{};
  std::string name{};                                             ///< of the subgraph
  std::vector<TfliteBuffer> buffers{};                            ///< the first is empty by custom
  std::vector<std::pair<std::string, std::uint32_t>> metadata{};  ///< name, buffer
  std::size_t subgraphs = 1;                    ///< in the file; others are not read
  std::shared_ptr<const std::string> memory{};  ///< what buffers borrow from

  /// The numbers of a tensor; empty where it is computed.
  std::string_view bytes(const TfliteTensor& tensor) const { return buffers[tensor.buffer].bytes; }
  bool is_constant(std::int32_t tensor) const {
    return !bytes(tensors[static_cast<std::size_t>(tensor)]).empty();
  }
};

/// "tensor 12 'conv/weights'".
std::string tensor_text(const TfliteModel& model, std::int32_t tensor);

/// A tensor's numbers as they are stored (`ints`: of integer types) or as real numbers, dequantised
/// where it has scales. Throws Error(kUnsupported) for other types, naming the tensor.
std::vector<std::int64_t> tensor_ints(const TfliteModel& model, std::int32_t tensor);
std::vector<float> tensor_reals(const TfliteModel& model, std::int32_t tensor);

/// Same tensors, operators, numbers of constants and metadata; files may differ in the order of
/// their bytes.
bool same_model(const TfliteModel& a, const TfliteModel& b);

}  // namespace nas
