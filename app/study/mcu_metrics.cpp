#include <algorithm>
#include <array>

#include "app/study/mcu_origin.h"

namespace nas {
namespace {

constexpr std::array kMetrics = {
    MetricInfo{.name = "sram_bytes",
               .title = "SRAM",
               .unit = "B",
               .maximize = false,
               .meaning = "working memory of the int8 network on a microcontroller, which is named "
                          "after '@'",
               .role = MetricRole::kCost,
               .per_device = true,
               .whole = true},
    MetricInfo{.name = "flash_bytes",
               .title = "flash",
               .unit = "B",
               .maximize = false,
               .meaning = "weights, biases, scales and code of the int8 network on a "
                          "microcontroller, which is named after '@'",
               .role = MetricRole::kCost,
               .per_device = true,
               .whole = true},
};

}  // namespace

std::span<const MetricInfo> mcu_metrics() {
  return kMetrics;
}

bool is_mcu_metric(std::string_view name) {
  return std::ranges::find(kMetrics, name, &MetricInfo::name) != kMetrics.end();
}

}  // namespace nas
