#include "predictors/zerocost/passes.h"

#include "predictors/zerocost/diswot_terms.h"
#include "predictors/zerocost/entries.h"

namespace nas {

void measure_network(const Measurement& measurement, Evidence& evidence) {
  torch_table<ZerocostTorch>().measure_network(measurement, evidence);
}

NetworkRelations network_relations(const ArchGraph& graph, const Measurement& measurement,
                                   const std::string& init, const RngKey& key) {
  return torch_table<ZerocostTorch>().network_relations(graph, measurement, init, key);
}

}  // namespace nas
