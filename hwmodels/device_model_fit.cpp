#include "hwmodels/device_model_fit.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "core/util/rng.h"
#include "core/util/statistics.h"
#include "hwmodels/non_negative_fit.h"

namespace nas {
namespace {

constexpr std::size_t kFolds = 5;
constexpr std::size_t kFewestForTrees = 3;
constexpr std::size_t kManyForTrees = 100;  // from here on each tree sees a part of them
constexpr std::size_t kFewestNetworks = 10;

/// A kernel and the median of its times.
struct TimedKernel {
  std::uint32_t kernel = 0;
  double milliseconds = 0;
};

template <class Keep>
std::vector<TimedKernel> timed_kernels(const DeviceMeasurements& data, const Keep& keep) {
  std::vector<std::vector<double>> times(data.kernels.size());
  for (const DeviceMeasurements::KernelTime& time : data.times) {
    if (!std::isfinite(time.milliseconds) || time.milliseconds < 0) {
      throw Error(ErrorKind::kNumeric, "kernel '" + kernel_text(data.kernels[time.kernel]) +
                                           "' has a time that is not a positive number");
    }
    // What is quicker than the clock tells takes a tick of it.
    constexpr double kTick = 1e-5;
    if (keep(time)) times[time.kernel].push_back(std::max(time.milliseconds, kTick));
  }
  std::vector<TimedKernel> kernels;
  for (std::uint32_t i = 0; i < times.size(); ++i) {
    if (!times[i].empty()) kernels.push_back({i, median(std::move(times[i]))});
  }
  return kernels;
}

Roofline roofline_of(const DeviceModelFit& fit, const DeviceMeasurements& data,
                     std::span<const TimedKernel> kernels) {
  std::vector<RooflineSample> samples;
  for (const TimedKernel& timed : kernels) {
    samples.push_back({{kernel_work(data.kernels[timed.kernel], fit.batch)}, timed.milliseconds});
  }
  return fit_roofline(samples);
}

KernelTrees trees_of(const DeviceModelFit& fit, const DeviceMeasurements& data,
                     const Roofline& roofline, std::span<const TimedKernel> kernels) {
  std::vector<double> rows, ratios;
  std::size_t width = 0;
  for (const TimedKernel& timed : kernels) {
    const Kernel& kernel = data.kernels[timed.kernel];
    const double bound = roofline.milliseconds(kernel_work(kernel, fit.batch));
    ratios.push_back(std::log(timed.milliseconds / bound));
    const std::vector<double> features = kernel_features(kernel);
    width = features.size();
    rows.insert(rows.end(), features.begin(), features.end());
  }
  KernelTrees result;
  result.samples = static_cast<std::int64_t>(kernels.size());
  result.ratio = median(ratios);
  if (kernels.size() < kFewestForTrees) return result;
  for (double& ratio : ratios) ratio -= result.ratio;
  const double part = kernels.size() < kManyForTrees ? 1 : 0.8;
  result.trees.fit(rows, width, ratios,
                   {.rounds = 300,
                    .learning_rate = 0.07,
                    .depth = 6,
                    .subsample = part,
                    .columns = part,
                    .seed = fit.seed},
                   fit.before_round);
  return result;
}

/// A model without overheads and errors.
DeviceModelState fit_kernels(const DeviceModelFit& fit, const DeviceMeasurements& data,
                             std::span<const TimedKernel> kernels) {
  DeviceModelState state{
      .kind = fit.kind, .device = fit.device, .batch = fit.batch, .rules = fit.rules};
  state.roofline = roofline_of(fit, data, kernels);
  std::map<std::string, std::vector<TimedKernel>> kinds;
  for (const TimedKernel& timed : kernels) {
    kinds[kernel_kind(data.kernels[timed.kernel])].push_back(timed);
  }
  for (const auto& [kind, members] : kinds) {
    state.trees.emplace(kind, trees_of(fit, data, state.roofline, members));
  }
  return state;
}

/// Times of all kernels; NaN of a kind that is not in the model.
std::vector<double> estimates(const DeviceModelState& state, const DeviceMeasurements& data) {
  std::vector<double> times;
  for (const Kernel& kernel : data.kernels) {
    const bool known = state.trees.empty() || state.trees.contains(kernel_kind(kernel));
    times.push_back(known ? estimated_kernel_ms(state, kernel) : std::nan(""));
  }
  return times;
}

double sum_of(const DeviceMeasurements::NetworkTime& network, std::span<const double> times) {
  double sum = 0;
  for (const std::uint32_t kernel : network.kernels) sum += times[kernel];
  return sum;
}

double pass_ms(const PassOverhead& overhead, const DeviceMeasurements::NetworkTime& network,
               double sum) {
  return overhead.fixed_ms + overhead.per_kernel_ms * static_cast<double>(network.kernels.size()) +
         overhead.scale * sum;
}

template <class Keep>
PassOverhead overhead_of(const DeviceMeasurements& data, std::span<const double> times,
                         const Keep& keep) {
  std::vector<double> rows, targets;
  for (std::size_t i = 0; i < data.networks.size(); ++i) {
    const DeviceMeasurements::NetworkTime& network = data.networks[i];
    const double sum = sum_of(network, times);
    if (!keep(i) || !std::isfinite(sum)) continue;
    for (const double amount : {1.0, static_cast<double>(network.kernels.size()), sum}) {
      rows.push_back(amount / network.milliseconds);  // so that relative errors count
    }
    targets.push_back(1);
  }
  const std::vector<double> found = fit_non_negative(rows, 3, targets);
  return {found[0], found[1], found[2]};
}

/// A model of the networks that `keep` keeps.
template <class Keep>
DeviceModelState fit_networks(const DeviceModelFit& fit, const DeviceMeasurements& data,
                              const Keep& keep) {
  if (fit.kind == "roofline") {
    DeviceModelState state{
        .kind = fit.kind, .device = fit.device, .batch = fit.batch, .rules = fit.rules};
    std::vector<RooflineSample> samples;
    for (std::size_t i = 0; i < data.networks.size(); ++i) {
      if (!keep(i)) continue;
      RooflineSample& sample = samples.emplace_back();
      sample.milliseconds = data.networks[i].milliseconds;
      for (const std::uint32_t kernel : data.networks[i].kernels) {
        sample.kernels.push_back(kernel_work(data.kernels[kernel], fit.batch));
      }
    }
    state.roofline = fit_roofline(samples);
    return state;
  }
  const auto kernels = timed_kernels(data, [&](const DeviceMeasurements::KernelTime& time) {
    return time.network == DeviceMeasurements::kNoNetwork || keep(time.network);
  });
  DeviceModelState state = fit_kernels(fit, data, kernels);
  state.overhead = overhead_of(data, estimates(state, data), keep);
  return state;
}

}  // namespace

void check_fit_networks(std::size_t networks) {
  if (networks >= kFewestNetworks) return;
  throw Error(ErrorKind::kUsage, "a fit to " + std::to_string(networks) + " networks; it needs " +
                                     std::to_string(kFewestNetworks) + " or more");
}

DeviceModelState fit_device_model(const DeviceModelFit& fit, const DeviceMeasurements& data) {
  check_fit_networks(data.networks.size());
  std::vector<double> errors;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    const auto held_out = [fold](std::size_t network) { return network % kFolds == fold; };
    const DeviceModelState part =
        fit_networks(fit, data, [&](std::size_t network) { return !held_out(network); });
    const std::vector<double> times = estimates(part, data);
    for (std::size_t i = 0; i < data.networks.size(); ++i) {
      const DeviceMeasurements::NetworkTime& network = data.networks[i];
      const double estimate = pass_ms(part.overhead, network, sum_of(network, times));
      if (held_out(i) && std::isfinite(estimate)) {
        errors.push_back(std::log(network.milliseconds / estimate));
      }
    }
  }
  DeviceModelState state = fit_networks(fit, data, [](std::size_t) { return true; });
  std::ranges::sort(errors);
  state.errors = std::move(errors);
  return state;
}

std::vector<std::uint32_t> missed_kernels(const DeviceModelFit& fit, const DeviceMeasurements& data,
                                          double tolerance) {
  std::vector<TimedKernel> kernels =
      timed_kernels(data, [](const DeviceMeasurements::KernelTime&) { return true; });
  Rng rng({.seed = fit.seed, .purpose = Purpose::kSplit});
  rng.shuffle(std::span(kernels));
  const std::size_t kept = kernels.size() - kernels.size() / kFolds;
  const DeviceModelState state = fit_kernels(fit, data, std::span(kernels).first(kept));
  std::vector<std::uint32_t> missed;
  for (const TimedKernel& timed : std::span(kernels).subspan(kept)) {
    const Kernel& kernel = data.kernels[timed.kernel];
    const bool known = state.trees.contains(kernel_kind(kernel));
    const double estimate = known ? estimated_kernel_ms(state, kernel) : 0;
    if (std::abs(estimate / timed.milliseconds - 1) > tolerance) missed.push_back(timed.kernel);
  }
  return missed;
}

}  // namespace nas
