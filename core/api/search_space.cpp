#include "core/api/search_space.h"

#include <algorithm>

namespace nas {
namespace {

// Long decimal numbers: digits from the lowest up.
class Decimal {
 public:
  void multiply(std::size_t factor) {
    std::size_t carry = 0;
    for (std::uint8_t& digit : digits_) {
      carry += digit * factor;
      digit = static_cast<std::uint8_t>(carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) digits_.push_back(static_cast<std::uint8_t>(carry % 10));
  }

  std::string text() const {
    std::string text;
    for (auto digit = digits_.rbegin(); digit != digits_.rend(); ++digit) {
      text += static_cast<char>('0' + *digit);
    }
    return text;
  }

 private:
  std::vector<std::uint8_t> digits_{1};
};

// The next combination of choices, last decision fastest; false after the last one.
bool advance(std::span<const Decision> decisions, std::vector<std::uint16_t>& choices) {
  for (std::size_t i = choices.size(); i-- > 0;) {
    if (++choices[i] < decisions[i].choices.size()) return true;
    choices[i] = 0;
  }
  return false;
}

std::vector<std::uint16_t> draw_choices(std::span<const Decision> decisions, Rng& rng) {
  std::vector<std::uint16_t> choices;
  for (const Decision& decision : decisions) {
    choices.push_back(static_cast<std::uint16_t>(rng.below(decision.choices.size())));
  }
  return choices;
}

// Whether some of many drawn combinations is objected to: objections of real spaces are not rare.
bool seems_restricted(const SearchSpace& space) {
  constexpr int kDraws = 1000;
  Rng rng({.seed = 0, .study = stable_hash("count"), .trial = 0, .purpose = Purpose::kSample});
  for (int i = 0; i < kDraws; ++i) {
    if (space.objection(draw_choices(space.decisions(), rng))) return true;
  }
  return false;
}

std::uint64_t count_by_enumeration(const SearchSpace& space) {
  std::uint64_t valid = 0;
  std::vector<std::uint16_t> choices(space.decisions().size(), 0);
  do {
    if (!space.objection(choices)) ++valid;
  } while (advance(space.decisions(), choices));
  return valid;
}

}  // namespace

std::optional<std::string> SearchSpace::objection(Choices) const {
  return std::nullopt;
}

Task SearchSpace::settle(const Task& task) const {
  return task;
}

std::string network_text(const SearchSpace& space, const Task& task) {
  return task_text(space.settle(task), space.info().network_settings);
}

std::vector<std::string> chosen_names(const SearchSpace& space, const Architecture& architecture) {
  const std::span<const Decision> decisions = space.decisions();
  const std::vector<bool> active = active_decisions(space, architecture.choices);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    names.push_back(active[i] ? decisions[i].choices[architecture.choices[i]] : "no effect");
  }
  return names;
}

void make_canonical(const SearchSpace& space, Architecture& architecture) {
  const auto* conditional = dynamic_cast<const ConditionalDecisions*>(&space);
  if (conditional == nullptr) return;
  const std::vector<bool> active = conditional->active(architecture.choices);
  for (std::size_t i = 0; i < active.size(); ++i) {
    if (!active[i]) architecture.choices[i] = 0;
  }
}

Architecture sample(const SearchSpace& space, Rng& rng) {
  constexpr int kMostRejections = 1'000'000;
  for (int i = 0; i < kMostRejections; ++i) {
    Architecture architecture{space.info().name, draw_choices(space.decisions(), rng)};
    make_canonical(space, architecture);
    if (!space.objection(architecture.choices)) return architecture;
  }
  throw Error(ErrorKind::kInternal,
              "space '" + space.info().name + "': a million drawn architectures were all invalid");
}

std::vector<Architecture> neighbours(const SearchSpace& space, const Architecture& architecture) {
  validate(space, architecture);
  std::vector<Architecture> found;
  const std::span<const Decision> decisions = space.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    for (std::size_t choice = 0; choice < decisions[i].choices.size(); ++choice) {
      Architecture changed = architecture;
      changed.choices[i] = static_cast<std::uint16_t>(choice);
      make_canonical(space, changed);
      if (changed == architecture || space.objection(changed.choices)) continue;
      found.push_back(std::move(changed));
    }
  }
  return found;
}

Architecture mutate(const SearchSpace& space, const Architecture& architecture, Rng& rng) {
  validate(space, architecture);
  const std::span<const Decision> decisions = space.decisions();
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (decisions[i].choices.size() > 1) open.push_back(i);
  }
  constexpr int kMostRejections = 1000;
  for (int i = 0; i < kMostRejections && !open.empty(); ++i) {
    Architecture changed = architecture;
    const std::size_t decision = open[rng.below(open.size())];
    const std::uint64_t step = 1 + rng.below(decisions[decision].choices.size() - 1);
    std::uint16_t& choice = changed.choices[decision];
    choice = static_cast<std::uint16_t>((choice + step) % decisions[decision].choices.size());
    make_canonical(space, changed);
    if (changed != architecture && !space.objection(changed.choices)) return changed;
  }
  std::vector<Architecture> all = neighbours(space, architecture);
  if (all.empty()) {
    throw Error(ErrorKind::kUnsupported, "space '" + space.info().name + "': '" +
                                             space.format(architecture) +
                                             "' has no neighbour to mutate into");
  }
  return all[rng.below(all.size())];
}

SpaceCount count(const SearchSpace& space) {
  constexpr double kMostEnumerated = 100'000;
  if (const auto* indexed = dynamic_cast<const IndexedSpace*>(&space)) {
    const std::uint64_t size = indexed->size();
    return {static_cast<double>(size), std::to_string(size), true};
  }
  SpaceCount result{.value = 1, .digits = {}, .exact = true};
  Decimal product;
  for (const Decision& decision : space.decisions()) {
    product.multiply(decision.choices.size());
    result.value *= static_cast<double>(decision.choices.size());
  }
  if (result.value <= kMostEnumerated) {
    const std::uint64_t valid = count_by_enumeration(space);
    return {static_cast<double>(valid), std::to_string(valid), true};
  }
  result.digits = product.text();
  result.exact = !seems_restricted(space);
  return result;
}

std::int64_t published_macs(const SpaceInfo& info, const GraphCost& cost) {
  return cost.macs + (info.macs_count_bias ? cost.bias_macs : 0) +
         (info.macs_count_norm ? cost.norm_macs : 0);
}

void validate(const SearchSpace& space, const Architecture& architecture) {
  const std::string& name = space.info().name;
  if (architecture.space != name) {
    throw Error(ErrorKind::kUsage, "space '" + name + "': the architecture belongs to space '" +
                                       printable(architecture.space) + "'");
  }
  const std::span<const Decision> decisions = space.decisions();
  if (architecture.choices.size() != decisions.size()) {
    throw Error(ErrorKind::kUsage, "space '" + name +
                                       "': " + std::to_string(architecture.choices.size()) +
                                       " choices, expected " + std::to_string(decisions.size()));
  }
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    if (architecture.choices[i] < decisions[i].choices.size()) continue;
    throw Error(ErrorKind::kUsage, "space '" + name + "': decision '" + decisions[i].name +
                                       "' = " + std::to_string(architecture.choices[i]) +
                                       ", must be in [0, " +
                                       std::to_string(decisions[i].choices.size() - 1) + "]");
  }
  if (const auto reason = space.objection(architecture.choices)) {
    throw Error(ErrorKind::kUsage, "space '" + name + "': " + *reason);
  }
}

}  // namespace nas
