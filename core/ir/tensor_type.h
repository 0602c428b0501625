#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace nas {

/// Dimensions of one sample: the batch is never written, it leads implicitly (images are [C, H, W],
/// feature vectors [F], sequences [T, F] or [C, T]). At most kMaxRank dimensions, stored in place.
class Shape {
 public:
  static constexpr std::size_t kMaxRank = 4;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : Shape(std::span(dims.begin(), dims.size())) {}
  /// Throws Error(kUsage) above kMaxRank.
  explicit Shape(std::span<const std::int64_t> dims) {
    if (dims.size() > kMaxRank) refuse(dims.size());
    for (const std::int64_t dim : dims) dims_[rank_++] = dim;
  }

  std::size_t rank() const { return rank_; }
  std::int64_t operator[](std::size_t i) const { return dims_[i]; }
  std::int64_t& operator[](std::size_t i) { return dims_[i]; }
  std::span<const std::int64_t> dims() const { return {dims_.data(), rank_}; }
  /// Product of the dimensions (1 for rank 0); the largest int64 when it does not fit.
  std::int64_t elements() const {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < rank_; ++i) {
      if (__builtin_mul_overflow(product, dims_[i], &product)) {
        return std::numeric_limits<std::int64_t>::max();
      }
    }
    return product;
  }
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  [[noreturn]] static void refuse(std::size_t rank);

  std::array<std::int64_t, kMaxRank> dims_{};  // unused places stay 0, so that == can compare all
  std::uint8_t rank_ = 0;
};

/// What a tensor holds. Digests count the number of an entry: new ones come last.
enum class Element : std::uint8_t {
  kFloat,  ///< real numbers in single precision
  kIndex,  ///< integers of 64 bits (tokens, labels)
  kQubit,  ///< a quantum wire; shape is empty
  kInt8,   ///< quantised numbers
};

/// Of one element in memory; 0 for a quantum wire.
constexpr std::int64_t bytes_of(Element element) {
  switch (element) {
    case Element::kFloat:
      return 4;
    case Element::kIndex:
      return 8;
    case Element::kQubit:
      return 0;
    case Element::kInt8:
      return 1;
  }
  return 0;
}

struct TensorType {
  Element element = Element::kFloat;
  Shape shape;
  friend bool operator==(const TensorType&, const TensorType&) = default;
};

inline std::int64_t bytes_of(const TensorType& type) {
  return bytes_of(type.element) * type.shape.elements();
}

std::string to_string(const Shape& shape);      ///< "[3,32,32]"
std::string to_string(const TensorType& type);  ///< "float[3,32,32]"
/// Reads `to_string`'s form. Throws Error(kData).
TensorType parse_tensor_type(std::string_view text);

}  // namespace nas
