#include "predictors/ofa_encoding.h"

#include <algorithm>

#include "core/api/decision_effects.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

const std::vector<std::string> kKernels{"3", "5", "7"};
const std::vector<std::string> kRatios{"3", "4", "6"};
const std::vector<std::string> kResolutions{"112", "128", "144", "160", "176", "192", "208", "224"};

const std::vector<std::string> kResnetResolutions{"128", "144", "160", "176",
                                                  "192", "224", "240", "256"};
const std::vector<std::string> kStemDepths{"0", "2"};
const std::vector<std::string> kWidths{"0.65", "0.8", "1"};
const std::vector<std::string> kResnetRatios{"0.2", "0.25", "0.35"};

bool has_kind(const SearchSpace& space, DecisionKind kind) {
  return std::ranges::any_of(space.decisions(),
                             [&](const Decision& decision) { return decision.kind == kind; });
}

}  // namespace

OfaEncoding::OfaEncoding(const SearchSpace& space) : space_(&space) {
  const std::span<const Decision> decisions = space.decisions();
  for (const Decision& decision : decisions) {
    inputs_.emplace_back(decision.choices.size(), kNoInput);
  }
  const bool sized = has_kind(space, DecisionKind::kResolution) &&
                     has_kind(space, DecisionKind::kExpansion) &&
                     has_kind(space, DecisionKind::kDepth);
  if (sized && has_kind(space, DecisionKind::kKernel)) {
    add_all(DecisionKind::kKernel, kKernels);
    add_all(DecisionKind::kExpansion, kRatios);
    add_all(DecisionKind::kResolution, kResolutions);
  } else if (sized && has_kind(space, DecisionKind::kChannels)) {
    add_all(DecisionKind::kResolution, kResnetResolutions);
    const auto stem = std::ranges::find(decisions, "stem/depth", &Decision::name);
    if (stem != decisions.end())
      add(static_cast<DecisionId>(stem - decisions.begin()), kStemDepths);
    add_all(DecisionKind::kChannels, kWidths);
    add_all(DecisionKind::kExpansion, kResnetRatios);
  } else {
    for (DecisionId id = 0; id < decisions.size(); ++id) add(id, decisions[id].choices);
  }
}

void OfaEncoding::add(DecisionId decision, const std::vector<std::string>& names) {
  const std::vector<std::string>& choices = space_->decisions()[decision].choices;
  for (std::size_t choice = 0; choice < choices.size(); ++choice) {
    const auto place = std::ranges::find(names, choices[choice]);
    inputs_[decision][choice] =
        place == names.end()
            ? kUnknown
            : static_cast<std::int32_t>(width_) + static_cast<std::int32_t>(place - names.begin());
  }
  width_ += names.size();
}

void OfaEncoding::add_all(DecisionKind kind, const std::vector<std::string>& names) {
  for (DecisionId id = 0; id < space_->decisions().size(); ++id) {
    if (space_->decisions()[id].kind == kind) add(id, names);
  }
}

std::vector<float> OfaEncoding::encode(const Architecture& architecture) const {
  std::vector<float> row(width_, 0.0F);
  const std::vector<bool> active = active_decisions(*space_, architecture.choices);
  for (std::size_t id = 0; id < inputs_.size(); ++id) {
    if (!active[id]) continue;
    const std::int32_t input = inputs_[id][architecture.choices[id]];
    if (input == kUnknown) {
      const Decision& decision = space_->decisions()[id];
      throw Error(ErrorKind::kUsage,
                  decision.name + " " + decision.choices[architecture.choices[id]] +
                      " is not among those that the predictors of Once-for-All know; take the "
                      "space with grid=coarse");
    }
    if (input != kNoInput) row[static_cast<std::size_t>(input)] = 1.0F;
  }
  return row;
}

}  // namespace nas
