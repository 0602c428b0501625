#include "core/onnx/onnx_model.h"

#include <limits>

namespace nas {
namespace {

struct TypeName {
  OnnxType type;
  std::int64_t bytes;
  std::string_view name;
};
constexpr TypeName kTypes[] = {
    {OnnxType::kFloat, 4, "float"},   {OnnxType::kUint8, 1, "uint8"},
    {OnnxType::kInt8, 1, "int8"},     {OnnxType::kUint16, 2, "uint16"},
    {OnnxType::kInt16, 2, "int16"},   {OnnxType::kInt32, 4, "int32"},
    {OnnxType::kInt64, 8, "int64"},   {OnnxType::kString, 0, "string"},
    {OnnxType::kBool, 1, "bool"},     {OnnxType::kHalf, 2, "float16"},
    {OnnxType::kDouble, 8, "double"}, {OnnxType::kUint32, 4, "uint32"},
    {OnnxType::kUint64, 8, "uint64"}, {OnnxType::kBfloat16, 2, "bfloat16"},
};

}  // namespace

std::int64_t bytes_of(OnnxType type) {
  for (const TypeName& known : kTypes) {
    if (known.type == type) return known.bytes;
  }
  return 0;
}

bool is_real(OnnxType type) {
  return type == OnnxType::kFloat || type == OnnxType::kDouble || type == OnnxType::kHalf ||
         type == OnnxType::kBfloat16;
}

std::string to_string(OnnxType type) {
  for (const TypeName& known : kTypes) {
    if (known.type == type) return std::string(known.name);
  }
  return "type " + std::to_string(static_cast<std::int32_t>(type));
}

std::int64_t OnnxTensor::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t dim : dims) {
    if (__builtin_mul_overflow(product, dim, &product)) {
      return std::numeric_limits<std::int64_t>::max();
    }
  }
  return product;
}

std::int64_t OnnxModel::opset() const {
  for (const auto& [domain, version] : opsets) {
    if (is_standard_domain(domain)) return version;
  }
  return 0;
}

bool is_standard_domain(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx";
}

const OnnxAttribute* find_attribute(const OnnxNode& node, std::string_view name) {
  for (const OnnxAttribute& attribute : node.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

}  // namespace nas
