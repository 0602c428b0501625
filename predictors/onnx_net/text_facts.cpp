#include "predictors/onnx_net/text_facts.h"

#include <algorithm>
#include <array>

#include "predictors/across/zero_shot.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr double kFurthest = 4;  // deviations

std::array<TargetScale, PathFeatures::kWidth> feature_scales(
    std::span<const std::span<const TextSubject>> spaces) {
  std::array<TargetScale, PathFeatures::kWidth> scales;
  for (std::size_t k = 0; k < scales.size(); ++k) {
    std::vector<double> values;
    for (const std::span<const TextSubject> space : spaces) {
      for (const TextSubject& one : space) values.push_back(one.path.values[k]);
    }
    scales[k] = target_scale(values);
  }
  return scales;
}

SpaceScale macs_scale(std::span<const TextSubject> space) {
  std::vector<PathFeatures> paths;
  for (const TextSubject& one : space) paths.push_back(one.path);
  return SpaceScale::of(paths);
}

}  // namespace

std::vector<std::vector<std::vector<float>>> text_facts(
    std::span<const std::span<const TextSubject>> spaces) {
  const auto scales = feature_scales(spaces);
  std::vector<std::vector<std::vector<float>>> facts;
  for (const std::span<const TextSubject> space : spaces) {
    const SpaceScale macs = macs_scale(space);
    std::vector<std::vector<float>>& of_space = facts.emplace_back();
    for (const TextSubject& one : space) {
      std::vector<float>& own = of_space.emplace_back();
      for (std::size_t k = 0; k < scales.size(); ++k) {
        const double value = scales[k].in(one.path.values[k]);
        own.push_back(static_cast<float>(std::clamp(value, -kFurthest, kFurthest)));
      }
      own.push_back(static_cast<float>(macs.log_macs(one.path)));
    }
  }
  return facts;
}

}  // namespace nas
