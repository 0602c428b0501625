#include "core/api/derivation.h"

#include <algorithm>

#include "core/util/error.h"

namespace nas {
namespace {

[[noreturn]] void refuse(const SearchSpace& space, const std::string& why) {
  throw Error(ErrorKind::kUnsupported,
              "space '" + space.info().name +
                  "' has no rule that makes an architecture of mixtures: " + why);
}

/// Throws where a selector depends on other than one decision.
DecisionId decision_of(const SearchSpace& space, const ElasticValue& selector) {
  if (selector.decisions().size() != 1) {
    refuse(space, "one of its choices depends on " + std::to_string(selector.decisions().size()) +
                      " decisions");
  }
  return selector.decisions().front();
}

}  // namespace

Architecture derive(const SearchSpace& space, std::span<const ChoiceWeights> weights) {
  if (const auto* own = dynamic_cast<const DerivesArchitectures*>(&space)) {
    return own->derive(weights);
  }
  const std::span<const Decision> decisions = space.decisions();
  std::vector<std::vector<double>> scores(decisions.size());
  for (const ChoiceWeights& choice : weights) {
    const DecisionId decision = decision_of(space, choice.selector);
    const std::span<const AttrValue> alternatives = choice.selector.values();
    scores[decision].resize(alternatives.size(), 1);
    for (std::size_t c = 0; c < alternatives.size(); ++c) {
      scores[decision][c] *= choice.weights.at(static_cast<std::size_t>(alternatives[c].as_int()));
    }
  }
  Architecture architecture{space.info().name, {}};
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (scores[i].empty() && decisions[i].choices.size() > 1) {
      refuse(space, "decision '" + decisions[i].name + "' is no choice among operations");
    }
    const auto best = std::ranges::max_element(scores[i]);
    architecture.choices.push_back(static_cast<std::uint16_t>(best - scores[i].begin()));
  }
  make_canonical(space, architecture);
  return architecture;
}

std::vector<std::string> alternative_names(const SearchSpace& space, const ElasticValue& selector) {
  if (const auto* own = dynamic_cast<const DerivesArchitectures*>(&space)) {
    return own->alternative_names(selector);
  }
  const Decision& decision = space.decisions()[decision_of(space, selector)];
  std::vector<std::string> names;
  const std::span<const AttrValue> alternatives = selector.values();
  for (std::size_t c = 0; c < alternatives.size(); ++c) {
    const auto alternative = static_cast<std::size_t>(alternatives[c].as_int());
    names.resize(std::max(names.size(), alternative + 1));
    std::string& name = names[alternative];
    name += (name.empty() ? "" : "|") + decision.choices[c];
  }
  for (std::string& name : names) std::ranges::replace(name, ' ', '_');
  return names;
}

}  // namespace nas
