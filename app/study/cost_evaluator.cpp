#include "app/study/cost_evaluator.h"

#include <array>
#include <string>

#include "app/study/evaluator_kind.h"
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

/// A number of a quantum circuit; networks of LibTorch have none.
struct CircuitMetric {
  MetricInfo info;
  std::int64_t CircuitCost::*number;
};
constexpr MetricInfo circuit_metric(std::string_view name, std::string_view title,
                                    std::string_view meaning) {
  return {.name = name,
          .title = title,
          .unit = "",
          .maximize = false,
          .meaning = meaning,
          .role = MetricRole::kCost,
          .whole = true};
}
constexpr std::array kCircuitMetrics = {
    CircuitMetric{circuit_metric("two_qubit_gates", "two-qubit gates",
                                 "gates of a quantum circuit on two wires or more"),
                  &CircuitCost::two_qubit_gates},
    CircuitMetric{
        circuit_metric("rotations", "rotations", "gates of a quantum circuit that have angles"),
        &CircuitCost::rotations},
    CircuitMetric{circuit_metric("gates", "gates", "gates of a quantum circuit"),
                  &CircuitCost::gates},
    CircuitMetric{circuit_metric("circuit_depth", "circuit depth",
                                 "gates on the longest chain of a quantum circuit"),
                  &CircuitCost::depth},
};
constexpr std::array kMetrics = {kParams,
                                 kMacs,
                                 kActivationBytes,
                                 kCircuitMetrics[0].info,
                                 kCircuitMetrics[1].info,
                                 kCircuitMetrics[2].info,
                                 kCircuitMetrics[3].info};

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
    if (is_circuit(request.graph)) {
      const CircuitCost circuit = circuit_cost(request.graph);
      result.metrics.push_back(value(kParams, cost.params));
      for (const CircuitMetric& metric : kCircuitMetrics) {
        result.metrics.push_back(value(metric.info, circuit.*metric.number));
      }
      return result;
    }
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

extern constinit const EvaluatorKind cost_evaluator_kind{
    .metrics = kMetrics,
    .make =
        [](const EvaluatorSetup& setup) { return make_cost_evaluator(setup.space, setup.task); },
    .always = true,  // takes no time, and every report shows it
};

}  // namespace nas
