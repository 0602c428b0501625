#pragma once

#include <string>

#include "core/util/rng.h"

namespace nas::test {

/// A copy with one to four damages: a changed bit or byte, a run that is cut out, doubled or
/// overwritten by another one, an end that is missing, a number that is as large as can be. Most
/// stand before the weights' numbers, in which a change has no meaning.
inline std::string mutate(std::string bytes, Rng& rng) {
  const std::uint64_t damages = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < damages && !bytes.empty(); ++i) {
    const std::uint64_t area =
        rng.bernoulli(0.7) ? std::min<std::uint64_t>(bytes.size(), 3000) : bytes.size();
    const std::size_t at = rng.below(area), other = rng.below(area);
    const std::size_t length = std::min<std::size_t>(1 + rng.below(40), bytes.size() - at);
    switch (rng.below(8)) {
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
      case 5:
        if (rng.bernoulli(0.2)) bytes.resize(at);
        break;
      case 6:
        bytes.replace(at, 1, "\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] + (rng.bernoulli(0.5) ? 1 : -1));
        break;
    }
  }
  return bytes;
}

}  // namespace nas::test
