#include "app/study/mcu_origin.h"

#include <string>
#include <utility>

#include "core/int8/lowering.h"
#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/text.h"
#include "hwmodels/mcu/mcu_latency.h"
#include "hwmodels/mcu/network_plan.h"
#include "hwmodels/mcu/row_wise.h"

namespace nas {
namespace {

constexpr std::string_view kSram = "sram_bytes", kFlash = "flash_bytes", kLatency = "latency_ms";

/// A search plans thousands of networks, so budgets are small; chains of blocks need no more.
constexpr NetworkPlanOptions kPlan{.order = {.most_states = 500}, .nodes = 20'000};

std::int64_t sram_bytes(const MicroProgram& program, const McuDevice& device) {
  if (has_attention(program)) return plan_row_wise(program).sram_bytes();
  return plan_program(program, device.engine, kPlan).memory.sram_bytes();
}

std::int64_t flash_bytes(const ArchGraph& graph, const MicroProgram& program,
                         const McuDevice& device) {
  const std::int64_t model = has_attention(program)
                                 ? parameter_flash_bytes(graph)
                                 : flash_use(program, device.engine).model_bytes();
  return model + device.engine.code_bytes;
}

class McuEvaluator final : public Evaluator {
 public:
  McuEvaluator(const McuDevice& device, Info info) : device_(device), info_(std::move(info)) {}

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const MicroProgram program = lower(request.graph, {.explicit_padding = true}).program;
    const std::string& metric = info_.metrics.front();
    EvalResult result;
    if (metric == kLatency) {
      result.metrics = {{metric, mcu_latency_ms(work_of(program), device_),
                         MetricSource::kPredicted, info_.fidelity, info_.device}};
      return result;
    }
    const std::int64_t bytes = metric == kSram ? sram_bytes(program, device_)
                                               : flash_bytes(request.graph, program, device_);
    result.metrics = {{metric, static_cast<double>(bytes), MetricSource::kComputed, info_.fidelity,
                       info_.device}};
    return result;
  }

 private:
  const McuDevice& device_;
  Info info_;
};

/// Whether networks of a space have attention, as one that is drawn says.
bool space_has_attention(const SearchSpace& space, const Task& task) {
  Rng rng({.seed = 0, .purpose = Purpose::kSample});
  try {
    return has_attention(lower(space.build(sample(space, rng), task)).program);
  } catch (const Error&) {
    return false;  // no int8 form: each trial says so
  }
}

}  // namespace

std::int64_t network_sram_bytes(const ArchGraph& graph, const McuDevice& device) {
  return sram_bytes(lower(graph, {.explicit_padding = true}).program, device);
}

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
  Evaluator::Info info = origin_info(origin, space, task);
  info.expense = 2;
  info.fidelity = "engine=" + std::string(device.engine.name);
  if (origin.metric.name != kLatency && space_has_attention(space, task)) {
    info.fidelity = "engine=row_wise; rows=1";
  }
  info.device = Device{std::string(device.name), "mcu",
                       "batch=1,precision=int8,runtime=" + std::string(device.engine.name) +
                           ",machine=" + std::string(device.title)};
  return std::make_unique<McuEvaluator>(device, std::move(info));
}

}  // namespace nas
