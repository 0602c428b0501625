#include "core/onnx/node_shapes.h"

#include <algorithm>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Dims = NodeShapes::Dims;
using Ints = NodeShapes::Ints;

constexpr std::int64_t kMostSize = std::int64_t{1} << 31;

}  // namespace

std::optional<Dims> NodeShapes::input(std::size_t index) const {
  if (index >= inputs()) return std::nullopt;
  const auto found = shapes_.find(node_.inputs[index]);
  if (found == shapes_.end()) return std::nullopt;
  Ints sizes;
  for (const OnnxDim& dim : found->second) sizes.push_back(dim.value);
  check_sizes(sizes);
  return found->second;
}

std::optional<Ints> NodeShapes::constant(std::size_t index) const {
  return index < constants_.size() ? constants_[index] : std::nullopt;
}

std::int64_t NodeShapes::integer(std::string_view name, std::int64_t otherwise) const {
  const OnnxAttribute* found = find_attribute(node_, name);
  return found == nullptr ? otherwise : found->integer;
}

std::optional<Ints> NodeShapes::ints(std::string_view name) const {
  const OnnxAttribute* found = find_attribute(node_, name);
  return found == nullptr ? std::nullopt : std::optional(found->ints);
}

std::optional<Ints> NodeShapes::ints(std::string_view name, std::size_t index) const {
  const auto attribute = ints(name);
  return attribute ? attribute : constant(index);
}

std::size_t NodeShapes::axis(std::int64_t axis, std::size_t rank) const {
  const auto all = static_cast<std::int64_t>(rank);
  if (axis < -all || axis >= all) {
    wrong("axis = " + std::to_string(axis) + " of a value with " + std::to_string(rank) +
          " dimensions");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + all : axis);
}

void NodeShapes::wrong(const std::string& what) const {
  throw Error(ErrorKind::kData,
              "node '" + printable(node_.name) + "' (" + printable(node_.op_type) + "): " + what);
}

void NodeShapes::check_sizes(const Ints& numbers) const {
  for (const std::int64_t number : numbers) {
    if (number < -kMostSize || number > kMostSize) {
      wrong("a size of " + std::to_string(number) + " is out of range");
    }
  }
}

}  // namespace nas
