#include "app/study/mcu_origin.h"

#include <doctest/doctest.h>

#include "app/study/device_origin.h"
#include "hwmodels/mcu/mcu_latency.h"
#include "hwmodels/mcu/network_plan.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

constexpr const char* kSmall =
    "r=96;w=0.3;d=2,2,2,2,2,1;k=3,3,3,3,3,3,3,3,3,3,3;e=3,3,3,3,3,3,3,3,3,3,3";

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  const SearchSpace& space = session.space({"mcunet", {}});
  const Task task = space.info().default_task;

  MetricValue value(const std::string& origin) {
    const auto evaluator = make_origin_evaluator(session, space, task, parse_origin(origin));
    const Architecture architecture = space.parse(kSmall);
    const ArchGraph graph = space.build(architecture, task);
    const Digest digest{};
    return evaluator->evaluate({architecture, graph, digest, no_progress(), {}}).metrics.front();
  }
};

StudyConfig limited(const std::string& constraint) {
  StudyConfig config;
  config.name = "limited";
  config.space = {"mcunet", {}};
  config.searcher = {"random", {}};
  config.objectives = {"maximize macs"};
  config.constraints = {constraint};
  config.budget_trials = 12;
  return config;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture,
                  "microcontrollers: memory is what the plan says, latency what its model says") {
  const McuDevice& device = mcu_device("stm32f746");
  const ArchGraph graph = space.build(space.parse(kSmall), task);
  const NetworkPlan plan = plan_network(graph, device.engine);
  const MetricValue sram = value("sram_bytes@stm32f746=mcu:stm32f746");
  CHECK(sram.value == static_cast<double>(plan.memory.sram_bytes()));
  CHECK(sram.source == MetricSource::kComputed);
  CHECK(sram.device->kind == "mcu");
  const MetricValue flash = value("flash_bytes@stm32f746=mcu:stm32f746");
  CHECK(flash.value == static_cast<double>(plan.memory.flash_bytes()));
  const MetricValue latency = value("latency_ms@stm32f746=mcu:stm32f746");
  CHECK(latency.value == mcu_latency_ms(work_of(plan.program), device));
  CHECK(latency.source == MetricSource::kPredicted);
}

TEST_CASE_FIXTURE(Fixture, "microcontrollers: what does not fit is refused in one line") {
  const auto error = [&](const std::string& origin) { return error_of([&] { value(origin); }); };
  CHECK(contains(error("sram_bytes@x=mcu:stm32f747"), "did you mean 'stm32f746'"));
  CHECK(contains(error("sram_bytes@x=mcu:stm32f746"), "is of device 'x'"));
  CHECK(contains(error("energy_mj@stm32f746=mcu:stm32f746"), "not energy_mj"));
  CHECK(contains(error("latency_ms@stm32f412=mcu:stm32f412"), "no latencies are known"));
}

TEST_CASE_FIXTURE(Fixture,
                  "microcontrollers: a network that does not fit is told by all its excesses") {
  StudyConfig config = limited("flash_bytes@stm32f746<=200000");
  config.constraints.emplace_back("latency_ms@stm32f746<=10");
  run_study(session, config);
  const StudyRow row = find_study_or_throw(session.reader(), "limited");
  int beyond_both = 0;
  for (const TrialRow& trial : session.reader().trials(row.id)) {
    const auto excess = [&](const std::string& metric, double limit) {
      for (const MetricValue& one : trial.metrics) {
        if (one.name == metric) return std::max(0.0, (one.value - limit) / limit);
      }
      return -1.0;
    };
    const double flash = excess("flash_bytes", 200'000), latency = excess("latency_ms", 10);
    CHECK(flash >= 0);
    CHECK(latency >= 0);
    CHECK(trial.violation == doctest::Approx(flash + latency));
    beyond_both += flash > 0 && latency > 0 ? 1 : 0;
  }
  CHECK(beyond_both > 0);
}

TEST_CASE_FIXTURE(Fixture, "microcontrollers: bytes of memory need one") {
  const std::string error = error_of([&] { run_study(session, limited("sram_bytes<=327680")); });
  CHECK(contains(error, "name a microcontroller, such as sram_bytes@stm32"));
}

TEST_CASE_FIXTURE(Fixture, "microcontrollers: a metric of one needs no origin") {
  const StudyConfig config = with_device_origins(session, limited("sram_bytes@stm32f746<=327680"));
  REQUIRE(config.origins.size() == 1);
  CHECK(config.origins.front() == "sram_bytes@stm32f746=mcu:stm32f746");
}
