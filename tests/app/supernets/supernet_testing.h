#pragma once

#include <filesystem>
#include <string>

#include "app/study/recipe_choice.h"
#include "app/supernets/supernet_training.h"
#include "core/problems/data_kinds.h"
#include "core/util/file.h"

// Small supernets of NAS-Bench-201 on the built-in glyphs.

namespace nas::test {

inline constexpr const char* kCell =
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|";

inline Recipe small_recipe(const OptionMap& options = {}) {
  RecipeChoice choice{"smoke",
                      {{"epochs", "2"},
                       {"train_samples", "96"},
                       {"validation_samples", "64"},
                       {"validation_fraction", "0.2"},
                       {"batch", "32"},
                       {"width", "4"},
                       {"depth", "1"}}};
  for (const auto& [name, value] : options) choice.options[name] = value;
  return make_recipe(choice, "recipe", &data_kind("glyphs"));
}

inline SupernetRequest request_of(const std::string& name, const OptionMap& options = {}) {
  SupernetRequest request;
  request.name = name;
  request.space = {"nasbench201", {}};
  request.data = "glyphs";
  request.recipe = small_recipe(options);
  request.probes = 2;
  return request;
}

struct Supernets {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};

  std::filesystem::path file(const std::string& name) const {
    return directory.path() / "supernets" / name;
  }
  std::size_t files() const {
    std::error_code error;
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(file(""), error)) {
      count += entry.exists() ? 1 : 0;
    }
    return count;
  }
  Architecture cell(const std::string& text = kCell) {
    return session.space({"nasbench201", {}}).parse(text);
  }
};

}  // namespace nas::test
