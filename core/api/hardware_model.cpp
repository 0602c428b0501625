#include "core/api/hardware_model.h"

#include "core/util/error.h"

namespace nas {
namespace {

/// Calls visit(row, choices of the term's decisions) for every entry of a term's table.
template <class Visit>
void for_each_entry(const ElasticValue& term, Visit&& visit) {
  const std::span<const std::uint16_t> sizes = term.sizes();
  std::vector<std::uint16_t> choices(sizes.size());
  for (std::size_t row = 0; row < term.values().size(); ++row) {
    visit(row, Choices(choices));
    for (std::size_t i = sizes.size(); i-- > 0;) {
      if (++choices[i] < sizes[i]) break;
      choices[i] = 0;
    }
  }
}

double probability(const ChoiceProbabilities& probabilities, DecisionId decision,
                   std::uint16_t choice) {
  NAS_CHECK(decision < probabilities.size() && choice < probabilities[decision].size(),
            "a probability for each choice");
  return probabilities[decision][choice];
}

}  // namespace

double AdditiveCost::at(Choices choices) const {
  double sum = fixed;
  for (const ElasticValue& term : terms) sum += term.at(choices).as_real();
  return sum;
}

double AdditiveCost::expected(const ChoiceProbabilities& probabilities) const {
  double sum = fixed;
  for (const ElasticValue& term : terms) {
    for_each_entry(term, [&](std::size_t row, Choices choices) {
      double product = term.values()[row].as_real();
      for (std::size_t i = 0; i < choices.size(); ++i) {
        product *= probability(probabilities, term.decisions()[i], choices[i]);
      }
      sum += product;
    });
  }
  return sum;
}

ChoiceProbabilities AdditiveCost::gradient(const ChoiceProbabilities& probabilities) const {
  ChoiceProbabilities gradient;
  for (const std::vector<double>& choices : probabilities) gradient.emplace_back(choices.size());
  for (const ElasticValue& term : terms) {
    for_each_entry(term, [&](std::size_t row, Choices choices) {
      for (std::size_t of = 0; of < choices.size(); ++of) {
        double product = term.values()[row].as_real();
        for (std::size_t i = 0; i < choices.size(); ++i) {
          if (i != of) product *= probability(probabilities, term.decisions()[i], choices[i]);
        }
        gradient[term.decisions()[of]][choices[of]] += product;
      }
    });
  }
  return gradient;
}

}  // namespace nas
