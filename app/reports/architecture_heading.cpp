#include "app/reports/architecture_heading.h"

#include "core/util/text.h"

namespace nas {

NetworkFacts network_facts(const SearchSpace& space, const ArchGraph& graph) {
  const GraphCost cost = graph_cost(graph);
  return {cost.params, published_macs(space.info(), cost), activation_memory(graph).peak_bytes};
}

SvgHeading architecture_heading(const SearchSpace& space, const std::string& text,
                                const ArchGraph& graph, const std::string& network) {
  const NetworkFacts facts = network_facts(space, graph);
  return {space.info().name,
          {text,
           format_count(facts.params) + " parameters · " + format_count(facts.macs) +
               " MACs · peak activations " + format_bytes(facts.peak_activation_bytes),
           network}};
}

}  // namespace nas
