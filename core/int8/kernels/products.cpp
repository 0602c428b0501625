#include "core/int8/kernels/products.h"

namespace nas {
namespace {

// The loader picks the version for the processor; elsewhere there is one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__)
#define NAS_FOR_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define NAS_FOR_PROCESSOR
#endif

/// Four columns at once: each number of the row is loaded once.
NAS_FOR_PROCESSOR void products_of_four(const std::int16_t* row, const std::int16_t* columns,
                                        std::int64_t length, std::int32_t* out) {
  const std::int16_t *c0 = columns, *c1 = c0 + length, *c2 = c1 + length, *c3 = c2 + length;
  std::int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  for (std::int64_t k = 0; k < length; ++k) {
    const std::int32_t x = row[k];
    s0 += x * c0[k];
    s1 += x * c1[k];
    s2 += x * c2[k];
    s3 += x * c3[k];
  }
  out[0] = s0;
  out[1] = s1;
  out[2] = s2;
  out[3] = s3;
}

NAS_FOR_PROCESSOR std::int32_t product_of_one(const std::int16_t* row, const std::int16_t* column,
                                              std::int64_t length) {
  std::int32_t sum = 0;
  for (std::int64_t k = 0; k < length; ++k) sum += std::int32_t{row[k]} * column[k];
  return sum;
}

}  // namespace

void int16_products(std::span<const std::int16_t> left, std::span<const std::int16_t> right,
                    std::int64_t length, std::span<std::int32_t> out) {
  const auto rows = static_cast<std::int64_t>(left.size()) / length;
  const auto columns = static_cast<std::int64_t>(right.size()) / length;
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::int16_t* row = left.data() + r * length;
    std::int32_t* result = out.data() + r * columns;
    std::int64_t c = 0;
    for (; c + 4 <= columns; c += 4) {
      products_of_four(row, right.data() + c * length, length, result + c);
    }
    for (; c < columns; ++c) result[c] = product_of_one(row, right.data() + c * length, length);
  }
}

NAS_FOR_PROCESSOR void add_int16_products(const std::int16_t* left, const std::int16_t* right,
                                          std::int64_t length, std::int32_t* sums) {
  for (std::int64_t c = 0; c < length; ++c) sums[c] += std::int32_t{left[c]} * right[c];
}

}  // namespace nas
