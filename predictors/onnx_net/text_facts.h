#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "predictors/across/path_features.h"
#include "predictors/onnx_net/tokens.h"

namespace nas {

/// A network as its text, and what is counted on its paths.
struct TextSubject {
  TokenText text;
  PathFeatures path;
};

/// What a text encoder learns to tell beside the score, so that it reads the texts of a space
/// without labels as it reads those with labels.
inline constexpr std::size_t kTextFacts = PathFeatures::kWidth + 1;

/// By space, by network the facts: the path features, which mean the same in every space, in
/// deviations over the networks of all spaces; the logarithm of the MACs in deviations within each
/// space. All within +-4.
std::vector<std::vector<std::vector<float>>> text_facts(
    std::span<const std::span<const TextSubject>> spaces);

}  // namespace nas
