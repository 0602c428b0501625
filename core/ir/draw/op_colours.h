#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "core/ops/op_schema.h"

namespace nas {

/// Hues of Okabe and Ito, "Color Universal Design" (2008), which stay apart for colour-blind
/// readers; fills are pale (dark in dark mode) so that text keeps its contrast.
struct FamilyColours {
  OpFamily family;
  std::string_view css, name, fill, stroke, dark_fill, dark_stroke;
};
inline constexpr std::array kFamilyColours = {
    FamilyColours{OpFamily::kPort, "port", "input", "#e9ecef", "#495057", "#343a40", "#adb5bd"},
    FamilyColours{OpFamily::kConv, "conv", "convolution", "#d9eaf6", "#0072b2", "#12344a",
                  "#56a8dc"},
    FamilyColours{OpFamily::kLinear, "line", "linear", "#fbe2d2", "#d55e00", "#4a2710", "#f08a43"},
    FamilyColours{OpFamily::kNorm, "norm", "normalisation", "#eaf5fd", "#56b4e9", "#1d2f3b",
                  "#7cc4ee"},
    FamilyColours{OpFamily::kActivation, "acti", "activation", "#d6f1e7", "#009e73", "#0f3a2e",
                  "#3cc79d"},
    FamilyColours{OpFamily::kPool, "pool", "pooling", "#fdefcf", "#e69f00", "#453308", "#f2b632"},
    FamilyColours{OpFamily::kMerge, "merg", "merge", "#f8e5ef", "#cc79a7", "#432536", "#e09cc2"},
    FamilyColours{OpFamily::kShape, "shap", "shape", "#fcfad3", "#b3a91a", "#3a3809", "#e6db45"},
    FamilyColours{OpFamily::kGate, "gate", "quantum gate", "#e3e4f7", "#4b50b8", "#23264f",
                  "#8f94ee"},
    FamilyColours{OpFamily::kOther, "othe", "other", "#ffffff", "#868e96", "#212529", "#868e96"},
};
inline constexpr FamilyColours kGroupColours{OpFamily::kOther, "grou",    "folded group", "#f1f3f5",
                                             "#5c6773",        "#2b3138", "#98a4b0"};

inline const FamilyColours& colours_of(OpFamily family) {
  return *std::find_if(kFamilyColours.begin(), kFamilyColours.end(),
                       [&](const FamilyColours& colours) { return colours.family == family; });
}

/// The family of an operation as search spaces name their choices: "nor_conv_3x3", "maxpool3x3",
/// "skip_connect"; kOther for what says nothing of it. Sketches of cells have the colours of
/// drawings by it.
OpFamily family_named(std::string_view name);

}  // namespace nas
