#pragma once

#include <bit>
#include <string>
#include <type_traits>
#include <vector>

#include "core/util/hash.h"

namespace nas {

/// SHA-256 of numbers as they lie in memory: the same on all machines that we support.
template <class Number>
std::string sha256_of(const std::vector<Number>& numbers) {
  static_assert(std::is_arithmetic_v<Number> && std::endian::native == std::endian::little);
  return sha256_hex(
      {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)});
}

}  // namespace nas
