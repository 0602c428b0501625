#include "app/session/candidate.h"

#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/rng.h"

namespace nas {

Candidate identify(const SearchSpace& space, const Architecture& architecture) {
  Candidate candidate;
  candidate.architecture = architecture;
  candidate.text = space.format(architecture);
  try {
    const ArchGraph graph = space.build(architecture, space.info().default_task);
    const GraphCost cost = graph_cost(graph);
    candidate.digest = digest(graph);
    candidate.published_params = cost.params;
    candidate.published_macs = published_macs(space.info(), cost);
  } catch (const Error& error) {
    candidate.objection = error.what();
    const std::uint64_t hash = stable_hash(candidate.text);
    candidate.digest.words = {hash, stable_mix(hash, 1)};
  }
  return candidate;
}

}  // namespace nas
