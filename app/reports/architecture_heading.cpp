#include "app/reports/architecture_heading.h"

#include "core/util/text.h"

namespace nas {

NetworkFacts network_facts(const SearchSpace& space, const ArchGraph& graph) {
  const GraphCost cost = graph_cost(graph);
  return {cost.params, published_macs(space.info(), cost), activation_memory(graph).peak_bytes};
}

namespace {

std::string facts_line(const NetworkFacts& facts) {
  return format_count(facts.params) + " parameters · " + format_count(facts.macs) +
         " MACs · peak activations " + format_bytes(facts.peak_activation_bytes);
}

}  // namespace

SvgHeading architecture_heading(const SearchSpace& space, const std::string& text,
                                const ArchGraph& graph, const std::string& network) {
  return {space.info().name, {text, facts_line(network_facts(space, graph)), network}};
}

SvgHeading file_heading(const std::string& file, const ArchGraph& graph,
                        const std::string& network) {
  const GraphCost cost = graph_cost(graph);
  const NetworkFacts facts{cost.params, cost.macs, activation_memory(graph).peak_bytes};
  return {file, {facts_line(facts), network}};
}

}  // namespace nas
