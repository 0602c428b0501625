#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/tflite/tflite_model.h"

namespace nas {

/// How the schema stores an option.
enum class TfliteOptionKind : std::uint8_t { kByte, kInt, kBool, kFloat, kInts };

/// A field of an options table; its number in the schema is its place in the record.
struct TfliteOption {
  std::string_view name;
  TfliteOptionKind kind = TfliteOptionKind::kInt;
  double standard = 0;  ///< of the schema: such a value is not written
};

/// A built-in operator whose options we know: the one table that reader and writer go by.
struct TfliteOperatorRecord {
  std::int32_t code;          ///< BuiltinOperator of the schema
  std::uint8_t options_type;  ///< place in the union BuiltinOptions; 0: the operator has none
  std::span<const TfliteOption> options{};
};

/// Codes of the operators that our readings and writings name.
namespace tflite_code {
inline constexpr std::int32_t kAdd = 0, kAveragePool2d = 1, kConcatenation = 2, kConv2d = 3,
                              kDepthwiseConv2d = 4, kDequantize = 6, kFullyConnected = 9,
                              kLogistic = 14, kMaxPool2d = 17, kMul = 18, kRelu = 19, kRelu6 = 21,
                              kReshape = 22, kSoftmax = 25, kTanh = 28, kCustom = 32, kPad = 34,
                              kTranspose = 39, kMean = 40, kSub = 41, kSqueeze = 43,
                              kStridedSlice = 45, kPadV2 = 60, kTransposeConv = 67, kRsqrt = 76,
                              kLeakyRelu = 98, kQuantize = 114, kHardSwish = 117,
                              kBatchMatmul = 126, kGelu = 150;
}  // namespace tflite_code

/// Padding and ActivationFunctionType of the schema.
enum class TflitePadding : std::uint8_t { kSame = 0, kValid = 1 };
enum class TfliteActivation : std::uint8_t {
  kNone = 0,
  kRelu = 1,
  kReluN1To1 = 2,
  kRelu6 = 3,
  kTanh = 4,
  kSignBit = 5,
};

/// The record of a code, or null.
const TfliteOperatorRecord* find_tflite_operator(std::int32_t code);
/// "CONV_2D"; of a custom operator "custom 'ethos-u'"; "operator 300" of one that is newer than we.
std::string operator_name(const TfliteOperator& op);
/// The code of a built-in operator by its name; nothing for a name that is none's.
std::optional<std::int32_t> tflite_code_of(std::string_view name);
/// "operator 3 (CONV_2D)".
std::string operator_text(const TfliteModel& model, std::size_t index);

/// The option of a name, or its default where the file has no options. Requires that the operator
/// has a record with this option.
double option(const TfliteOperator& op, std::string_view name);
std::int32_t int_option(const TfliteOperator& op, std::string_view name);
/// Sets it; the others are those of the record.
void set_option(TfliteOperator& op, std::string_view name, double value);

TflitePadding padding_option(const TfliteOperator& op);
TfliteActivation activation_option(const TfliteOperator& op);

}  // namespace nas
