#include "core/ir/tensor_type.h"

#include <optional>
#include <string_view>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

struct ElementName {
  Element element;
  std::string_view name;
};
constexpr ElementName kElementNames[] = {
    {Element::kFloat, "float"},
    {Element::kIndex, "index"},
    {Element::kQubit, "qubit"},
    {Element::kInt8, "int8"},
};

[[noreturn]] void fail(std::string_view text) {
  throw Error(ErrorKind::kData, "tensor type '" + printable(text) +
                                    "' is not of the form float[3,32,32] (float, index, qubit or "
                                    "int8, then at most 4 dimensions >= 1)");
}

}  // namespace

void Shape::refuse(std::size_t rank) {
  throw Error(ErrorKind::kUsage,
              "a shape has at most 4 dimensions besides the batch, not " + std::to_string(rank));
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    text += (i == 0 ? "" : ",") + std::to_string(shape[i]);
  }
  return text + "]";
}

std::string to_string(const TensorType& type) {
  return std::string(kElementNames[static_cast<std::size_t>(type.element)].name) +
         to_string(type.shape);
}

TensorType parse_tensor_type(std::string_view text) {
  const std::size_t open = text.find('[');
  if (open == std::string_view::npos || text.back() != ']') {
    fail(text);
  }
  TensorType type;
  bool known = false;
  for (const ElementName& entry : kElementNames) {
    if (text.substr(0, open) == entry.name) {
      type.element = entry.element;
      known = true;
    }
  }
  const std::string_view list = text.substr(open + 1, text.size() - open - 2);
  const std::vector<std::string> fields =
      list.empty() ? std::vector<std::string>{} : split(list, ',');
  if (!known || fields.size() > Shape::kMaxRank) {
    fail(text);
  }
  std::array<std::int64_t, Shape::kMaxRank> dims{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::optional<std::int64_t> dim = parse_int(fields[i]);
    if (!dim || *dim < 1) {
      fail(text);
    }
    dims[i] = *dim;
  }
  type.shape = Shape(std::span<const std::int64_t>(dims).first(fields.size()));
  return type;
}

}  // namespace nas
