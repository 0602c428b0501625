#include "core/runtime/supernet/relaxation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/runtime/supernet/gates.h"
#include "core/util/error.h"
#include "core/util/gamma.h"
#include "core/util/text.h"

namespace nas {

ArchVectors Relaxation::shares(const ArchVectors& parameters) const {
  ArchVectors shares;
  for (const auto& alphas : parameters.alphas) shares.alphas.push_back(softmax(alphas));
  for (const auto& betas : parameters.betas) shares.betas.push_back(softmax(betas));
  return shares;
}

namespace {

std::vector<std::uint16_t> all_of(std::size_t count) {
  std::vector<std::uint16_t> list(count);
  std::iota(list.begin(), list.end(), std::uint16_t{0});
  return list;
}

/// Terms of sums have softmax weights in every relaxation (PC-DARTS, section 3.2).
std::vector<std::vector<double>> sum_weights(const ArchVectors& parameters) {
  std::vector<std::vector<double>> weights;
  for (const auto& betas : parameters.betas) weights.push_back(softmax(betas));
  return weights;
}

std::vector<std::vector<double>> beta_gradient(const MixDraw& draw, const MixedLoss& loss) {
  std::vector<std::vector<double>> result;
  for (std::size_t i = 0; i < draw.weights.betas.size(); ++i) {
    result.push_back(softmax_gradient(draw.weights.betas[i], loss.gradient.betas[i]));
  }
  return result;
}

class SoftmaxRelaxation final : public Relaxation {
 public:
  MixDraw weight_draw(const ArchVectors& parameters, double, Rng&) const override {
    MixDraw draw;
    for (const auto& alphas : parameters.alphas) {
      draw.present.push_back(all_of(alphas.size()));
      draw.weights.alphas.push_back(softmax(alphas));
    }
    draw.weights.betas = sum_weights(parameters);
    return draw;
  }

  ArchVectors gradient(const ArchVectors&, const MixDraw& draw,
                       const MixedLoss& loss) const override {
    ArchVectors result;
    for (std::size_t g = 0; g < draw.present.size(); ++g) {
      result.alphas.push_back(softmax_gradient(draw.weights.alphas[g], loss.gradient.alphas[g]));
    }
    result.betas = beta_gradient(draw, loss);
    return result;
  }
};

class GumbelRelaxation final : public Relaxation {
 public:
  explicit GumbelRelaxation(const RelaxationOptions& options)
      : first_(options.first_temperature), last_(options.last_temperature) {}

  /// drawn: the temperature, then by group the gumbel softmax.
  MixDraw weight_draw(const ArchVectors& parameters, double progress, Rng& rng) const override {
    const double temperature = first_ + (last_ - first_) * progress;
    MixDraw draw;
    draw.drawn.push_back({temperature});
    for (const auto& alphas : parameters.alphas) {
      std::vector<double> logits = softmax(alphas);
      for (double& value : logits) {
        const double gumbel = -std::log(-std::log(rng.uniform() + 1e-300) + 1e-300);
        value = (std::log(value + 1e-300) + gumbel) / temperature;
      }
      const auto best = std::ranges::max_element(logits) - logits.begin();
      draw.present.push_back({static_cast<std::uint16_t>(best)});
      draw.weights.alphas.push_back({1});
      draw.drawn.push_back(softmax(logits));
    }
    draw.weights.betas = sum_weights(parameters);
    return draw;
  }

  ArchVectors gradient(const ArchVectors&, const MixDraw& draw,
                       const MixedLoss& loss) const override {
    ArchVectors result;
    const double temperature = draw.drawn[0][0];
    for (std::size_t g = 0; g < draw.present.size(); ++g) {
      const std::vector<double>& soft = draw.drawn[g + 1];
      std::vector<double> by_soft(soft.size(), 0.0);
      by_soft[draw.present[g][0]] = loss.gradient.alphas[g][0];
      // The logarithm of a softmax passes on a gradient that sums to zero.
      std::vector<double> gradient = softmax_gradient(soft, by_soft);
      for (double& value : gradient) value /= temperature;
      result.alphas.push_back(std::move(gradient));
    }
    result.betas = beta_gradient(draw, loss);
    return result;
  }

 private:
  double first_, last_;
};

class DirichletRelaxation final : public Relaxation {
 public:
  explicit DirichletRelaxation(const RelaxationOptions& options) : kl_(options.kl) {}

  /// drawn: by group the gamma variables.
  MixDraw weight_draw(const ArchVectors& parameters, double, Rng& rng) const override {
    MixDraw draw;
    for (const auto& alphas : parameters.alphas) {
      std::vector<double> gammas;
      for (const double alpha : alphas) gammas.push_back(gamma_draw(concentration(alpha), rng));
      const double sum = std::accumulate(gammas.begin(), gammas.end(), 0.0);
      std::vector<double> weights = gammas;
      for (double& weight : weights) weight /= sum;
      draw.present.push_back(all_of(alphas.size()));
      draw.weights.alphas.push_back(std::move(weights));
      draw.drawn.push_back(std::move(gammas));
    }
    draw.weights.betas = sum_weights(parameters);
    return draw;
  }

  ArchVectors gradient(const ArchVectors& parameters, const MixDraw& draw,
                       const MixedLoss& loss) const override {
    ArchVectors result;
    for (std::size_t g = 0; g < draw.present.size(); ++g) {
      result.alphas.push_back(of_group(parameters.alphas[g], draw, loss, g));
    }
    result.betas = beta_gradient(draw, loss);
    return result;
  }

  ArchVectors shares(const ArchVectors& parameters) const override {
    ArchVectors shares = Relaxation::shares(parameters);
    for (std::size_t g = 0; g < shares.alphas.size(); ++g) {
      double sum = 0;
      for (const double alpha : parameters.alphas[g]) sum += concentration(alpha);
      for (std::size_t i = 0; i < shares.alphas[g].size(); ++i) {
        shares.alphas[g][i] = concentration(parameters.alphas[g][i]) / sum;
      }
    }
    return shares;
  }

 private:
  /// elu(alpha) + 1; a draw of a shape of nearly 0 would be 0.
  static double concentration(double alpha) {
    return std::max(alpha > 0 ? alpha + 1 : std::exp(alpha), 1e-6);
  }

  std::vector<double> of_group(const std::vector<double>& alphas, const MixDraw& draw,
                               const MixedLoss& loss, std::size_t g) const {
    const std::vector<double>& gammas = draw.drawn[g];
    const std::vector<double>& weights = draw.weights.alphas[g];
    const double sum = std::accumulate(gammas.begin(), gammas.end(), 0.0);
    double mean = 0, all = 0;
    for (std::size_t i = 0; i < alphas.size(); ++i) {
      mean += weights[i] * loss.gradient.alphas[g][i];
      all += concentration(alphas[i]);
    }
    const double common = (all - static_cast<double>(alphas.size())) * trigamma(all);
    std::vector<double> result;
    for (std::size_t i = 0; i < alphas.size(); ++i) {
      const double c = concentration(alphas[i]);
      const double pathwise =
          (loss.gradient.alphas[g][i] - mean) / sum * gamma_gradient(c, gammas[i]);
      // d/dc of KL(Dir(c) || Dir(1)).
      const double distance = (c - 1) * trigamma(c) - common;
      result.push_back((pathwise + kl_ * distance) * (alphas[i] > 0 ? 1 : c));
    }
    return result;
  }

  double kl_;
};

struct Method {
  std::string_view name;
  std::unique_ptr<Relaxation> (*make)(const RelaxationOptions&, const ChoiceGroups&);
};

template <GateMode mode>
std::unique_ptr<Relaxation> make_mode(const RelaxationOptions& options,
                                      const ChoiceGroups& groups) {
  return make_gates(mode, options.latency, groups);
}

const Method kMethods[] = {
    {"softmax",
     [](const RelaxationOptions&, const ChoiceGroups&) -> std::unique_ptr<Relaxation> {
       return std::make_unique<SoftmaxRelaxation>();
     }},
    {"gumbel",
     [](const RelaxationOptions& options, const ChoiceGroups&) -> std::unique_ptr<Relaxation> {
       return std::make_unique<GumbelRelaxation>(options);
     }},
    {"dirichlet",
     [](const RelaxationOptions& options, const ChoiceGroups&) -> std::unique_ptr<Relaxation> {
       return std::make_unique<DirichletRelaxation>(options);
     }},
    {"two", make_mode<GateMode::kTwo>},
    {"full", make_mode<GateMode::kFull>},
    {"full_v2", make_mode<GateMode::kOneByOne>},
};

}  // namespace

std::vector<std::string> relaxation_methods() {
  std::vector<std::string> names;
  for (const Method& method : kMethods) names.emplace_back(method.name);
  return names;
}

std::unique_ptr<Relaxation> make_relaxation(const RelaxationOptions& options,
                                            const ChoiceGroups& groups) {
  for (const Method& method : kMethods) {
    if (method.name == options.method) return method.make(options, groups);
  }
  throw Error(ErrorKind::kUsage, unknown_name("relaxation", options.method, relaxation_methods()));
}

}  // namespace nas
