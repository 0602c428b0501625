#include "core/runtime/supernet/alternative_costs.h"

#include <algorithm>
#include <cmath>

#include "core/ops/registry.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

AlternativeCosts alternative_macs(const Blueprint& blueprint) {
  const Alternatives all = all_alternatives(blueprint);
  const TracedGraph traced = mixture(blueprint, all);
  AlternativeCosts cost;
  for (const auto& alternatives : all) cost.alternatives.emplace_back(alternatives.size(), 0.0);
  for (NodeId node = 0; node < traced.graph.size(); ++node) {
    const BlueprintNode& source = blueprint.nodes[traced.origin[node]];
    if (source.guards.size() > 1) {
      throw Error(ErrorKind::kUnsupported,
                  "in '" + source.scope + "': a choice within a choice has no additive cost");
    }
    const auto macs = static_cast<double>(traced.graph.cost(node).macs);
    if (source.guards.empty()) {
      cost.fixed += macs;
    } else {
      const Guard& guard = source.guards.front();
      cost.alternatives[guard.selector][static_cast<std::size_t>(guard.alternative)] += macs;
    }
  }
  return cost;
}

AlternativeCosts costs_of_terms(double fixed, std::span<const ElasticValue> terms,
                                const Blueprint& blueprint) {
  AlternativeCosts cost{fixed, {}};
  for (const auto& alternatives : all_alternatives(blueprint)) {
    cost.alternatives.emplace_back(alternatives.size(), 0.0);
  }
  for (const ElasticValue& term : terms) {
    if (term.is_constant()) {
      cost.fixed += term.values()[0].as_real();
      continue;
    }
    const auto found = std::ranges::find_if(blueprint.selectors, [&](const ElasticValue& selector) {
      return term.decisions().size() == 1 &&
             std::ranges::equal(selector.decisions(), term.decisions());
    });
    if (found == blueprint.selectors.end()) {
      throw Error(ErrorKind::kUnsupported,
                  "a part of the cost depends on " + std::to_string(term.decisions().size()) +
                      " decisions that are no single choice among operations");
    }
    std::vector<double>& costs =
        cost.alternatives[static_cast<std::size_t>(found - blueprint.selectors.begin())];
    for (std::size_t c = 0; c < term.values().size(); ++c) {
      costs[static_cast<std::size_t>(found->values()[c].as_int())] += term.values()[c].as_real();
    }
  }
  return cost;
}

AlternativeCosts by_group(const AlternativeCosts& cost, const ChoiceGroups& groups) {
  AlternativeCosts result{cost.fixed, {}};
  for (const ChoiceGroup& group : groups.choices) {
    result.alternatives.emplace_back(group.alternatives.size(), 0.0);
  }
  bool fits = cost.alternatives.size() == groups.of_selector.size();
  for (std::size_t s = 0; fits && s < groups.of_selector.size(); ++s) {
    if (groups.of_selector[s] == ChoiceGroups::kNone) continue;
    std::vector<double>& sum = result.alternatives[groups.of_selector[s]];
    fits = cost.alternatives[s].size() == sum.size();
    for (std::size_t i = 0; fits && i < sum.size(); ++i) sum[i] += cost.alternatives[s][i];
  }
  if (!fits) throw Error(ErrorKind::kUsage, "the costs are those of another supernet");
  return result;
}

double expected_cost(const AlternativeCosts& cost,
                     const std::vector<std::vector<double>>& probabilities) {
  double sum = cost.fixed;
  for (std::size_t g = 0; g < probabilities.size(); ++g) {
    for (std::size_t i = 0; i < probabilities[g].size(); ++i) {
      sum += probabilities[g][i] * cost.alternatives[g][i];
    }
  }
  return sum;
}

CombinedLoss combine(const LatencyLoss& loss, double cross_entropy, double expected) {
  if (loss.kind == "none") return {cross_entropy, 1, 0};
  if (loss.kind == "cost") return {expected, 0, 1};
  if (loss.kind == "reward" || loss.kind == "add_linear") {
    if (loss.reference <= 0) throw Error(ErrorKind::kUsage, loss.kind + " needs a reference > 0");
    if (loss.kind == "reward") return {cross_entropy, 1, 0};
    return {cross_entropy + loss.lambda * (expected - loss.reference) / loss.reference, 1,
            loss.lambda / loss.reference};
  }
  if (loss.kind != "mul_log") {
    const std::string known[] = {"none", "mul_log", "add_linear", "cost", "reward"};
    throw Error(ErrorKind::kUsage, unknown_name("latency loss", loss.kind, known));
  }
  if (loss.reference <= 1 || expected <= 1) {
    throw Error(ErrorKind::kUsage, "mul_log needs a reference and a cost above 1, has " +
                                       format_short(loss.reference) + " and " +
                                       format_short(expected));
  }
  const double ratio = std::log(expected) / std::log(loss.reference);
  const double factor = loss.factor * std::pow(ratio, loss.exponent);
  return {factor * cross_entropy, factor,
          factor * cross_entropy * loss.exponent / (ratio * expected * std::log(loss.reference))};
}

}  // namespace nas
