#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/api/problem.h"

namespace nas {

/// Of every problem whose network names the class of a sample.
inline constexpr MetricInfo kAccuracy{
    .name = "accuracy",
    .title = "accuracy",
    .unit = "%",
    .maximize = true,
    .meaning = "validation accuracy after the study's recipe",
};

/// Judges class scores [N, classes]: "accuracy" (percent), "top5_accuracy" and "loss", the mean
/// cross-entropy. Among equal scores the lower class counts as the higher one, as in a stable sort.
/// `labels`: of every sample of the part; must outlive the judge.
std::unique_ptr<Judge> judge_classes(std::span<const std::uint16_t> labels);

}  // namespace nas
