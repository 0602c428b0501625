#pragma once

#include <memory>
#include <string>
#include <vector>

#include "benchmarks/nb201_network.h"
#include "core/api/recipe.h"
#include "core/problems/images.h"
#include "core/util/rng.h"

namespace nas::test {

/// Random cells of NAS-Bench-201, the same in every run.
inline std::vector<std::string> random_cells(int count) {
  const std::string ops[] = {"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                             "avg_pool_3x3"};
  Rng rng(RngKey{.seed = 201});
  std::vector<std::string> cells;
  for (int i = 0; i < count; ++i) {
    std::string cell;
    for (int node = 1; node <= 3; ++node) {
      cell += node > 1 ? "+|" : "|";
      for (int from = 0; from < node; ++from)
        cell += ops[rng.below(5)] + "~" + std::to_string(from) + "|";
    }
    cells.push_back(cell);
  }
  return cells;
}

/// Two classes of 8 x 8 images that differ in brightness, with noise: learnt in a few steps.
inline std::shared_ptr<const ImageDataset> bright_or_dark_images(std::size_t images = 64) {
  auto data = std::make_shared<ImageDataset>();
  data->id = "bright-or-dark";
  data->classes = {"dark", "bright"};
  Rng rng(RngKey{.seed = 8, .purpose = Purpose::kData});
  for (ImageSet* set : {&data->train, &data->test}) {
    set->shape = Shape{3, 8, 8};
    for (std::size_t i = 0; i < images; ++i) {
      set->labels.push_back(static_cast<std::uint16_t>(i % 2));
      for (int k = 0; k < 192; ++k) {
        set->pixels.push_back(static_cast<std::uint8_t>(rng.below(150) + (i % 2 == 1 ? 100 : 0)));
      }
    }
  }
  data->mean = {0.5F, 0.5F, 0.5F};
  data->deviation = {0.25F, 0.25F, 0.25F};
  return data;
}

inline std::shared_ptr<const Problem> bright_or_dark(std::size_t images = 64) {
  return pose_images(bright_or_dark_images(images));
}

/// Four steps an epoch on `bright_or_dark`, no augmentation.
inline Recipe tiny_recipe() {
  Recipe recipe;
  recipe.epochs = 4;
  recipe.batch = 12;
  recipe.learning_rate = 0.05;
  recipe.problem["crop_padding"] = "1";
  recipe.validation_fraction = 0.25;
  return recipe;
}

inline ArchGraph tiny_network() {
  return bench::nb201_network(
      "|nor_conv_3x3~0|+|avg_pool_3x3~0|skip_connect~1|+|none~0|nor_conv_1x1~1|skip_connect~2|", 4,
      1, 8, 2);
}

}  // namespace nas::test
