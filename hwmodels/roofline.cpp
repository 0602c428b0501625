#include "hwmodels/roofline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/util/error.h"
#include "hwmodels/non_negative_fit.h"

namespace nas {
namespace {

constexpr double kGiga = 1e9;
constexpr std::size_t kConstants = 4;

double arithmetic_ms(const Roofline& roofline, const KernelWork& work) {
  const double rate = work.depthwise ? roofline.ms_per_gflop_depthwise : roofline.ms_per_gflop;
  return work.flops / kGiga * rate;
}

double squared_error(const Roofline& roofline, std::span<const RooflineSample> samples) {
  double sum = 0;
  for (const RooflineSample& sample : samples) {
    double milliseconds = 0;
    for (const KernelWork& work : sample.kernels) milliseconds += roofline.milliseconds(work);
    const double relative = milliseconds / sample.milliseconds - 1;
    sum += relative * relative;
  }
  return sum;
}

/// The best constants where each kernel is bound by what it is bound by under `before`.
Roofline refit(const Roofline& before, std::span<const RooflineSample> samples) {
  std::vector<double> rows, targets;
  std::array<bool, kConstants> used{};
  for (const RooflineSample& sample : samples) {
    std::array<double, kConstants> row{};
    for (const KernelWork& work : sample.kernels) {
      const double memory = work.bytes / kGiga * before.ms_per_gbyte;
      if (arithmetic_ms(before, work) >= memory) {
        row[work.depthwise ? 1 : 0] += work.flops / kGiga;
      } else {
        row[2] += work.bytes / kGiga;
      }
      row[3] += 1;
    }
    for (std::size_t i = 0; i < kConstants; ++i) {
      used[i] = used[i] || row[i] > 0;
      rows.push_back(row[i] / sample.milliseconds);
    }
    targets.push_back(1);
  }
  const std::vector<double> found = fit_non_negative(rows, kConstants, targets);
  // What no kernel is bound by keeps its constant.
  return {.ms_per_gflop = used[0] ? found[0] : before.ms_per_gflop,
          .ms_per_gflop_depthwise = used[1] ? found[1] : before.ms_per_gflop_depthwise,
          .ms_per_gbyte = used[2] ? found[2] : before.ms_per_gbyte,
          .launch_ms = found[3]};
}

}  // namespace

double Roofline::milliseconds(const KernelWork& work) const {
  return std::max(arithmetic_ms(*this, work), work.bytes / kGiga * ms_per_gbyte) + launch_ms;
}

Roofline fit_roofline(std::span<const RooflineSample> samples) {
  if (samples.size() < kConstants) {
    throw Error(ErrorKind::kUsage, "a roofline of " + std::to_string(samples.size()) +
                                       " measurements; it needs 4 or more");
  }
  for (const RooflineSample& sample : samples) {
    if (!std::isfinite(sample.milliseconds) || sample.milliseconds <= 0) {
      throw Error(ErrorKind::kNumeric, "a roofline of a measurement that is not positive");
    }
  }
  constexpr int kRounds = 30;
  Roofline best;
  double least = std::numeric_limits<double>::infinity();
  // The bounds depend on where it starts: processors do 10 to 1000 GFLOP/s and 5 to 50 GB/s.
  for (const double gflops : {10.0, 50.0, 200.0, 1000.0}) {
    for (const double gbytes : {5.0, 20.0}) {
      Roofline now{.ms_per_gflop = 1e3 / gflops,
                   .ms_per_gflop_depthwise = 1e4 / gflops,
                   .ms_per_gbyte = 1e3 / gbytes};
      for (int round = 0; round < kRounds; ++round) {
        now = refit(now, samples);
        const double error = squared_error(now, samples);
        if (error >= least) continue;
        least = error;
        best = now;
      }
    }
  }
  return best;
}

}  // namespace nas
