#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"
#include "predictors/onnx_net/encoder.h"

namespace nas {

/// Texts of one space, and what is known of them.
struct LabelledTexts {
  std::vector<TokenText> texts;
  std::vector<double> targets;            ///< larger is better; empty: no label is known
  std::vector<std::vector<float>> facts;  ///< facts to predict for each text; may be empty

  LabelledTexts subset(std::span<const std::size_t> rows) const;
};

/// ONNX-Net (arXiv 2510.04938), released code: pairwise hinge loss of margin 0.1 (`pwr`), AdamW, 6
/// % of the steps to warm up, then linear decay to 10 % of the rate. Here batches are of one space,
/// and in each step words are hidden and values get other numbers: no word alone shall decide.
struct TextTraining {
  std::size_t epochs = 2, batch = 32;
  double rate = 2e-3;
  double decay = 0.1;   ///< of AdamW, times the rate
  double hidden = 0.1;  ///< part of the tokens that are replaced by the unknown one in a step
  double margin = 0.1;
  double largest_norm = 1;  ///< of the gradient
  double facts = 0.3;       ///< weight of the mean square error of the facts beside the hinge loss
};

/// Mean of max(0, margin - (s_i - s_j)) over the pairs with target i above target j, and by score
/// its derivative; 0 without a pair.
double pairwise_hinge(std::span<const float> scores, std::span<const double> targets, double margin,
                      std::vector<float>& slopes);

/// The encoder's outputs are the score and, where texts have any, the facts. `each` is told the
/// epoch that begins (and may throw to stop).
void train_texts(TextEncoder& net, std::span<const LabelledTexts> spaces,
                 const TextTraining& training, Rng rng,
                 const std::function<void(std::size_t epoch)>& each);

}  // namespace nas
