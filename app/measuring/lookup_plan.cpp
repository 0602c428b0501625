#include "app/measuring/lookup_plan.h"

#include <algorithm>

#include "core/api/decision_effects.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "hwmodels/lookup_keys.h"
#include "hwmodels/network_parts.h"
#include "hwmodels/running_nodes.h"

namespace nas {
namespace {

std::string key_of(const PartUse& use) {
  return own_dialect().key(use).value();
}

/// Choices of some decisions.
using Setting = std::vector<std::pair<DecisionId, std::uint16_t>>;

/// What makes a network have a part, for each key.
class Recipes {
 public:
  /// Those of the networks for which `fixed` holds.
  void add(const Blueprint& blueprint, const Setting& fixed) {
    const NetworkParts network = parts_of(blueprint);
    for (const NetworkPart& part : network.parts) {
      const DecisionSet set = decisions_of(network, part);
      set.for_each([&](Choices choices) {
        const auto use = use_of(network, part, choices);
        if (!use) return;
        Setting setting = fixed;
        for (const DecisionId id : set.decisions()) setting.emplace_back(id, choices[id]);
        std::vector<Setting>& known = settings_[key_of(*use)];
        if (known.size() < kMost) known.push_back(std::move(setting));
      });
    }
  }

  const std::map<std::string, std::vector<Setting>>& settings() const { return settings_; }

 private:
  static constexpr std::size_t kMost = 8;  // ways to the same part
  std::map<std::string, std::vector<Setting>> settings_;
};

class Planner {
 public:
  Planner(const SearchSpace& space, const LookupWish& wish)
      : space_(space), wish_(wish), rng_({.seed = wish.seed, .purpose = Purpose::kSample}) {
    add_recipes();
    for (const auto& [key, settings] : recipes_.settings()) plan_.uses[key] = 0;
  }

  LookupPlan run() {
    // Some parts are in no network that runs them: everything that reads them is zero.
    constexpr int kMostFruitless = 30;
    int fruitless = 0;
    while (fruitless < kMostFruitless && least() < wish_.repeats) {
      const Architecture architecture = next();
      if (count(architecture)) {
        plan_.networks.push_back(architecture);
        fruitless = 0;
      } else {
        ++fruitless;
      }
    }
    return std::move(plan_);
  }

 private:
  void add_recipes() {
    const auto decisions = space_.decisions();
    const auto resolution = std::find_if(decisions.begin(), decisions.end(), [](const auto& one) {
      return one.kind == DecisionKind::kResolution;
    });
    if (resolution == decisions.end()) {
      if (wish_.resolution) {
        throw Error(ErrorKind::kUsage, "space '" + space_.info().name +
                                           "' does not choose a resolution; say --input C,H,W");
      }
      return recipes_.add(blueprint_of(wish_.task), {});
    }
    const auto id = static_cast<DecisionId>(resolution - decisions.begin());
    bool found = false;
    for (std::uint16_t choice = 0; choice < resolution->choices.size(); ++choice) {
      const std::string& name = resolution->choices[choice];
      if (wish_.resolution && name != std::to_string(*wish_.resolution)) continue;
      found = true;
      Architecture sized = sample(space_, rng_);
      sized.choices[id] = choice;
      recipes_.add(blueprint_of(task_of(space_, sized, wish_.task)), {{id, choice}});
      resolutions_.push_back({id, choice});
    }
    if (found) return;
    throw Error(ErrorKind::kUsage,
                unknown_name("resolution", std::to_string(*wish_.resolution), resolution->choices));
  }

  Blueprint blueprint_of(const Task& task) const {
    std::optional<Blueprint> blueprint = space_.blueprint(task);
    if (blueprint) return *std::move(blueprint);
    throw Error(ErrorKind::kUnsupported, "space '" + space_.info().name +
                                             "' has no list of parts: its networks are not parts "
                                             "of one graph");
  }

  std::int64_t least() const {
    std::int64_t least = wish_.repeats;
    for (const auto& [key, uses] : plan_.uses) least = std::min(least, uses);
    return least;
  }

  /// A random network with as many as possible of the parts that are planned least.
  Architecture next() {
    Architecture architecture = sample(space_, rng_);
    std::map<DecisionId, std::uint16_t> fixed;
    if (!resolutions_.empty()) {
      const auto& [id, choice] = resolutions_[rng_.below(resolutions_.size())];
      architecture.choices[id] = choice;
      fixed[id] = choice;
    }
    std::vector<std::pair<std::int64_t, const std::vector<Setting>*>> wanted;
    for (const auto& [key, settings] : recipes_.settings()) {
      const std::int64_t uses = plan_.uses.at(key);
      if (uses < wish_.repeats) wanted.emplace_back(uses, &settings);
    }
    rng_.shuffle(std::span(wanted));
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [uses, settings] : wanted) take_one(*settings, fixed);
    Architecture wished = architecture;
    for (const auto& [id, choice] : fixed) wished.choices[id] = choice;
    make_canonical(space_, wished);
    return space_.objection(wished.choices) ? architecture : wished;
  }

  /// Fixes what makes a network have the part, if that is still open.
  void take_one(const std::vector<Setting>& settings, std::map<DecisionId, std::uint16_t>& fixed) {
    const std::size_t first = rng_.below(settings.size());
    for (std::size_t i = 0; i < settings.size(); ++i) {
      const Setting& setting = settings[(first + i) % settings.size()];
      const bool open = std::ranges::all_of(setting, [&](const auto& one) {
        const auto known = fixed.find(one.first);
        return known == fixed.end() || known->second == one.second;
      });
      if (!open) continue;
      for (const auto& [id, choice] : setting) fixed[id] = choice;
      return;
    }
  }

  /// Counts the parts that run; false where all of them had been planned often enough.
  bool count(const Architecture& architecture) {
    std::map<std::string, bool> running;
    for (const KeyedPart& part : keyed_parts(space_.build(architecture, wish_.task))) {
      if (part.runs) running[part.key] = true;
    }
    bool useful = false;
    for (const auto& [key, runs] : running) {
      const auto uses = plan_.uses.find(key);
      useful = useful || (uses != plan_.uses.end() && uses->second < wish_.repeats);
    }
    if (!useful) return false;
    for (const auto& [key, runs] : running) ++plan_.uses[key];
    return true;
  }

  const SearchSpace& space_;
  const LookupWish& wish_;
  Rng rng_;
  Recipes recipes_;
  Setting resolutions_;
  LookupPlan plan_;
};

}  // namespace

std::vector<KeyedPart> keyed_parts(const ArchGraph& graph) {
  const RunningNodes running(graph);
  const NetworkParts network = parts_of(graph);
  std::vector<KeyedPart> parts;
  for (const NetworkPart& part : network.parts) {
    const PartUse use = use_of(network, part, {}).value();
    parts.push_back({key_of(use), part.begin, part.end, running.any(part.begin, part.end)});
  }
  return parts;
}

LookupPlan plan_lookup(const SearchSpace& space, const LookupWish& wish) {
  return Planner(space, wish).run();
}

}  // namespace nas
