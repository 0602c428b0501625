#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
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
  explicit Shape(std::span<const std::int64_t> dims);  ///< Throws Error(kUsage) above kMaxRank

  std::size_t rank() const { return rank_; }
  std::int64_t operator[](std::size_t i) const { return dims_[i]; }
  std::int64_t& operator[](std::size_t i) { return dims_[i]; }
  std::span<const std::int64_t> dims() const { return {dims_.data(), rank_}; }
  /// Product of the dimensions (1 for rank 0); the largest int64 when it does not fit.
  std::int64_t elements() const;
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::int64_t, kMaxRank> dims_{};  // unused places stay 0, so that == can compare all
  std::uint8_t rank_ = 0;
};

enum class Element : std::uint8_t {
  kFloat,  ///< real numbers; 4 bytes when bytes are counted
  kIndex,  ///< integers (tokens, labels); 8 bytes
  kQubit,  ///< a quantum wire; shape is empty
};

struct TensorType {
  Element element = Element::kFloat;
  Shape shape;
  friend bool operator==(const TensorType&, const TensorType&) = default;
};

std::string to_string(const Shape& shape);      ///< "[3,32,32]"
std::string to_string(const TensorType& type);  ///< "float[3,32,32]"
/// Reads `to_string`'s form. Throws Error(kData).
TensorType parse_tensor_type(std::string_view text);

}  // namespace nas
