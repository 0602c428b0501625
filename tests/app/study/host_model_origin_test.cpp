#include "app/study/host_model_origin.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

#include "app/benchmarks/benchmarks.h"
#include "app/host_models/device_models.h"
#include "core/util/text.h"
#include "tests/app/study/study_testing.h"
#include "tests/test_data.h"

using namespace nas;
using namespace nas::test;

namespace {

struct Fixture {
  TemporaryDirectory directory;
  Session session{{.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}}};
  const SearchSpace& space = session.space({"nasbench201", {}});
  const Task task = space.info().default_task;

  MetricValue value(const std::string& origin, const std::string& text) {
    const auto evaluator = make_origin_evaluator(session, space, task, parse_origin(origin));
    const Architecture architecture = space.parse(text);
    const ArchGraph graph = space.build(architecture, task);
    const Digest digest{};
    return evaluator->evaluate({architecture, graph, digest, no_progress(), {}}).metrics.front();
  }
};

constexpr const char* kCell =
    "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|";

/// A machine of which a roofline is known.
DeviceModelState state_of(const std::string& kind) {
  return {.kind = kind,
          .device = {"host", "cpu", "batch=1,threads=1,precision=float32"},
          .roofline = {25, 250, 100, 0.005},
          .errors = {-0.1, 0, 0.1}};
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "device origins: a stored roofline gives latency_ms@host") {
  keep_device_model(session, "mine", state_of("roofline"), "{}");
  const MetricValue value = this->value("latency_ms@host=roofline:mine", kCell);
  const DeviceModel model(state_of("roofline"));
  const double expected =
      model.estimate(space.build(space.parse(kCell), task), state_of("").device).milliseconds;
  CHECK(value.value == expected);
  CHECK(value.source == MetricSource::kPredicted);
  CHECK(value.device->name == "host");
  CHECK(value.fidelity.starts_with("roofline=mine; sha256="));
  // Nine of ten of the errors -0.1, 0 and 0.1 of the logarithm.
  REQUIRE(value.interval.has_value());
  CHECK(value.interval->low == doctest::Approx(expected * std::exp(-0.09)));
  CHECK(value.interval->high == doctest::Approx(expected * std::exp(0.09)));
  // Three held-out networks: no more than 3 of 4 others are below the largest error.
  const MetricValue safe = this->value("latency_ms@host=roofline:mine:quantile=0.75", kCell);
  CHECK(safe.value == doctest::Approx(expected * std::exp(0.1)));
  CHECK(safe.fidelity.ends_with("; quantile=0.75"));
}

TEST_CASE_FIXTURE(Fixture, "device origins: what does not fit is refused in one line") {
  keep_device_model(session, "mine", state_of("roofline"), "{}");
  const auto error = [&](const std::string& origin) {
    return error_of([&] { value(origin, kCell); });
  };
  CHECK(contains(error("latency_ms@host=roofline:mone"), "did you mean 'mine'"));
  CHECK(contains(error("latency_ms@host=kernels:mine"), "write roofline:mine"));
  CHECK(contains(error("latency_ms@phone=roofline:mine"), "gives latency_ms@host"));
  CHECK(contains(error("latency_ms@host=roofline:mine:quantile=0.99"), "more held-out networks"));
  CHECK(contains(error("energy_mj@host=power:0:roofline:mine"), "power:WATTS:KIND:WHERE"));
  CHECK(contains(error("latency_ms@host=power:7:roofline:mine"), "gives energy_mj@DEVICE"));
  std::ofstream(directory.path() / "devices" / "mine.json") << "{}";
  CHECK(contains(error("latency_ms@host=roofline:mine"), "other SHA-256"));
  std::filesystem::remove(directory.path() / "devices" / "mine.json");
  CHECK(contains(error("latency_ms@host=roofline:mine"), "is missing"));
}

TEST_CASE_FIXTURE(Fixture,
                  "device origins: energy is watts times latency, and says that it is a model") {
  keep_device_model(session, "mine", state_of("roofline"), "{}");
  const MetricValue latency = value("latency_ms@host=roofline:mine", kCell);
  const MetricValue energy = value("energy_mj@host=power:15:roofline:mine", kCell);
  CHECK(energy.name == "energy_mj");
  CHECK(energy.value == doctest::Approx(15 * latency.value));
  CHECK(energy.interval.value().high == doctest::Approx(15 * latency.interval.value().high));
  CHECK(energy.source == MetricSource::kPredicted);
  CHECK(energy.fidelity.starts_with("model: 15 W x latency; roofline=mine"));
}

TEST_CASE_FIXTURE(Fixture,
                  "acceptance: 7 W times the latency of the fpga is its energy in every row") {
  const auto dir = test_data("tab-nb201");
  if (dir.empty()) return;
  import_benchmark(session, {.path = dir / "hw_nas_bench_nb201.csv.gz", .name = "hw"});
  const std::string origin = "table:hw:latency_ms:dataset=cifar10,device=fpga";
  const auto modelled =
      make_origin_evaluator(session, space, task, parse_origin("energy_mj@fpga=power:7:" + origin));
  const auto table = make_origin_evaluator(
      session, space, task,
      parse_origin("energy_mj@fpga=table:hw:energy_mj:dataset=cifar10,device=fpga"));
  const auto& indexed = dynamic_cast<const IndexedSpace&>(space);
  const ArchGraph graph;  // tables read none
  const Digest digest{};
  double worst = 0;
  for (std::uint64_t i = 0; i < indexed.size(); ++i) {
    const Architecture architecture = indexed.at(i);
    const EvalRequest request{architecture, graph, digest, no_progress(), {}};
    worst = std::max(worst, std::abs(modelled->evaluate(request).metrics.front().value -
                                     table->evaluate(request).metrics.front().value));
  }
  CHECK(worst < 1e-9);
}
