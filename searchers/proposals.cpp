#include "searchers/proposals.h"

namespace nas {

Proposals::Proposals(const SearchSetup& setup)
    : space_(&setup.space), seed_(setup.seed), study_(setup.study) {
  constexpr double kMostEverProposed = 1e9;
  const SpaceCount size = count(setup.space);
  if (size.exact && size.value < kMostEverProposed) {
    space_size_ = static_cast<std::size_t>(size.value);
  }
}

Rng Proposals::rng(std::int64_t number) const {
  return Rng({.seed = seed_,
              .study = study_,
              .trial = static_cast<std::uint64_t>(number),
              .purpose = Purpose::kSearch});
}

Architecture Proposals::draw_new(Rng& rng) const {
  constexpr int kDraws = 1000;
  Architecture architecture = sample(*space_, rng);
  for (int i = 1; i < kDraws && seen(architecture); ++i) architecture = sample(*space_, rng);
  return architecture;
}

}  // namespace nas
