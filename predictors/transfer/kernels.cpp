#include "predictors/transfer/kernels.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace nas {
namespace {

constexpr std::array kSourceParts{1.0, 0.9, 0.7, 0.4, 0.1, 0.0};
constexpr std::array kNoises{0.003, 0.01, 0.03, 0.1, 0.3, 1.0};
constexpr double kWideNoise = 3;        // tried for networks without cells
constexpr double kDesignNoise = 0.3;    // of the kernel that chooses what to measure
constexpr double kCostPart = 0.6;       // of X in spaces without cells
constexpr double kDistanceScale = 4.5;  // exp(-mean d^2 / 4.5)

/// What X is made of, in a variant.
struct Structure {
  std::string name;
  std::map<SubjectBlocks::Block, double> linear{};
  std::map<SubjectBlocks::Block, double> distance{};
  /// Parts that take from sources and structure alike instead of from structure alone.
  bool beside = false;
};

std::vector<Structure> structures_of(bool cells, bool live) {
  using Blocks = SubjectBlocks;
  std::vector<Structure> all;
  if (cells) {
    all = {{"counts", {{Blocks::kCounts, 1}}},
           {"counts and needed operations", {{Blocks::kCounts, 0.7}, {Blocks::kNeeded, 0.3}}},
           {"needed operations", {{Blocks::kNeeded, 1}}},
           {"distance of counts", {{Blocks::kCounts, 0.9}}, {{Blocks::kCounts, 0.1}}, true},
           {"distance of needed operations",
            {{Blocks::kCounts, 0.9}},
            {{Blocks::kNeeded, 0.1}},
            true}};
  } else {
    all = {{"costs and counts", {{Blocks::kCost, kCostPart}, {Blocks::kCounts, 1 - kCostPart}}}};
  }
  if (live) all.push_back({"live encoding", {{Blocks::kLive, 1}}});
  return all;
}

constexpr std::size_t kParts = 2 * (kSources + 1);

KernelVariant variant_of(const Structure& structure, double sources, double noise) {
  KernelVariant variant{structure.name, std::vector<double>(kParts, 0.0), noise};
  double rest = 1;
  for (const auto& [block, weight] : structure.distance) {
    variant.weights[transfer_part(block, true)] = weight;
    rest -= weight;
  }
  variant.weights[transfer_part(kSources, false)] = (structure.beside ? rest : 1) * sources;
  for (const auto& [block, weight] : structure.linear) {
    variant.weights[transfer_part(block, false)] = weight * (1 - sources);
  }
  return variant;
}

}  // namespace

std::size_t transfer_part(std::size_t block, bool distance) {
  return block + (distance ? kSources + 1 : 0);
}

std::vector<KernelPart> transfer_parts(const BlockScale& scale) {
  std::vector<KernelPart> parts;
  for (const bool distance : {false, true}) {
    for (std::size_t block = 0; block <= kSources; ++block) {
      const double width = std::max<double>(1, static_cast<double>(scale.varying(block)));
      parts.push_back({block, distance, distance ? kDistanceScale * width : width});
    }
  }
  return parts;
}

std::vector<KernelVariant> transfer_variants(const TransferSetting& setting) {
  std::vector<double> noises(kNoises.begin(), kNoises.end());
  if (!setting.cells) noises.push_back(kWideNoise);
  std::vector<KernelVariant> variants;
  bool sources_alone = false;
  for (const Structure& structure : structures_of(setting.cells, setting.live)) {
    for (const double sources : kSourceParts) {
      if (sources > 0 && !setting.sources) continue;
      // Where structure has no part, all structures are one.
      if (sources == 1 && !structure.beside && std::exchange(sources_alone, true)) continue;
      for (const double noise : noises) variants.push_back(variant_of(structure, sources, noise));
    }
  }
  return variants;
}

KernelVariant transfer_design(const TransferSetting& setting) {
  KernelVariant kernel{"design", std::vector<double>(kParts, 0.0), kDesignNoise};
  const auto weight = [&kernel](std::size_t block) -> double& {
    return kernel.weights[transfer_part(block, false)];
  };
  const double structure = setting.sources ? 0.5 : 1;
  weight(kSources) = 1 - structure;
  if (setting.cells) {
    weight(SubjectBlocks::kCounts) = structure / 2;
    weight(SubjectBlocks::kNeeded) = structure / 2;
  } else {
    weight(SubjectBlocks::kCost) = structure * kCostPart;
    weight(SubjectBlocks::kCounts) = structure * (1 - kCostPart);
  }
  return kernel;
}

}  // namespace nas
