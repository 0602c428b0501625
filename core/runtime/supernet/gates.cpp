#include "core/runtime/supernet/gates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nas {

std::vector<double> gate_gradient(std::span<const double> probabilities,
                                  std::span<const double> gates) {
  return softmax_gradient(probabilities, gates);
}

void keep_pair_share(std::span<double> alphas, std::array<std::size_t, 2> pair,
                     std::array<double, 2> before) {
  const auto log_sum = [](double a, double b) {
    return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
  };
  const double offset = log_sum(alphas[pair[0]], alphas[pair[1]]) - log_sum(before[0], before[1]);
  for (const std::size_t i : pair) alphas[i] -= offset;
}

std::vector<std::uint16_t> draw_path(const ArchVectors& parameters, Rng& rng) {
  std::vector<std::uint16_t> path;
  for (const auto& alphas : parameters.alphas) {
    path.push_back(static_cast<std::uint16_t>(weighted_draw(softmax(alphas), rng)));
  }
  return path;
}

double path_reward(double accuracy, double cost, double reference) {
  constexpr double kExponent = 0.1;  // released code, rl_tradeoff_ratio
  return reference > 0 ? accuracy * std::pow(reference / cost, kExponent) : accuracy;
}

double moved_baseline(double baseline, bool is_first, double mean, double decay) {
  return is_first ? mean : baseline + decay * (mean - baseline);
}

ArchVectors policy_gradient(const ArchVectors& parameters,
                            std::span<const std::vector<std::uint16_t>> paths,
                            std::span<const double> rewards, double baseline) {
  ArchVectors result;
  for (const auto& alphas : parameters.alphas) result.alphas.emplace_back(alphas.size(), 0.0);
  for (const auto& betas : parameters.betas) result.betas.emplace_back(betas.size(), 0.0);
  for (std::size_t g = 0; g < parameters.alphas.size(); ++g) {
    const std::vector<double> p = softmax(parameters.alphas[g]);
    for (std::size_t j = 0; j < paths.size(); ++j) {
      const double weight = (rewards[j] - baseline) / static_cast<double>(paths.size());
      for (std::size_t i = 0; i < p.size(); ++i) {
        result.alphas[g][i] += weight * (p[i] - (paths[j][g] == i ? 1 : 0));
      }
    }
  }
  return result;
}

namespace {

class Gates final : public Relaxation {
 public:
  Gates(GateMode mode, const LatencyLoss& latency, const ChoiceGroups& groups)
      : mode_(mode), latency_(latency), groups_(groups) {
    if (latency.kind != "none") latency_.cost = by_group(latency.cost, groups);
    combine(latency_, 1, latency.reference);  // says what cannot be
  }

  MixDraw weight_draw(const ArchVectors& parameters, double, Rng& rng) const override {
    MixDraw draw = empty(parameters);
    for (const std::uint16_t index : draw_path(parameters, rng)) {
      draw.present.push_back({index});
      draw.weights.alphas.push_back({1});
    }
    return draw;
  }

  /// drawn: by group the active alternative, then the probabilities of all (those of the pair in
  /// mode two, 0 elsewhere).
  MixDraw search_draw(const ArchVectors& parameters, double, Rng& rng) const override {
    MixDraw draw = empty(parameters);
    for (const auto& alphas : parameters.alphas) {
      const std::vector<double> p = softmax(alphas);
      if (mode_ == GateMode::kTwo && alphas.size() > 1) {
        draw_pair(alphas, p, rng, draw);
      } else {
        const std::size_t active = weighted_draw(p, rng);
        const bool all = mode_ == GateMode::kFull;
        std::vector<std::uint16_t>& present = draw.present.emplace_back();
        std::vector<double>& weights = draw.weights.alphas.emplace_back();
        for (std::size_t i = 0; i < p.size(); ++i) {
          if (!all && i != active) continue;
          present.push_back(static_cast<std::uint16_t>(i));
          weights.push_back(i == active ? 1 : 0);
        }
        note(draw, active, p);
      }
    }
    return draw;
  }

  ArchVectors gradient(const ArchVectors&, const MixDraw& draw,
                       const MixedLoss& loss) const override {
    std::vector<std::vector<double>> probabilities;
    for (const auto& drawn : draw.drawn) probabilities.emplace_back(drawn.begin() + 1, drawn.end());
    const bool costs = latency_.kind != "none";
    const double expected = costs ? expected_cost(latency_.cost, probabilities) : 0;
    const CombinedLoss combined = combine(latency_, loss.value, expected);
    ArchVectors result = zero_vectors(groups_);
    for (std::size_t g = 0; g < probabilities.size(); ++g) {
      const auto active = static_cast<std::size_t>(draw.drawn[g][0]);
      if (is_bypassed(groups_.choices[g], active)) {
        result.alphas[g].clear();
        continue;
      }
      std::vector<double> by_probability(probabilities[g].size(), 0.0);
      const std::vector<double>& gates = loss.gradient.alphas[g];
      if (gates.size() == by_probability.size()) {
        by_probability = gates;
      } else {
        for (std::size_t i = 0; i < gates.size(); ++i) {
          by_probability[draw.present[g][i]] = gates[i];
        }
      }
      for (std::size_t i = 0; i < by_probability.size(); ++i) {
        by_probability[i] *= combined.by_cross_entropy;
        if (costs) by_probability[i] += combined.by_cost * latency_.cost.alternatives[g][i];
      }
      result.alphas[g] = gate_gradient(probabilities[g], by_probability);
    }
    for (std::size_t i = 0; i < draw.weights.betas.size(); ++i) {
      result.betas[i] = softmax_gradient(draw.weights.betas[i], loss.gradient.betas[i]);
    }
    return result;
  }

  void settle(const MixDraw& draw, const ArchVectors& before, ArchVectors& now) const override {
    if (mode_ != GateMode::kTwo) return;
    for (std::size_t g = 0; g < draw.present.size(); ++g) {
      if (draw.present[g].size() != 2) continue;
      const std::size_t a = draw.present[g][0], b = draw.present[g][1];
      keep_pair_share(now.alphas[g], {a, b}, {before.alphas[g][a], before.alphas[g][b]});
    }
  }

  bool gates_of_absent() const override { return mode_ == GateMode::kOneByOne; }

 private:
  static MixDraw empty(const ArchVectors& parameters) {
    MixDraw draw;
    for (const auto& betas : parameters.betas) draw.weights.betas.push_back(softmax(betas));
    return draw;
  }

  /// Does nothing of the mixture run?
  static bool is_bypassed(const ChoiceGroup& group, std::size_t active) {
    const AlternativeKind kind = group.alternatives[active];
    return kind == AlternativeKind::kNone || (kind == AlternativeKind::kSkip && group.is_residual);
  }

  static void note(MixDraw& draw, std::size_t active, std::span<const double> p) {
    std::vector<double>& drawn = draw.drawn.emplace_back();
    drawn.push_back(static_cast<double>(active));
    drawn.insert(drawn.end(), p.begin(), p.end());
  }

  static void draw_pair(const std::vector<double>& alphas, const std::vector<double>& p, Rng& rng,
                        MixDraw& draw) {
    const std::size_t first = weighted_draw(p, rng);
    std::vector<double> others = p;
    others[first] = 0;
    // A share of nearly 1 leaves nothing to draw the second by.
    if (std::accumulate(others.begin(), others.end(), 0.0) < 1e-12) {
      for (std::size_t i = 0; i < others.size(); ++i) others[i] = i == first ? 0 : 1;
    }
    std::size_t second = weighted_draw(others, rng);
    if (second == first) second = first == 0 ? 1 : first - 1;
    const std::array<std::size_t, 2> pair{std::min(first, second), std::max(first, second)};
    const std::vector<double> q = softmax(std::array{alphas[pair[0]], alphas[pair[1]]});
    const std::size_t active = rng.uniform() < q[0] ? 0 : 1;
    std::vector<double> shares(p.size(), 0.0);
    std::vector<std::uint16_t>& present = draw.present.emplace_back();
    std::vector<double>& weights = draw.weights.alphas.emplace_back();
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      present.push_back(static_cast<std::uint16_t>(pair[i]));
      weights.push_back(i == active ? 1 : 0);
      shares[pair[i]] = q[i];
    }
    note(draw, pair[active], shares);
  }

  const GateMode mode_;
  LatencyLoss latency_;
  const ChoiceGroups& groups_;
};

}  // namespace

std::unique_ptr<Relaxation> make_gates(GateMode mode, const LatencyLoss& latency,
                                       const ChoiceGroups& groups) {
  return std::make_unique<Gates>(mode, latency, groups);
}

}  // namespace nas
