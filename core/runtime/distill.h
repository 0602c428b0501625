#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/model.h"
#include "core/util/options.h"

namespace nas {

/// How the terms of a distilling loss are weighed:
/// gamma x cross-entropy + alpha x T^2 x KL(teacher || student at temperature T, mean over the
/// batch) + beta x the method's own term.
struct DistillWeights {
  double gamma = 1;
  double alpha = 0;
  double beta = 0;
  double temperature = 4;
};

/// The record of a distilling loss. What it computes stands in core/runtime/distill/*_torch.cpp
/// under the same name. Its options are its weights.
struct DistillLoss {
  std::string_view name;
  std::string_view summary;  ///< one line
  std::string_view paper;    ///< authors, title, year, arXiv
  DistillWeights defaults;
};

/// All built-in distilling losses.
std::span<const DistillLoss> distill_losses();

/// A loss by name with its options; "kd", "at:beta=500,gamma=0.5".
struct DistillChoice {
  std::string loss = "kd";
  OptionMap options{};
};
/// Throws Error(kUsage) with the near miss; options are resolved, defaults included.
DistillChoice parse_distill_choice(std::string_view text);
/// Canonical: "kd(alpha=0.9,beta=0,gamma=0.1,temperature=4)".
std::string distill_text(const DistillChoice& choice);
/// Throws Error(kUsage) for an unknown loss or options that do not fit.
DistillWeights distill_weights(const DistillChoice& choice);

/// A training that also learns from a teacher, which is run in evaluation mode and never changed.
struct DistillSetup {
  Model* teacher = nullptr;
  std::string teacher_text;  ///< names the teacher's weights in the fidelity: a digest of its file
  DistillChoice choice;
};

/// The node of the first output where it is a fully connected layer.
std::optional<NodeId> linear_classifier(const ArchGraph& graph);

/// Where a network's features are read: the last node of each resolution that all paths run
/// through (ends of stages, before pooling), and the vector that the classifier reads.
struct FeatureNodes {
  std::vector<NodeId> maps;  ///< in order, coarser and coarser
  NodeId pooled = 0;
};
/// Throws Error(kUnsupported) when the first output is not a linear layer, or there is no map.
FeatureNodes feature_nodes(const ArchGraph& graph);

}  // namespace nas
