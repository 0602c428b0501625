#include <bit>
#include <cmath>
#include <cstring>

#include "core/onnx/external_data.h"
#include "core/onnx/read_onnx.h"
#include "core/util/error.h"
#include "core/util/protobuf.h"
#include "core/util/text.h"

// The numbers of constants, from whichever of its forms a tensor has.
namespace nas {
namespace {

static_assert(std::endian::native == std::endian::little, "raw data are little-endian");

[[noreturn]] void fail(const OnnxTensor& tensor, ErrorKind kind, const std::string& what) {
  throw Error(kind, "tensor '" + printable(tensor.name) + "': " + what);
}

template <class T>
T load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

/// IEEE 754 binary16.
double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  const double size = exponent == 31  ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                      : exponent == 0 ? std::ldexp(fraction, -24)
                                      : std::ldexp(1024 + fraction, exponent - 25);
  return (bits & 0x8000) != 0 ? -size : size;
}

double bfloat_value(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

template <class To>
To raw_value(OnnxType type, const char* bytes) {
  switch (type) {
    case OnnxType::kFloat:
      return static_cast<To>(load<float>(bytes));
    case OnnxType::kDouble:
      return static_cast<To>(load<double>(bytes));
    case OnnxType::kHalf:
      return static_cast<To>(half_value(load<std::uint16_t>(bytes)));
    case OnnxType::kBfloat16:
      return static_cast<To>(bfloat_value(load<std::uint16_t>(bytes)));
    case OnnxType::kInt64:
      return static_cast<To>(load<std::int64_t>(bytes));
    case OnnxType::kInt32:
      return static_cast<To>(load<std::int32_t>(bytes));
    case OnnxType::kInt8:
      return static_cast<To>(load<std::int8_t>(bytes));
    default:
      return static_cast<To>(load<std::uint8_t>(bytes));  // uint8, bool
  }
}

bool is_integer(OnnxType type) {
  return type == OnnxType::kInt64 || type == OnnxType::kInt32 || type == OnnxType::kInt8 ||
         type == OnnxType::kUint8 || type == OnnxType::kBool;
}

template <class To>
std::vector<To> of_raw(const OnnxTensor& tensor, std::string_view bytes) {
  const auto size = static_cast<std::size_t>(bytes_of(tensor.type));
  std::vector<To> values(bytes.size() / size);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = raw_value<To>(tensor.type, bytes.data() + i * size);
  }
  return values;
}

/// One number of a typed field; half and bfloat16 lie as bits in int32_data.
template <class To>
To field_value(OnnxType type, std::uint64_t bits) {
  if (type == OnnxType::kHalf) return static_cast<To>(half_value(static_cast<std::uint16_t>(bits)));
  if (type == OnnxType::kBfloat16) {
    return static_cast<To>(bfloat_value(static_cast<std::uint16_t>(bits)));
  }
  return static_cast<To>(static_cast<std::int64_t>(bits));
}

template <class To>
void append_field(const ProtobufField& field, const OnnxTensor& tensor, std::vector<To>& values) {
  const bool packed = field.wire_type == 2;
  ProtobufReader list(field.bytes);
  switch (field.number) {
    case 4:  // float_data
      if (tensor.type != OnnxType::kFloat) break;
      if (!packed) values.push_back(static_cast<To>(field.as_float()));
      while (packed && !list.at_end()) values.push_back(static_cast<To>(list.float32()));
      break;
    case 5:  // int32_data
    case 7:  // int64_data
      if (tensor.type == OnnxType::kFloat || tensor.type == OnnxType::kDouble) break;
      if (!packed) values.push_back(field_value<To>(tensor.type, field.value));
      while (packed && !list.at_end())
        values.push_back(field_value<To>(tensor.type, list.varint()));
      break;
    case 10:  // double_data
      if (tensor.type != OnnxType::kDouble) break;
      if (!packed) values.push_back(static_cast<To>(field.as_double()));
      while (packed && !list.at_end()) values.push_back(static_cast<To>(list.float64()));
      break;
    default:
      break;
  }
}

template <class To>
std::vector<To> of_fields(const OnnxTensor& tensor) {
  std::vector<To> values;
  ProtobufReader fields(tensor.bytes);
  while (const auto field = fields.next()) append_field(*field, tensor, values);
  if (static_cast<std::int64_t>(values.size()) != tensor.elements()) {
    fail(tensor, ErrorKind::kData,
         "its shape has " + std::to_string(tensor.elements()) + " numbers, its data " +
             std::to_string(values.size()));
  }
  return values;
}

template <class To>
std::vector<To> values_of(const OnnxModel& model, const OnnxTensor& tensor) {
  switch (tensor.place) {
    case OnnxTensor::Place::kRaw:
      return of_raw<To>(tensor, tensor.bytes);
    case OnnxTensor::Place::kFields:
      return of_fields<To>(tensor);
    case OnnxTensor::Place::kInFile:
    case OnnxTensor::Place::kExternal:
      return of_raw<To>(tensor, stored_elsewhere(model, tensor));
    case OnnxTensor::Place::kNowhere:
      break;
  }
  fail(tensor, ErrorKind::kData, "the file declares it without numbers");
}

}  // namespace

std::vector<float> tensor_reals(const OnnxModel& model, const OnnxTensor& tensor) {
  if (!is_real(tensor.type)) {
    fail(tensor, ErrorKind::kUnsupported,
         "it is of " + to_string(tensor.type) + " numbers, expected real ones");
  }
  return values_of<float>(model, tensor);
}

std::vector<std::int64_t> tensor_ints(const OnnxModel& model, const OnnxTensor& tensor) {
  if (!is_integer(tensor.type)) {
    fail(tensor, ErrorKind::kUnsupported,
         "it is of " + to_string(tensor.type) + " numbers, expected integers");
  }
  return values_of<std::int64_t>(model, tensor);
}

}  // namespace nas
