#include "app/study/mcu_origin.h"

#include <string>
#include <utility>

#include "core/int8/lowering.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "hwmodels/mcu/mcu_latency.h"
#include "hwmodels/mcu/network_plan.h"

namespace nas {
namespace {

constexpr std::string_view kSram = "sram_bytes", kFlash = "flash_bytes", kLatency = "latency_ms";

class McuEvaluator final : public Evaluator {
 public:
  McuEvaluator(const McuDevice& device, Info info) : device_(device), info_(std::move(info)) {}

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    // A search plans thousands of networks, so budgets are small; chains of blocks need no more.
    const NetworkPlanOptions options{.order = {.most_states = 500}, .nodes = 20'000};
    EvalResult result;
    const std::string& metric = info_.metrics.front();
    if (metric == kLatency) {
      const MicroProgram program = lower(request.graph, {.explicit_padding = true}).program;
      result.metrics = {{metric, mcu_latency_ms(work_of(program), device_),
                         MetricSource::kPredicted, info_.fidelity, info_.device}};
      return result;
    }
    const MemoryPlan memory = plan_network(request.graph, device_.engine, options).memory;
    const std::int64_t bytes = metric == kSram ? memory.sram_bytes() : memory.flash_bytes();
    result.metrics = {{metric, static_cast<double>(bytes), MetricSource::kComputed, info_.fidelity,
                       info_.device}};
    return result;
  }

 private:
  const McuDevice& device_;
  Info info_;
};

}  // namespace

std::unique_ptr<Evaluator> make_mcu_evaluator(Session&, const SearchSpace& space, const Task& task,
                                              const MetricOrigin& origin) {
  const McuDevice& device = mcu_device(origin.argument);
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage, "origin '" + to_string(origin) + "': " + why);
  };
  if (origin.metric.name != kSram && origin.metric.name != kFlash &&
      origin.metric.name != kLatency) {
    fail("a microcontroller's model gives sram_bytes, flash_bytes and latency_ms, not " +
         origin.metric.name);
  }
  if (origin.metric.name == kLatency) mcu_latency_ms({}, device);  // refuses a core without data
  if (origin.metric.device != device.name) {
    fail(origin.metric.text() + " is of device '" + printable(origin.metric.device) + "'");
  }
  Evaluator::Info info;
  info.name = origin.kind;
  info.metrics = {origin.metric.name};
  info.expense = 2;
  info.reusable = false;
  info.task = task;
  info.network = network_text(space, task);
  info.fidelity = "engine=" + std::string(device.engine.name);
  info.device = Device{std::string(device.name), "mcu",
                       "batch=1,precision=int8,runtime=" + std::string(device.engine.name) +
                           ",machine=" + std::string(device.title)};
  return std::make_unique<McuEvaluator>(device, std::move(info));
}

}  // namespace nas
