#include "app/study/cost_evaluator.h"

#include <array>
#include <string>

#include "core/ir/cost.h"

namespace nas {
namespace {

constexpr MetricInfo kParams{.name = "params",
                             .title = "parameters",
                             .unit = "",
                             .maximize = false,
                             .meaning = "trainable parameters",
                             .role = MetricRole::kCost,
                             .whole = true};
constexpr MetricInfo kMacs{
    .name = "macs",
    .title = "MACs",
    .unit = "",
    .maximize = false,
    .meaning = "multiply-accumulates of one inference, as the space's tables count them",
    .role = MetricRole::kCost,
    .whole = true};
constexpr MetricInfo kActivationBytes{
    .name = "activation_bytes",
    .title = "peak activation memory",
    .unit = "B",
    .maximize = false,
    .meaning = "most activation memory alive at once in one inference (float32)",
    .role = MetricRole::kCost,
    .whole = true};
constexpr std::array kMetrics = {kParams, kMacs, kActivationBytes};

class CostEvaluator final : public Evaluator {
 public:
  CostEvaluator(const SearchSpace& space, const Task& task) : space_(space.info()) {
    info_.name = "cost";
    for (const MetricInfo& metric : kMetrics) info_.metrics.emplace_back(metric.name);
    info_.reusable = false;
    info_.task = task;
    info_.network = network_text(space, task);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const GraphCost cost = graph_cost(request.graph);
    const auto value = [](const MetricInfo& metric, std::int64_t number) {
      return MetricValue{std::string(metric.name), static_cast<double>(number),
                         MetricSource::kComputed, "", std::nullopt};
    };
    EvalResult result;
    result.metrics = {value(kParams, cost.params), value(kMacs, published_macs(space_, cost)),
                      value(kActivationBytes, activation_memory(request.graph).peak_bytes)};
    return result;
  }

 private:
  SpaceInfo space_;
  Info info_;
};

}  // namespace

std::span<const MetricInfo> cost_metrics() {
  return kMetrics;
}

std::unique_ptr<Evaluator> make_cost_evaluator(const SearchSpace& space, const Task& task) {
  return std::make_unique<CostEvaluator>(space, task);
}

}  // namespace nas
