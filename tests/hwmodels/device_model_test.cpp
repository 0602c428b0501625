#include "hwmodels/device_model.h"

#include <doctest/doctest.h>

#include <cmath>
#include <ctime>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "hwmodels/device_model_fit.h"
#include "hwmodels/non_negative_fit.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

const Device kMachine{"host", "cpu", "batch=1,threads=1,precision=float32"};

/// A machine of 40 and 4 GFLOP/s, 10 GB/s and 5 us a launch.
constexpr Roofline kTruth{25, 250, 100, 0.005};

std::unique_ptr<SearchSpace> space_of(std::string_view name) {
  return find_plugin(space_plugins(), "space", std::string(name)).make({});
}

std::vector<ArchGraph> networks(const SearchSpace& space, int count, std::uint64_t seed) {
  std::vector<ArchGraph> graphs;
  Rng rng({.seed = seed});
  for (int i = 0; i < count; ++i) {
    graphs.push_back(space.build(sample(space, rng), space.info().default_task));
  }
  return graphs;
}

/// What `time` says of each kernel and a pass that takes 0.1 ms more than their sum.
template <class Time>
DeviceMeasurements measured(const std::vector<ArchGraph>& graphs, const Time& time) {
  DeviceMeasurements data;
  std::map<std::string, std::uint32_t> numbers;
  for (const ArchGraph& graph : graphs) {
    const auto place = static_cast<std::uint32_t>(data.networks.size());
    DeviceMeasurements::NetworkTime& network = data.networks.emplace_back();
    network.milliseconds = 0.1;
    const NetworkKernels kernels(graph, {});
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      const Kernel kernel = kernels.kernel(i);
      const auto [at, fresh] =
          numbers.emplace(kernel_text(kernel), static_cast<std::uint32_t>(numbers.size()));
      if (fresh) data.kernels.push_back(kernel);
      data.times.push_back({at->second, time(kernel), place});
      network.kernels.push_back(at->second);
      network.milliseconds += data.times.back().milliseconds;
    }
  }
  return data;
}

}  // namespace

TEST_CASE("non-negative least squares: what would be negative is 0 and the rest fits again") {
  // b = 2 x + 1 on four points, with a column that only a negative factor would help.
  const std::vector<double> rows = {0, 1, 1, 1, 1, 0, 2, 1, -1, 3, 1, 2};
  const std::vector<double> targets = {1, 3, 5, 7};
  const std::vector<double> free = fit_non_negative(rows, 3, targets);
  CHECK(free[0] == doctest::Approx(2));
  CHECK(free[1] == doctest::Approx(1));
  CHECK(free[2] == doctest::Approx(0).epsilon(1e-9));
  const std::vector<double> falling = {3, 2, 1};
  const std::vector<double> lines = {0, 1, 1, 1, 2, 1};
  const std::vector<double> bounded = fit_non_negative(lines, 2, falling);
  CHECK(bounded[0] == 0);
  CHECK(bounded[1] == doctest::Approx(2));
  const std::vector<double> empty = {0, 1, 0, 2};
  const std::vector<double> rest = fit_non_negative(empty, 2, std::vector<double>{2, 4});
  CHECK(rest[0] == 0);
  CHECK(rest[1] == doctest::Approx(2));
}

TEST_CASE("roofline: its constants come back from the times of 30 networks") {
  const auto space = space_of("ofa_mobilenetv3");
  std::vector<RooflineSample> samples;
  for (const ArchGraph& graph : networks(*space, 30, 1)) {
    RooflineSample& sample = samples.emplace_back();
    const NetworkKernels kernels(graph, {});
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      sample.kernels.push_back(kernel_work(kernels.kernel(i), 1));
      sample.milliseconds += kTruth.milliseconds(sample.kernels.back());
    }
  }
  const Roofline found = fit_roofline(samples);
  CHECK(found.ms_per_gflop == doctest::Approx(kTruth.ms_per_gflop).epsilon(0.02));
  CHECK(found.ms_per_gflop_depthwise ==
        doctest::Approx(kTruth.ms_per_gflop_depthwise).epsilon(0.02));
  CHECK(found.ms_per_gbyte == doctest::Approx(kTruth.ms_per_gbyte).epsilon(0.02));
  CHECK(found.launch_ms == doctest::Approx(kTruth.launch_ms).epsilon(0.02));
  CHECK_THROWS_AS(fit_roofline(std::span(samples).first(3)), Error);
}

TEST_CASE("device model: trees learn what a roofline cannot say, and files read back") {
  const auto space = space_of("nasbench201");
  // Narrow kernels take four times as long.
  const auto time = [](const Kernel& kernel) {
    const double narrow = kernel.ops[0].inputs[0].shape[0] <= 16 ? 4 : 1;
    return narrow * kTruth.milliseconds(kernel_work(kernel, 1));
  };
  const DeviceMeasurements data = measured(networks(*space, 30, 1), time);
  DeviceModelFit fit{.device = kMachine};
  const DeviceModel model(fit_device_model(fit, data));
  fit.kind = "roofline";
  const DeviceModel roofline(fit_device_model(fit, data));
  const std::vector<ArchGraph> fresh = networks(*space, 30, 2);
  const DeviceMeasurements truth = measured(fresh, time);
  double worst = 0, worst_roofline = 0;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const auto error = [&](const DeviceModel& one) {
      const double estimate = one.estimate(fresh[i], kMachine).milliseconds;
      return std::abs(estimate / truth.networks[i].milliseconds - 1);
    };
    worst = std::max(worst, error(model));
    worst_roofline = std::max(worst_roofline, error(roofline));
  }
  CHECK(worst < 0.03);
  CHECK(worst_roofline > worst);
  const DeviceModel read(parse_device_model(to_json(model.state()), "file"));
  const LatencyEstimate estimate = model.estimate(fresh[0], kMachine);
  CHECK(read.estimate(fresh[0], kMachine).milliseconds == estimate.milliseconds);
  CHECK(estimate.low <= estimate.milliseconds);
  CHECK(estimate.runs == 0);
  CHECK(model.info().source == MetricSource::kPredicted);
  double sum = model.state().overhead.fixed_ms;
  for (const CostPart& part : model.parts(fresh[0])) sum += part.milliseconds;
  CHECK(sum == doctest::Approx(estimate.milliseconds));
  CHECK(model.factor(0.9) >= model.factor(0.5));
  CHECK_THROWS_AS(model.factor(0.999), Error);  // 30 networks cannot say
  CHECK_THROWS_AS(model.estimate(fresh[0], Device{"host", "cpu", "batch=2"}), Error);
  DeviceModelState fused{.kind = "roofline", .device = kMachine, .roofline = kTruth};
  fused.rules.pairs = {{"conv2d", "batch_norm"}, {"batch_norm", "relu"}};
  CHECK(parse_device_model(to_json(fused), "file").rules.pairs == fused.rules.pairs);
  CHECK_THROWS_AS(parse_device_model("{}", "file"), Error);
  CHECK_THROWS_AS(parse_device_model("[", "file"), Error);
}

TEST_CASE("device model: a kind of kernel that nothing timed is an error that names it") {
  const auto cells = space_of("nasbench201"), mobile = space_of("ofa_mobilenetv3");
  const auto time = [](const Kernel& kernel) {
    return kTruth.milliseconds(kernel_work(kernel, 1));
  };
  const DeviceModel model(
      fit_device_model({.device = kMachine}, measured(networks(*cells, 12, 1), time)));
  try {
    model.estimate(networks(*mobile, 1, 1).front(), kMachine);
    FAIL("an estimate of unknown kernels");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUnsupported);
    CHECK(std::string(error.what()).find("was measured on this device") != std::string::npos);
  }
  CHECK_THROWS_AS(fit_device_model({.device = kMachine}, measured(networks(*cells, 5, 1), time)),
                  Error);
}

TEST_CASE("device model: kernels that the trees miss are those off the rule") {
  const auto space = space_of("ofa_mobilenetv3");
  const auto time = [](const Kernel& kernel) {
    return kTruth.milliseconds(kernel_work(kernel, 1));
  };
  DeviceMeasurements data = measured(networks(*space, 12, 1), time);
  const std::size_t before = missed_kernels({.device = kMachine}, data, 0.1).size();
  for (DeviceMeasurements::KernelTime& one : data.times) {
    if (one.kernel % 3 == 0) one.milliseconds *= 2;
  }
  CHECK(missed_kernels({.device = kMachine}, data, 0.1).size() > before + 5);
}

TEST_CASE("acceptance: all 15,625 cells of NAS-Bench-201 are estimated in less than two seconds") {
  const auto space = space_of("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  const auto time = [](const Kernel& kernel) {
    return kTruth.milliseconds(kernel_work(kernel, 1));
  };
  const DeviceModel model(
      fit_device_model({.device = kMachine}, measured(networks(*space, 25, 1), time)));
  const Task task = space->info().default_task;
  std::clock_t building = 0, estimating = 0;  // of the processor: other work does not count
  for (std::uint64_t i = 0; i < indexed.size(); ++i) {
    const std::clock_t start = std::clock();
    const ArchGraph graph = space->build(indexed.at(i), task);
    const std::clock_t built = std::clock();
    CHECK(model.estimate(graph, kMachine).milliseconds > 0);
    building += built - start;
    estimating += std::clock() - built;
  }
  const auto seconds = [](std::clock_t ticks) {
    return static_cast<double>(ticks) / static_cast<double>(CLOCKS_PER_SEC);
  };
  MESSAGE(seconds(building), " s to build them, ", seconds(estimating), " s to estimate them");
  CHECK(seconds(estimating) < 2);
}
