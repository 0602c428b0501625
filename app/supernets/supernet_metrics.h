#pragma once

#include <array>
#include <span>

#include "core/api/metric_info.h"

namespace nas {

/// What subnets are judged by beside the metrics of their problem, where its judge says it.
inline constexpr std::array kSupernetMetrics{MetricInfo{
    .name = "loss",
    .title = "loss",
    .maximize = false,
    .meaning = "mean cross-entropy of a subnet on held-out samples, of --origin loss=supernet:NAME",
}};

}  // namespace nas
