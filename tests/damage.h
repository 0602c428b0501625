#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/util/rng.h"

namespace nas::test {

/// Kinds of damage that any file can suffer, for damage().
constexpr std::uint64_t kDamages = 6;

/// One damage at byte `at`: a changed bit or byte; `length` bytes cut out, doubled to `other` or
/// written over it; now and then a missing end.
inline void damage(std::string& bytes, std::uint64_t kind, std::size_t at, std::size_t other,
                   std::size_t length, Rng& rng) {
  switch (kind) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << rng.below(8)));
      break;
    case 1:
      bytes[at] = static_cast<char>(rng.below(256));
      break;
    case 2:
      bytes.erase(at, length);
      break;
    case 3:
      bytes.insert(other, bytes.substr(at, length));
      break;
    case 4:
      bytes.replace(other, std::min(length, bytes.size() - other), bytes.substr(at, length));
      break;
    default:
      if (rng.bernoulli(0.2)) bytes.resize(at);
  }
}

}  // namespace nas::test
