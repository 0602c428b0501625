#include "core/tflite/tflite_model.h"

#include <algorithm>
#include <cstring>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

struct TypeRecord {
  TfliteType type;
  std::string_view name;
  int bits;  ///< 0: no fixed size
};
constexpr TypeRecord kTypes[] = {
    {TfliteType::kFloat32, "float32", 32}, {TfliteType::kFloat16, "float16", 16},
    {TfliteType::kInt32, "int32", 32},     {TfliteType::kUint8, "uint8", 8},
    {TfliteType::kInt64, "int64", 64},     {TfliteType::kString, "string", 0},
    {TfliteType::kBool, "bool", 8},        {TfliteType::kInt16, "int16", 16},
    {TfliteType::kInt8, "int8", 8},        {TfliteType::kFloat64, "float64", 64},
    {TfliteType::kUint64, "uint64", 64},   {TfliteType::kUint32, "uint32", 32},
    {TfliteType::kUint16, "uint16", 16},   {TfliteType::kInt4, "int4", 4},
};

const TypeRecord* record_of(TfliteType type) {
  const auto* found = std::ranges::find(kTypes, type, &TypeRecord::type);
  return found == std::end(kTypes) ? nullptr : found;
}

template <typename Stored, typename Number>
std::vector<Number> numbers_of(std::string_view bytes) {
  std::vector<Number> numbers(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    numbers[i] = static_cast<Number>(stored);
  }
  return numbers;
}

[[noreturn]] void fail_type(const TfliteModel& model, std::int32_t tensor) {
  throw Error(ErrorKind::kUnsupported,
              tensor_text(model, tensor) + " holds numbers of " +
                  to_string(model.tensors[static_cast<std::size_t>(tensor)].type) +
                  ", which are not read");
}

/// Stored numbers become real ones, each by the scale of its place in `dimension`.
void dequantise(const TfliteTensor& tensor, std::vector<float>& values) {
  const TfliteQuantisation& quantisation = tensor.quantisation;
  const std::size_t places = quantisation.scales.size();
  if (places == 0) return;
  std::size_t behind = 1;  // numbers from one place of the dimension to the next
  for (auto i = static_cast<std::size_t>(quantisation.dimension) + 1; i < tensor.shape.size();
       ++i) {
    behind *= static_cast<std::size_t>(tensor.shape[i]);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t place = places == 1 ? 0 : i / behind % places;
    values[i] = quantisation.scales[place] *
                (values[i] - static_cast<float>(quantisation.zero_points[place]));
  }
}

}  // namespace

std::int64_t bytes_of(TfliteType type, std::int64_t elements) {
  const TypeRecord* record = record_of(type);
  if (record == nullptr || record->bits == 0) return -1;
  return (elements * record->bits + 7) / 8;
}

std::string to_string(TfliteType type) {
  const TypeRecord* record = record_of(type);
  return record == nullptr ? "type " + std::to_string(static_cast<int>(type))
                           : std::string(record->name);
}

std::int64_t TfliteTensor::elements() const {
  std::int64_t product = 1;
  for (const std::int32_t dim : shape) product *= dim;
  return product;
}

std::string tensor_text(const TfliteModel& model, std::int32_t tensor) {
  constexpr std::size_t kShown = 80;
  std::string text = "tensor " + std::to_string(tensor);
  const std::string& name = model.tensors[static_cast<std::size_t>(tensor)].name;
  if (!name.empty()) text += " '" + printable(name.substr(0, kShown)) + "'";
  return text;
}

std::vector<std::int64_t> tensor_ints(const TfliteModel& model, std::int32_t tensor) {
  const TfliteTensor& of = model.tensors[static_cast<std::size_t>(tensor)];
  const std::string_view bytes = model.bytes(of);
  switch (of.type) {
    case TfliteType::kInt8:
      return numbers_of<std::int8_t, std::int64_t>(bytes);
    case TfliteType::kUint8:
      return numbers_of<std::uint8_t, std::int64_t>(bytes);
    case TfliteType::kInt16:
      return numbers_of<std::int16_t, std::int64_t>(bytes);
    case TfliteType::kInt32:
      return numbers_of<std::int32_t, std::int64_t>(bytes);
    case TfliteType::kInt64:
      return numbers_of<std::int64_t, std::int64_t>(bytes);
    default:
      fail_type(model, tensor);
  }
}

std::vector<float> tensor_reals(const TfliteModel& model, std::int32_t tensor) {
  const TfliteTensor& of = model.tensors[static_cast<std::size_t>(tensor)];
  const std::string_view bytes = model.bytes(of);
  std::vector<float> values;
  switch (of.type) {
    case TfliteType::kFloat32:
      return numbers_of<float, float>(bytes);
    case TfliteType::kFloat64:
      return numbers_of<double, float>(bytes);
    case TfliteType::kInt8:
      values = numbers_of<std::int8_t, float>(bytes);
      break;
    case TfliteType::kUint8:
      values = numbers_of<std::uint8_t, float>(bytes);
      break;
    case TfliteType::kInt16:
      values = numbers_of<std::int16_t, float>(bytes);
      break;
    case TfliteType::kInt32:
      values = numbers_of<std::int32_t, float>(bytes);
      break;
    case TfliteType::kInt64:
      values = numbers_of<std::int64_t, float>(bytes);
      break;
    default:
      fail_type(model, tensor);
  }
  dequantise(of, values);
  return values;
}

bool same_model(const TfliteModel& a, const TfliteModel& b) {
  const auto same_bytes = [](const TfliteBuffer& x, const TfliteBuffer& y) {
    return x.bytes == y.bytes;
  };
  return a.version == b.version && a.description == b.description && a.tensors == b.tensors &&
         a.operators == b.operators && a.inputs == b.inputs && a.outputs == b.outputs &&
         a.name == b.name && a.metadata == b.metadata && a.subgraphs == b.subgraphs &&
         std::ranges::equal(a.buffers, b.buffers, same_bytes);
}

}  // namespace nas
