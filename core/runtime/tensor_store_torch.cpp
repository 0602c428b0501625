#include "core/runtime/tensor_store_torch.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include <cstring>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

struct DtypeName {
  at::ScalarType type;
  std::string_view name;
};
constexpr DtypeName kNames[] = {
    {at::kFloat, "F32"}, {at::kDouble, "F64"}, {at::kLong, "I64"}, {at::kBFloat16, "BF16"}};

std::string dtype_name(at::ScalarType type) {
  for (const DtypeName& entry : kNames) {
    if (entry.type == type) return std::string(entry.name);
  }
  throw Error(ErrorKind::kUnsupported, "tensors of this element type cannot be stored");
}

std::string shape_text(at::IntArrayRef shape) {
  std::string text;
  for (const std::int64_t dim : shape) text += (text.empty() ? "" : ",") + std::to_string(dim);
  return "[" + text + "]";
}

}  // namespace

StoredTensor store_tensor(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
  StoredTensor stored{dtype_name(plain.scalar_type()), plain.sizes().vec(), {}};
  stored.bytes.assign(static_cast<const char*>(plain.data_ptr()), plain.nbytes());
  return stored;
}

void restore_tensor(const TensorFile& file, std::string_view file_name, const std::string& name,
                    at::Tensor& target) {
  const auto fail = [&](const std::string& text) {
    throw Error(ErrorKind::kData,
                std::string(file_name) + ": tensor '" + printable(name) + "' " + text);
  };
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) fail("is missing");
  const StoredTensor& stored = found->second;
  if (at::IntArrayRef(stored.shape) != target.sizes()) {
    fail("has shape " + shape_text(stored.shape) + ", expected " + shape_text(target.sizes()));
  }
  if (stored.dtype != dtype_name(target.scalar_type())) {
    fail("has type " + stored.dtype + ", expected " + dtype_name(target.scalar_type()));
  }
  at::Tensor plain = at::empty(target.sizes(), at::TensorOptions(target.scalar_type()));
  std::memcpy(plain.data_ptr(), stored.bytes.data(), stored.bytes.size());
  const c10::NoGradGuard no_grad;
  target.copy_(plain);
}

}  // namespace nas
