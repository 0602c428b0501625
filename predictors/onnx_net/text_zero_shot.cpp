#include "predictors/onnx_net/text_zero_shot.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr double kFurthest = 4;  // deviations; beyond, networks are as far

std::vector<double> scores_of(const TextEncoder& net, std::span<const TextSubject> networks) {
  std::vector<const TokenText*> texts;
  for (const TextSubject& one : networks) texts.push_back(&one.text);
  const std::vector<float> scores = net.scores(texts);
  return {scores.begin(), scores.end()};
}

/// Of valid networks.
TargetScale scale_of(std::span<const double> values, std::span<const TextSubject> networks) {
  std::vector<double> valid;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (networks[i].path.valid) valid.push_back(values[i]);
  }
  return valid.empty() ? TargetScale{} : target_scale(valid);
}

/// By word: does a text have it?
std::vector<bool> words_of(std::span<const LabelledTexts> spaces, std::size_t vocabulary) {
  std::vector<bool> seen(vocabulary);
  for (const LabelledTexts& space : spaces) {
    for (const TokenText& text : space.texts) {
      for (const std::uint16_t token : text) seen[token] = true;
    }
  }
  return seen;
}

/// What encoders learn from: labels and facts of the sources, facts of the pool.
std::vector<LabelledTexts> lessons(std::span<const TextSource> sources,
                                   std::span<const TextSubject> pool, bool with_facts) {
  std::vector<std::span<const TextSubject>> spaces;
  for (const TextSource& source : sources) spaces.emplace_back(source.networks);
  if (with_facts && !pool.empty()) spaces.push_back(pool);
  std::vector<LabelledTexts> lessons(spaces.size());
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    for (const TextSubject& one : spaces[i]) lessons[i].texts.push_back(one.text);
    if (i < sources.size()) lessons[i].targets = sources[i].targets;
  }
  if (!with_facts) return lessons;
  std::vector<std::vector<std::vector<float>>> facts = text_facts(spaces);
  for (std::size_t i = 0; i < spaces.size(); ++i) lessons[i].facts = std::move(facts[i]);
  return lessons;
}

}  // namespace

void TextZeroShot::fit(std::span<const TextSource> sources, std::span<const TextSubject> pool,
                       const TextZeroShotOptions& options, const TextTraining& training, Rng rng,
                       const std::function<void(std::size_t)>& each) {
  nets_.clear();
  const std::vector<LabelledTexts> spaces = lessons(sources, pool, training.facts > 0);
  const std::vector<bool> seen = words_of(spaces, options.shape.vocabulary);
  for (std::size_t i = 0; i < options.networks; ++i) {
    TextEncoder& net = nets_.emplace_back(options.shape, rng.stream(2 * i));
    train_texts(net, spaces, training, rng.stream(2 * i + 1),
                [&](std::size_t epoch) { each(i * training.epochs + epoch); });
    net.forget_unseen(seen);
  }
  std::vector<double> targets;
  for (const TextSource& source : sources) {
    targets.insert(targets.end(), source.targets.begin(), source.targets.end());
  }
  level_ = target_scale(targets);
}

void TextZeroShot::settle(std::span<const TextSubject> pool, double macs_vote) {
  macs_vote_ = macs_vote;
  scales_.clear();
  for (const TextEncoder& net : nets_) scales_.push_back(scale_of(scores_of(net, pool), pool));
  sum_scale_ = scale_of(sums(pool), pool);
  std::vector<PathFeatures> paths;
  for (const TextSubject& one : pool) paths.push_back(one.path);
  macs_scale_ = SpaceScale::of(paths);
}

std::vector<double> TextZeroShot::sums(std::span<const TextSubject> networks) const {
  std::vector<double> result(networks.size());
  for (std::size_t net = 0; net < nets_.size(); ++net) {
    const std::vector<double> scores = scores_of(nets_[net], networks);
    for (std::size_t i = 0; i < scores.size(); ++i) result[i] += scales_[net].in(scores[i]);
  }
  return result;
}

std::vector<double> TextZeroShot::score(std::span<const TextSubject> networks) const {
  return with_macs(text_scores(networks), networks);
}

std::vector<double> TextZeroShot::text_scores(std::span<const TextSubject> networks) const {
  NAS_CHECK(fitted() && scales_.size() == nets_.size(), "fitted and settled before it scores");
  if (networks.empty()) return {};
  std::vector<double> result = sums(networks);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    result[i] = networks[i].path.valid ? std::clamp(sum_scale_.in(result[i]), -kFurthest, kFurthest)
                                       : -2 * kFurthest;
  }
  return result;
}

std::vector<double> TextZeroShot::with_macs(std::vector<double> text_scores,
                                            std::span<const TextSubject> networks) const {
  for (std::size_t i = 0; i < networks.size(); ++i) {
    text_scores[i] += macs_vote_ * macs_scale_.log_macs(networks[i].path);
  }
  return text_scores;
}

void TextZeroShot::save(std::vector<PredictorTensor>& tensors) const {
  std::vector<double> scale{sum_scale_.mean,       sum_scale_.deviation, macs_scale_.mean,
                            macs_scale_.deviation, level_.mean,          level_.deviation};
  for (std::size_t net = 0; net < nets_.size(); ++net) {
    const std::vector<float>& values = nets_[net].parameters();
    tensors.push_back(make_tensor("sources." + std::to_string(net), {std::ssize(values)},
                                  {values.begin(), values.end()}));
    scale.push_back(scales_[net].mean);
    scale.push_back(scales_[net].deviation);
  }
  tensors.push_back(make_tensor("score_scale", {std::ssize(scale)}, scale));
}

void TextZeroShot::restore(const PredictorState& state, const TextZeroShotOptions& options) {
  constexpr std::size_t kShared = 6;
  const auto fits = [](bool fit) {
    if (!fit) throw Error(ErrorKind::kData, "predictor 'onnx_net': its tensors do not fit");
  };
  const std::vector<double>& scale = state_tensor(state, "score_scale").data;
  fits(scale.size() == kShared + 2 * options.networks);
  for (const std::size_t at : {1, 3, 5}) fits(scale[at] > 0);
  nets_.clear();
  scales_.clear();
  for (std::size_t net = 0; net < options.networks; ++net) {
    const std::vector<double>& values = state_tensor(state, "sources." + std::to_string(net)).data;
    TextEncoder& made = nets_.emplace_back(options.shape, Rng({}));
    fits(values.size() == made.parameters().size());
    std::ranges::transform(values, made.parameters().begin(),
                           [](double value) { return static_cast<float>(value); });
    scales_.push_back({scale[kShared + 2 * net], scale[kShared + 2 * net + 1]});
    fits(scales_.back().deviation > 0);
  }
  macs_vote_ = options.macs_vote;
  sum_scale_ = {scale[0], scale[1]};
  macs_scale_ = {scale[2], scale[3]};
  level_ = {scale[4], scale[5]};
}

}  // namespace nas
