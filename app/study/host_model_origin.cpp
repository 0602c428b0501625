#include "app/study/host_model_origin.h"

#include <cmath>
#include <utility>

#include "app/host_models/device_models.h"
#include "app/study/latency_evaluator.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kLatency = "latency_ms", kEnergy = "energy_mj";

class DeviceModelEvaluator final : public Evaluator {
 public:
  DeviceModelEvaluator(StoredDeviceModel stored, double factor, Info info)
      : stored_(std::move(stored)), factor_(factor), info_(std::move(info)) {}

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const LatencyEstimate estimate = stored_.model->estimate(request.graph, stored_.device());
    EvalResult result;
    result.metrics = {{.name = std::string(kLatency),
                       .value = factor_ * estimate.milliseconds,
                       .source = MetricSource::kPredicted,
                       .fidelity = info_.fidelity,
                       .device = info_.device,
                       // Of a limit that is kept, not of an estimate, the model says no range.
                       .interval = factor_ == 1 ? interval_of(estimate) : std::nullopt}};
    return result;
  }

 private:
  StoredDeviceModel stored_;
  double factor_;
  Info info_;
};

class PowerEvaluator final : public Evaluator {
 public:
  PowerEvaluator(std::unique_ptr<Evaluator> latency, double watts, Info info)
      : latency_(std::move(latency)), watts_(watts), info_(std::move(info)) {}

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    EvalResult result = latency_->evaluate(request);
    for (MetricValue& value : result.metrics) {
      value.name = kEnergy;
      value.value *= watts_;  // W x ms = mJ
      if (value.interval) {
        value.interval = {watts_ * value.interval->low, watts_ * value.interval->high};
      }
      value.source = MetricSource::kPredicted;
      value.fidelity = info_.fidelity;
    }
    return result;
  }

 private:
  std::unique_ptr<Evaluator> latency_;
  double watts_;
  Info info_;
};

}  // namespace

std::unique_ptr<Evaluator> make_device_model_evaluator(Session& session, const SearchSpace& space,
                                                       const Task& task,
                                                       const MetricOrigin& origin) {
  const PluginChoice choice = parse_plugin_choice(origin.argument);
  const std::string who = "origin " + origin.kind + ":" + choice.name;
  const auto options = parse_fields<DeviceEstimate>(kDeviceEstimateFields, choice.options, who);
  StoredDeviceModel stored = load_device_model(session, choice.name);
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage, who + ": " + why);
  };
  if (stored.model->state().kind != origin.kind) {
    fail("is a model of kind '" + stored.model->state().kind + "'; write " +
         stored.model->state().kind + ":" + choice.name);
  }
  if (origin.metric.name != kLatency || origin.metric.device != stored.device().name) {
    fail("gives latency_ms@" + stored.device().name + ", not '" + origin.metric.text() + "'");
  }
  Evaluator::Info info = origin_info(origin, space, task);
  info.expense = 2;
  info.device = stored.device();
  info.fidelity = stored.identity();
  double factor = 1;
  if (options.quantile > 0) {
    factor = stored.model->factor(options.quantile);
    info.fidelity += "; quantile=" + format_double(options.quantile);
  }
  // A kernel that the model does not know is said before the first trial.
  Rng rng({.seed = 0, .purpose = Purpose::kSample});
  stored.model->estimate(space.build(sample(space, rng), task), stored.device());
  return std::make_unique<DeviceModelEvaluator>(std::move(stored), factor, std::move(info));
}

std::unique_ptr<Evaluator> make_power_evaluator(Session& session, const SearchSpace& space,
                                                const Task& task, const MetricOrigin& origin) {
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage, "origin power:" + printable(origin.argument) + ": " + why);
  };
  if (origin.metric.name != kEnergy) {
    fail("gives energy_mj@DEVICE, not '" + origin.metric.text() + "'");
  }
  const std::size_t first = origin.argument.find(':');
  const auto watts = parse_double(std::string_view(origin.argument).substr(0, first));
  if (first == std::string::npos || !watts || !std::isfinite(*watts) || *watts <= 0) {
    fail("write power:WATTS:KIND:WHERE, such as power:7:lookup:fpga.csv");
  }
  const std::string text = MetricKey{std::string(kLatency), origin.metric.device}.text() + "=" +
                           origin.argument.substr(first + 1);
  auto latency = make_origin_evaluator(session, space, task, parse_origin(text));
  Evaluator::Info info = latency->info();
  info.name = origin.kind;
  info.metrics = {std::string(kEnergy)};
  info.fidelity = "model: " + format_double(*watts) + " W x latency" +
                  (info.fidelity.empty() ? "" : "; " + info.fidelity);
  return std::make_unique<PowerEvaluator>(std::move(latency), *watts, std::move(info));
}

}  // namespace nas
