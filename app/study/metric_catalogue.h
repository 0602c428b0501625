#pragma once

#include <span>
#include <string_view>

#include "core/api/metric_info.h"

namespace nas {

/// Every metric that objectives and constraints may name, as its provider declares it, but for the
/// scores of proxies (`metric_info` in constraint.h knows those too).
std::span<const MetricInfo> metric_catalogue();
/// Of the catalogue; null for another name.
const MetricInfo* find_in_catalogue(std::string_view name);

/// What trainings on "KIND:DIR" are judged by when nothing else is said. Throws Error(kUsage) for
/// an unknown kind.
const MetricInfo& first_metric(std::string_view data_spec);

}  // namespace nas
