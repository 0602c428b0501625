#include "app/study/constraint.h"

namespace nas {
namespace {

constexpr MetricInfo kCatalogue[] = {
    {"accuracy", "%", true, MetricProvider::kTraining,
     "validation accuracy after the study's recipe"},
    {"eer", "%", false, MetricProvider::kOrigin, "equal error rate of telling speakers apart"},
    {"params", "", false, MetricProvider::kCost, "trainable parameters"},
    {"macs", "", false, MetricProvider::kCost,
     "multiply-accumulates of one inference, as the space's tables count them"},
    {"activation_bytes", "B", false, MetricProvider::kCost,
     "most activation memory alive at once in one inference (float32)"},
    {"latency_ms", "ms", false, MetricProvider::kLatency,
     "time of one forward pass; the device is named after '@'"},
};

}  // namespace

std::span<const MetricInfo> metric_catalogue() {
  return kCatalogue;
}

}  // namespace nas
