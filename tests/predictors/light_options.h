#pragma once

#include <string_view>

#include "core/util/options.h"

namespace nas::test {

/// Settings that make a fit a matter of a second.
inline OptionMap light_options(std::string_view name) {
  if (name == "xgboost") return {{"rounds", "60"}};
  if (name == "mlp") return {{"networks", "2"}, {"layers", "3"}, {"epochs", "60"}};
  if (name == "ofa_mlp") return {{"width", "32"}, {"epochs", "60"}, {"batch", "20"}};
  if (name == "bn_mlp") return {{"width", "32"}, {"epochs", "60"}, {"batch", "20"}};
  if (name == "gcn") {
    return {{"width", "16"}, {"epochs", "30"}, {"batch", "16"}, {"learning_rate", "2e-3"}};
  }
  if (name == "kgnn") return {{"epochs", "60"}, {"batch", "10"}, {"learning_rate", "2e-3"}};
  if (name == "gennape") {
    return {{"members", "cl_fcm_t+pair+kgnn+flops"},
            {"least_label", "0"},
            {"encoder_graphs", "20"},
            {"encoder_epochs", "2"},
            {"clusters", "4"},
            {"head_epochs", "40"},
            {"kgnn_epochs", "5"},
            {"kgnn_rate", "2e-3"},
            {"tune_epochs", "10"}};
  }
  if (name == "dngo") return {{"width", "32"}, {"epochs", "60"}};
  if (name == "brp") return {{"width", "16"}, {"epochs", "80"}, {"learning_rate", "2e-3"}};
  if (name == "transfer") return {{"trees", "10"}};
  if (name == "help") return {{"episodes", "80"}, {"queries", "40"}, {"learning_rate", "1e-3"}};
  if (name == "onnx_net") {
    return {{"width", "16"},       {"networks", "1"},    {"epochs", "12"},
            {"batch", "10"},       {"hidden", "0"},      {"learning_rate", "4e-3"},
            {"tune_rate", "4e-3"}, {"tune_epochs", "60"}};
  }
  if (name == "nasflat") {
    return {
        {"width", "16"}, {"epochs", "12"}, {"source_samples", "100"}, {"learning_rate", "3e-3"}};
  }
  return {};
}

}  // namespace nas::test
