#include "core/tflite/operators.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Kind = TfliteOptionKind;

/// BuiltinOperator of the schema, in order from 0.
constexpr std::string_view kNames[] = {"ADD",
                                       "AVERAGE_POOL_2D",
                                       "CONCATENATION",
                                       "CONV_2D",
                                       "DEPTHWISE_CONV_2D",
                                       "DEPTH_TO_SPACE",
                                       "DEQUANTIZE",
                                       "EMBEDDING_LOOKUP",
                                       "FLOOR",
                                       "FULLY_CONNECTED",
                                       "HASHTABLE_LOOKUP",
                                       "L2_NORMALIZATION",
                                       "L2_POOL_2D",
                                       "LOCAL_RESPONSE_NORMALIZATION",
                                       "LOGISTIC",
                                       "LSH_PROJECTION",
                                       "LSTM",
                                       "MAX_POOL_2D",
                                       "MUL",
                                       "RELU",
                                       "RELU_N1_TO_1",
                                       "RELU6",
                                       "RESHAPE",
                                       "RESIZE_BILINEAR",
                                       "RNN",
                                       "SOFTMAX",
                                       "SPACE_TO_DEPTH",
                                       "SVDF",
                                       "TANH",
                                       "CONCAT_EMBEDDINGS",
                                       "SKIP_GRAM",
                                       "CALL",
                                       "CUSTOM",
                                       "EMBEDDING_LOOKUP_SPARSE",
                                       "PAD",
                                       "UNIDIRECTIONAL_SEQUENCE_RNN",
                                       "GATHER",
                                       "BATCH_TO_SPACE_ND",
                                       "SPACE_TO_BATCH_ND",
                                       "TRANSPOSE",
                                       "MEAN",
                                       "SUB",
                                       "DIV",
                                       "SQUEEZE",
                                       "UNIDIRECTIONAL_SEQUENCE_LSTM",
                                       "STRIDED_SLICE",
                                       "BIDIRECTIONAL_SEQUENCE_RNN",
                                       "EXP",
                                       "TOPK_V2",
                                       "SPLIT",
                                       "LOG_SOFTMAX",
                                       "DELEGATE",
                                       "BIDIRECTIONAL_SEQUENCE_LSTM",
                                       "CAST",
                                       "PRELU",
                                       "MAXIMUM",
                                       "ARG_MAX",
                                       "MINIMUM",
                                       "LESS",
                                       "NEG",
                                       "PADV2",
                                       "GREATER",
                                       "GREATER_EQUAL",
                                       "LESS_EQUAL",
                                       "SELECT",
                                       "SLICE",
                                       "SIN",
                                       "TRANSPOSE_CONV",
                                       "SPARSE_TO_DENSE",
                                       "TILE",
                                       "EXPAND_DIMS",
                                       "EQUAL",
                                       "NOT_EQUAL",
                                       "LOG",
                                       "SUM",
                                       "SQRT",
                                       "RSQRT",
                                       "SHAPE",
                                       "POW",
                                       "ARG_MIN",
                                       "FAKE_QUANT",
                                       "REDUCE_PROD",
                                       "REDUCE_MAX",
                                       "PACK",
                                       "LOGICAL_OR",
                                       "ONE_HOT",
                                       "LOGICAL_AND",
                                       "LOGICAL_NOT",
                                       "UNPACK",
                                       "REDUCE_MIN",
                                       "FLOOR_DIV",
                                       "REDUCE_ANY",
                                       "SQUARE",
                                       "ZEROS_LIKE",
                                       "FILL",
                                       "FLOOR_MOD",
                                       "RANGE",
                                       "RESIZE_NEAREST_NEIGHBOR",
                                       "LEAKY_RELU",
                                       "SQUARED_DIFFERENCE",
                                       "MIRROR_PAD",
                                       "ABS",
                                       "SPLIT_V",
                                       "UNIQUE",
                                       "CEIL",
                                       "REVERSE_V2",
                                       "ADD_N",
                                       "GATHER_ND",
                                       "COS",
                                       "WHERE",
                                       "RANK",
                                       "ELU",
                                       "REVERSE_SEQUENCE",
                                       "MATRIX_DIAG",
                                       "QUANTIZE",
                                       "MATRIX_SET_DIAG",
                                       "ROUND",
                                       "HARD_SWISH",
                                       "IF",
                                       "WHILE",
                                       "NON_MAX_SUPPRESSION_V4",
                                       "NON_MAX_SUPPRESSION_V5",
                                       "SCATTER_ND",
                                       "SELECT_V2",
                                       "DENSIFY",
                                       "SEGMENT_SUM",
                                       "BATCH_MATMUL",
                                       "PLACEHOLDER_FOR_GREATER_OP_CODES",
                                       "CUMSUM",
                                       "CALL_ONCE",
                                       "BROADCAST_TO",
                                       "RFFT2D",
                                       "CONV_3D",
                                       "IMAG",
                                       "REAL",
                                       "COMPLEX_ABS",
                                       "HASHTABLE",
                                       "HASHTABLE_FIND",
                                       "HASHTABLE_IMPORT",
                                       "HASHTABLE_SIZE",
                                       "REDUCE_ALL",
                                       "CONV_3D_TRANSPOSE",
                                       "VAR_HANDLE",
                                       "READ_VARIABLE",
                                       "ASSIGN_VARIABLE",
                                       "BROADCAST_ARGS",
                                       "RANDOM_STANDARD_NORMAL",
                                       "BUCKETIZE",
                                       "RANDOM_UNIFORM",
                                       "MULTINOMIAL",
                                       "GELU"};
static_assert(std::size(kNames) == tflite_code::kGelu + 1);

constexpr TfliteOption kConv2d[] = {{"padding", Kind::kByte},
                                    {"stride_w"},
                                    {"stride_h"},
                                    {"activation", Kind::kByte},
                                    {"dilation_w", Kind::kInt, 1},
                                    {"dilation_h", Kind::kInt, 1}};
constexpr TfliteOption kDepthwise[] = {{"padding", Kind::kByte},
                                       {"stride_w"},
                                       {"stride_h"},
                                       {"depth_multiplier"},
                                       {"activation", Kind::kByte},
                                       {"dilation_w", Kind::kInt, 1},
                                       {"dilation_h", Kind::kInt, 1}};
constexpr TfliteOption kPool[] = {
    {"padding", Kind::kByte}, {"stride_w"},      {"stride_h"},
    {"filter_width"},         {"filter_height"}, {"activation", Kind::kByte}};
constexpr TfliteOption kFullyConnected[] = {{"activation", Kind::kByte},
                                            {"weights_format", Kind::kByte},
                                            {"keep_num_dims", Kind::kBool},
                                            {"asymmetric_quantize_inputs", Kind::kBool}};
constexpr TfliteOption kSoftmax[] = {{"beta", Kind::kFloat}};
constexpr TfliteOption kConcatenation[] = {{"axis"}, {"activation", Kind::kByte}};
constexpr TfliteOption kSum[] = {{"activation", Kind::kByte}, {"pot_scale_int16", Kind::kBool, 1}};
constexpr TfliteOption kMul[] = {{"activation", Kind::kByte}};
constexpr TfliteOption kReshape[] = {{"new_shape", Kind::kInts}};
constexpr TfliteOption kSqueeze[] = {{"squeeze_dims", Kind::kInts}};
constexpr TfliteOption kReducer[] = {{"keep_dims", Kind::kBool}};
constexpr TfliteOption kStridedSlice[] = {{"begin_mask"},       {"end_mask"},
                                          {"ellipsis_mask"},    {"new_axis_mask"},
                                          {"shrink_axis_mask"}, {"offset", Kind::kBool}};
constexpr TfliteOption kTransposeConv[] = {
    {"padding", Kind::kByte}, {"stride_w"}, {"stride_h"}, {"activation", Kind::kByte}};
constexpr TfliteOption kLeakyRelu[] = {{"alpha", Kind::kFloat}};
constexpr TfliteOption kBatchMatmul[] = {
    {"adj_x", Kind::kBool}, {"adj_y", Kind::kBool}, {"asymmetric_quantize_inputs", Kind::kBool}};
constexpr TfliteOption kGelu[] = {{"approximate", Kind::kBool}};

/// Code, place in the union BuiltinOptions (schema.fbs), fields.
constexpr TfliteOperatorRecord kRecords[] = {
    {tflite_code::kAdd, 11, kSum},
    {tflite_code::kAveragePool2d, 5, kPool},
    {tflite_code::kConcatenation, 10, kConcatenation},
    {tflite_code::kConv2d, 1, kConv2d},
    {tflite_code::kDepthwiseConv2d, 2, kDepthwise},
    {tflite_code::kDequantize, 38},
    {tflite_code::kFullyConnected, 8, kFullyConnected},
    {tflite_code::kLogistic, 0},
    {tflite_code::kMaxPool2d, 5, kPool},
    {tflite_code::kMul, 21, kMul},
    {tflite_code::kRelu, 0},
    {tflite_code::kRelu6, 0},
    {tflite_code::kReshape, 17, kReshape},
    {tflite_code::kSoftmax, 9, kSoftmax},
    {tflite_code::kTanh, 0},
    {tflite_code::kPad, 22},
    {tflite_code::kTranspose, 26},
    {tflite_code::kMean, 27, kReducer},
    {tflite_code::kSub, 28, kSum},
    {tflite_code::kSqueeze, 30, kSqueeze},
    {tflite_code::kStridedSlice, 32, kStridedSlice},
    {tflite_code::kPadV2, 43},
    {tflite_code::kTransposeConv, 49, kTransposeConv},
    {tflite_code::kRsqrt, 0},
    {tflite_code::kLeakyRelu, 75, kLeakyRelu},
    {tflite_code::kQuantize, 89},
    {tflite_code::kHardSwish, 91},
    {tflite_code::kBatchMatmul, 101, kBatchMatmul},
    {tflite_code::kGelu, 116, kGelu},
};

/// Place of an option among the numbers of an operator; a list is not a number.
std::size_t place_of(const TfliteOperatorRecord& record, std::string_view name) {
  const auto found = std::ranges::find(record.options, name, &TfliteOption::name);
  NAS_CHECK(found != record.options.end(), "no option '" + std::string(name) + "'");
  return static_cast<std::size_t>(found - record.options.begin());
}

const TfliteOperatorRecord& record_of(const TfliteOperator& op) {
  const TfliteOperatorRecord* record = find_tflite_operator(op.code);
  NAS_CHECK(record != nullptr, operator_name(op) + " has no record");
  return *record;
}

}  // namespace

const TfliteOperatorRecord* find_tflite_operator(std::int32_t code) {
  const auto* found = std::ranges::find(kRecords, code, &TfliteOperatorRecord::code);
  return found == std::end(kRecords) ? nullptr : found;
}

std::string operator_name(const TfliteOperator& op) {
  constexpr std::size_t kShown = 80;
  if (op.code == tflite_code::kCustom) {
    return "custom '" + printable(op.custom_code.substr(0, kShown)) + "'";
  }
  if (op.code >= 0 && op.code < static_cast<std::int32_t>(std::size(kNames))) {
    return std::string(kNames[op.code]);
  }
  return "operator " + std::to_string(op.code);
}

std::optional<std::int32_t> tflite_code_of(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<std::int32_t>(found - std::begin(kNames));
}

std::string operator_text(const TfliteModel& model, std::size_t index) {
  return "operator " + std::to_string(index) + " (" + operator_name(model.operators[index]) + ")";
}

double option(const TfliteOperator& op, std::string_view name) {
  const TfliteOperatorRecord& record = record_of(op);
  const std::size_t place = place_of(record, name);
  return place < op.numbers.size() ? op.numbers[place] : record.options[place].standard;
}

std::int32_t int_option(const TfliteOperator& op, std::string_view name) {
  return static_cast<std::int32_t>(option(op, name));
}

void set_option(TfliteOperator& op, std::string_view name, double value) {
  const TfliteOperatorRecord& record = record_of(op);
  for (std::size_t i = op.numbers.size(); i < record.options.size(); ++i) {
    op.numbers.push_back(record.options[i].standard);
  }
  op.numbers[place_of(record, name)] = value;
}

TflitePadding padding_option(const TfliteOperator& op) {
  return int_option(op, "padding") == 0 ? TflitePadding::kSame : TflitePadding::kValid;
}

TfliteActivation activation_option(const TfliteOperator& op) {
  return static_cast<TfliteActivation>(int_option(op, "activation"));
}

}  // namespace nas
