#include "predictors/onnx_net/training.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/util/adam.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr double kWarmUp = 0.06, kLastRate = 0.1;

struct Batch {
  std::size_t space;
  std::vector<std::size_t> rows;
};

std::vector<Batch> draw_batches(std::span<const LabelledTexts> spaces, std::size_t size, Rng& rng) {
  std::vector<Batch> batches;
  for (std::size_t s = 0; s < spaces.size(); ++s) {
    std::vector<std::size_t> order(spaces[s].texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    rng.shuffle(std::span(order));
    for (std::size_t first = 0; first < order.size(); first += size) {
      const std::size_t last = std::min(order.size(), first + size);
      batches.push_back({s,
                         {order.begin() + static_cast<std::ptrdiff_t>(first),
                          order.begin() + static_cast<std::ptrdiff_t>(last)}});
    }
  }
  rng.shuffle(std::span(batches));
  return batches;
}

/// Part of the rate at a part of the steps.
double schedule(double at) {
  if (at < kWarmUp) return at / kWarmUp;
  return 1 - (1 - kLastRate) * (at - kWarmUp) / (1 - kWarmUp);
}

void clip(std::vector<float>& gradient, double most) {
  double squares = 0;
  for (const float value : gradient)
    squares += static_cast<double>(value) * static_cast<double>(value);
  const double norm = std::sqrt(squares);
  if (norm <= most) return;
  const auto factor = static_cast<float>(most / norm);
  for (float& value : gradient) value *= factor;
}

}  // namespace

LabelledTexts LabelledTexts::subset(std::span<const std::size_t> rows) const {
  LabelledTexts result;
  for (const std::size_t row : rows) {
    result.texts.push_back(texts[row]);
    result.targets.push_back(targets[row]);
    if (!facts.empty()) result.facts.push_back(facts[row]);
  }
  return result;
}

double pairwise_hinge(std::span<const float> scores, std::span<const double> targets, double margin,
                      std::vector<float>& slopes) {
  slopes.assign(scores.size(), 0.0F);
  double sum = 0, pairs = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (!(targets[i] > targets[j])) continue;
      pairs += 1;
      const double lacking = margin - static_cast<double>(scores[i] - scores[j]);
      if (lacking <= 0) continue;
      sum += lacking;
      slopes[i] -= 1;
      slopes[j] += 1;
    }
  }
  if (pairs == 0) return 0;
  for (float& slope : slopes) slope /= static_cast<float>(pairs);
  return sum / pairs;
}

namespace {

/// The derivative of the loss by the outputs of a batch; false where nothing is to be learned.
bool slopes_of(const FloatMatrix& outputs, const LabelledTexts& space,
               std::span<const std::size_t> rows, const TextTraining& training,
               FloatMatrix& slopes) {
  slopes.resize(outputs.rows, outputs.columns);
  std::ranges::fill(slopes.values, 0.0F);
  bool any = false;
  if (!space.targets.empty()) {
    std::vector<float> scores, by_score;
    std::vector<double> targets;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      scores.push_back(outputs.row(i)[0]);
      targets.push_back(space.targets[rows[i]]);
    }
    any = pairwise_hinge(scores, targets, training.margin, by_score) > 0;
    for (std::size_t i = 0; i < rows.size(); ++i) slopes.row(i)[0] = by_score[i];
  }
  if (space.facts.empty()) return any;
  const std::size_t count = outputs.columns - 1;
  NAS_CHECK(space.facts[rows.front()].size() == count, "a fact for each further output");
  const auto factor =
      static_cast<float>(2 * training.facts / static_cast<double>(rows.size() * count));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<float>& facts = space.facts[rows[i]];
    for (std::size_t k = 0; k < count; ++k) {
      slopes.row(i)[1 + k] = factor * (outputs.row(i)[1 + k] - facts[k]);
    }
  }
  return true;
}

}  // namespace

void train_texts(TextEncoder& net, std::span<const LabelledTexts> spaces,
                 const TextTraining& training, Rng rng,
                 const std::function<void(std::size_t)>& each) {
  Adam<float> adam({training.rate});
  std::vector<float> gradient(net.parameters().size());
  FloatMatrix slopes;
  TextEncoder::Pass pass;
  const TextTokens tokens;
  std::vector<std::uint16_t> order(TextTokens::kValues);
  std::iota(order.begin(), order.end(), std::uint16_t{1});
  std::size_t step = 0;
  for (std::size_t epoch = 0; epoch < training.epochs; ++epoch) {
    each(epoch);
    const std::vector<Batch> batches = draw_batches(spaces, training.batch, rng);
    const auto steps = static_cast<double>(batches.size() * training.epochs);
    for (const Batch& batch : batches) {
      const LabelledTexts& space = spaces[batch.space];
      std::vector<TokenText> texts;
      std::vector<const TokenText*> pointers;
      for (const std::size_t row : batch.rows) {
        texts.push_back(space.texts[row]);
        rng.shuffle(std::span(order));
        tokens.rename(texts.back(), order);
        for (std::uint16_t& token : texts.back()) {
          if (rng.bernoulli(training.hidden)) token = TextTokens::kUnknown;
        }
      }
      for (const TokenText& text : texts) pointers.push_back(&text);
      adam.set_rate(training.rate * schedule((static_cast<double>(step++) + 0.5) / steps));
      const FloatMatrix outputs = net.forward(pointers, pass);
      if (!slopes_of(outputs, space, batch.rows, training, slopes)) continue;
      std::fill(gradient.begin(), gradient.end(), 0.0F);
      net.backward(pass, slopes, gradient);
      clip(gradient, training.largest_norm);
      adam.step(net.parameters(), gradient, training.decay);
    }
  }
}

}  // namespace nas
