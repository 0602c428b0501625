#pragma once

#include <cmath>
#include <vector>

#include "core/util/rng.h"
#include "gui/plots/best_plot.h"
#include "gui/plots/curves_plot.h"
#include "gui/plots/plot_data.h"

namespace nas::test {

/// Columns that look like those of a benchmark: parameters, MACs, latency, accuracies, proxies.
struct SampleTable {
  PlotColumn params, macs, latency, accuracy, predicted, synflow, nwot, noise;
};

inline SampleTable sample_table(std::size_t rows, std::uint64_t seed = 7) {
  Rng rng({.seed = seed});
  const auto normal = [&] {
    const double u = 1 - rng.uniform(), v = rng.uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307179586 * v);
  };
  std::vector<std::vector<double>> c(8, std::vector<double>(rows));
  for (std::size_t i = 0; i < rows; ++i) {
    const double size = rng.uniform(), quality = normal();
    c[0][i] = 7e4 * std::pow(22.0, size) * std::exp(0.1 * normal());
    c[1][i] = 120 * c[0][i] * std::exp(0.25 * normal());
    c[2][i] = 1.1 + c[1][i] / 2.2e7 * std::exp(0.2 * normal());
    const double good =
        94.4 - 7.5 * std::exp(-3.2 * size - 0.5 * quality) - 0.3 * std::abs(normal());
    c[3][i] = rng.uniform() < 0.03 ? 10 + 20 * rng.uniform() : good;
    c[4][i] = 0.75 * c[3][i] + 0.25 * 91 + 0.5 * normal();
    c[5][i] = std::exp(2 * size + 0.4 * quality + 30 + normal() * 0.6);
    c[6][i] = 700 + 90 * size + 15 * quality + 10 * normal();
    c[7][i] = rng.uniform();
  }
  return {make_column("parameters", c[0], false, true),
          make_column("MACs", c[1], false, true),
          make_column("latency (ms)", c[2], false),
          make_column("test accuracy (%)", c[3]),
          make_column("predicted accuracy (%)", c[4]),
          make_column("synflow", c[5], true, true),
          make_column("nwot", c[6]),
          make_column("noise", c[7])};
}

inline std::vector<SearchMethod> sample_methods(std::size_t seeds, std::size_t trials) {
  std::vector<SearchMethod> methods;
  const char* const names[] = {"random", "evolution", "bananas"};
  for (std::size_t m = 0; m < 3; ++m) {
    SearchMethod method{names[m], {}};
    for (std::size_t seed = 0; seed < seeds; ++seed) {
      Rng rng({.seed = 100 * m + seed});
      SearchRun run;
      for (std::size_t i = 0; i < trials; ++i) {
        const double progress = std::min(1.0, static_cast<double>(i * m) / 120.0);
        run.values.push_back(94.4 - (4 - 3 * progress) * std::pow(rng.uniform(), 0.5));
      }
      method.runs.push_back(std::move(run));
    }
    methods.push_back(std::move(method));
  }
  return methods;
}

inline std::vector<TrainingCurve> sample_curves(std::size_t count, std::size_t epochs) {
  Rng rng({.seed = 3});
  std::vector<TrainingCurve> curves;
  for (std::size_t i = 0; i < count; ++i) {
    TrainingCurve curve{QString("trial %1").arg(i), static_cast<RowKey>(i), {}, {}};
    const double final_value = 70 + 24 * rng.uniform(), speed = 4 + 14 * rng.uniform();
    for (std::size_t e = 0; e < epochs; ++e) {
      curve.epochs.push_back(static_cast<double>(e + 1));
      curve.values.push_back(final_value *
                                 (1 - 0.8 * std::exp(-static_cast<double>(e + 1) / speed)) +
                             2 * (rng.uniform() - 0.5));
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace nas::test
