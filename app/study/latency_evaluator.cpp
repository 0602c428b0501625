#include "app/study/latency_evaluator.h"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "app/study/evaluator_kind.h"
#include "core/runtime/latency.h"

namespace nas {
namespace {

constexpr MetricInfo kLatency{.name = "latency_ms",
                              .title = "latency",
                              .unit = "ms",
                              .maximize = false,
                              .meaning = "time of one forward pass; the device is named after '@'",
                              .role = MetricRole::kCost,
                              .per_device = true};
constexpr std::array kMetrics = {kLatency};

constexpr MetricInfo kEnergy{.name = "energy_mj",
                             .title = "energy",
                             .unit = "mJ",
                             .maximize = false,
                             .meaning =
                                 "energy of one forward pass; the device is named after '@'; "
                                 "from a table or a model (--origin)",
                             .role = MetricRole::kCost,
                             .per_device = true};
constexpr std::array kEnergyMetrics = {kEnergy};

class LatencyEvaluator final : public Evaluator {
 public:
  LatencyEvaluator(std::unique_ptr<LatencyModel> model, const Device& device,
                   const SearchSpace& space, const Task& task)
      : model_(std::move(model)) {
    info_.name = "latency";
    info_.metrics = {std::string(kLatency.name)};
    info_.expense = 10;
    info_.exclusive = model_->info().exclusive;
    info_.task = task;
    info_.network = network_text(space, task);
    info_.device = device;
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const LatencyEstimate estimate = model_->estimate(request.graph, *info_.device);
    EvalResult result;
    result.metrics = {{.name = std::string(kLatency.name),
                       .value = estimate.milliseconds,
                       .source = model_->info().source,
                       .fidelity = "",
                       .device = info_.device,
                       .interval = interval_of(estimate)}};
    return result;
  }

 private:
  std::unique_ptr<LatencyModel> model_;
  Info info_;
};

}  // namespace

std::span<const MetricInfo> latency_metrics() {
  return kMetrics;
}

std::span<const MetricInfo> energy_metrics() {
  return kEnergyMetrics;
}

std::unique_ptr<Evaluator> make_latency_evaluator(std::unique_ptr<LatencyModel> model,
                                                  const Device& device, const SearchSpace& space,
                                                  const Task& task) {
  return std::make_unique<LatencyEvaluator>(std::move(model), device, space, task);
}

extern constinit const EvaluatorKind latency_evaluator_kind{
    .metrics = kMetrics, .make = [](const EvaluatorSetup& setup) {
      return make_latency_evaluator(make_host_latency_model(), setup.host, setup.space, setup.task);
    }};

}  // namespace nas
