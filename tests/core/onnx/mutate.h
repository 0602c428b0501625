#pragma once

#include <string>

#include "core/util/rng.h"
#include "tests/damage.h"

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
    const std::uint64_t kind = rng.below(kDamages + 2);
    if (kind < kDamages) {
      damage(bytes, kind, at, other, length, rng);
    } else if (kind == kDamages) {
      bytes.replace(at, 1, "\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
    } else {
      bytes[at] = static_cast<char>(bytes[at] + (rng.bernoulli(0.5) ? 1 : -1));
    }
  }
  return bytes;
}

}  // namespace nas::test
