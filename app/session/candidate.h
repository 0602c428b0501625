#pragma once

#include <cstdint>
#include <string>

#include "core/api/search_space.h"
#include "core/ir/same/digest.h"

namespace nas {

/// A proposal, identified: what the store keeps of an architecture.
struct Candidate {
  Architecture architecture;
  std::string text;
  Digest digest;                      ///< of the network for the space's default task
  std::int64_t published_params = 0;  ///< of the same network
  std::int64_t published_macs = 0;
  std::string objection;    ///< why it cannot be built; then the digest is of the text
  std::int64_t epochs = 0;  ///< as proposed
};
Candidate identify(const SearchSpace& space, const Architecture& architecture);

}  // namespace nas
