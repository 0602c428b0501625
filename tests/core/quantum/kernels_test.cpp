#include "core/quantum/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/quantum/state.h"
#include "core/util/rng.h"

using namespace nas;

namespace {

constexpr int kBits = 7;

State random_state(std::uint64_t seed) {
  Rng rng({.seed = seed});
  State state(kBits);
  for (std::size_t i = 0; i < state.size(); ++i) state.set(i, {rng.normal(), rng.normal()});
  return state;
}
FloatState to_float(const State& state) {
  FloatState result(state.qubits());
  for (std::size_t i = 0; i < state.size(); ++i) result.set(i, state.at(i));
  return result;
}

template <class S>
double distance(const S& state, const std::vector<Amplitude>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(state.at(i) - expected[i]));
  }
  return largest;
}

Amplitude entry(const double* m, std::size_t index) {
  return {m[2 * index], m[2 * index + 1]};
}

std::vector<Amplitude> expected_one(const State& state, const OneBit& gate) {
  std::vector<Amplitude> out = state.amplitudes();
  const std::size_t t = std::size_t{1} << gate.target;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if ((i & t) != 0 || (i & gate.controls) != gate.controls) continue;
    const Amplitude x = out[i], y = out[i | t];
    out[i] = entry(gate.matrix, 0) * x + entry(gate.matrix, 1) * y;
    out[i | t] = entry(gate.matrix, 2) * x + entry(gate.matrix, 3) * y;
  }
  return out;
}

std::vector<Amplitude> expected_two(const State& state, const TwoBits& gate) {
  std::vector<Amplitude> out(state.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t row = (i >> gate.first & 1) * 2 + (i >> gate.second & 1);
    for (std::size_t c = 0; c < 4; ++c) {
      const std::size_t rest = i & ~(std::size_t{1} << gate.first | std::size_t{1} << gate.second);
      const std::size_t from = rest | (c >> 1) << gate.first | (c & 1) << gate.second;
      out[i] += entry(gate.matrix, 4 * row + c) * state.at(from);
    }
  }
  return out;
}

// A matrix of each shape, in the order of the enumeration.
constexpr double kMatrices[kShapes][8] = {
    {.1, .2, -.3, .4, .5, -.6, .7, .8}, {.6, 0, -.8, 0, .8, 0, .6, 0},
    {.6, 0, 0, -.8, 0, -.8, .6, 0},     {0, 0, .1, -.9, .2, .8, 0, 0},
    {.6, .8, 0, 0, 0, 0, -.8, .6},      {0, 0, 1, 0, 1, 0, 0, 0}};

/// With every shape, since each has a kernel of its own.
void check_steps_back(const KernelSet& set, const State& a, const State& b, int target,
                      std::uint64_t controls) {
  const std::size_t t = std::size_t{1} << target;
  for (std::size_t shape = 0; shape < kShapes; ++shape) {
    CAPTURE(shape);
    const OneBit gate = {kMatrices[shape], target, controls};
    State psi = a, lambda = b;
    Overlap overlap;
    set.wide.step_back[shape](psi.data(), lambda.data(), psi.blocks(), gate, overlap);
    CHECK(distance(psi, expected_one(a, gate)) < 1e-14);
    CHECK(distance(lambda, expected_one(b, gate)) < 1e-14);
    Amplitude expected[4] = {};
    for (std::size_t i = 0; i < a.size(); ++i) {
      if ((i & t) != 0 || (i & controls) != controls) continue;
      for (std::size_t k = 0; k < 4; ++k) {
        expected[k] += std::conj(b.at(k >= 2 ? i | t : i)) * psi.at(k % 2 != 0 ? i | t : i);
      }
    }
    for (std::size_t k = 0; k < 4; ++k) {
      CHECK(std::abs(entry(overlap.sum, k) - expected[k]) < 1e-12);
    }
  }
}

}  // namespace

TEST_CASE("kernels: every instruction set, every shape, every target and control") {
  const State start = random_state(1);
  const FloatState single = to_float(start);
  for (const KernelSet& set : available_kernels()) {
    CAPTURE(set.rest.name);
    double worst = 0, worst_float = 0;
    for (std::size_t shape = 0; shape < kShapes; ++shape) {
      for (int target = 0; target < kBits; ++target) {
        for (std::uint64_t controls = 0; controls < (1U << kBits); ++controls) {
          if ((controls >> target & 1) != 0 || std::popcount(controls) > 2) continue;
          const OneBit gate = {kMatrices[shape], target, controls};
          const auto expected = expected_one(start, gate);
          State state = start;
          set.wide.one[shape](state.data(), state.blocks(), gate);
          worst = std::max(worst, distance(state, expected));
          FloatState other = single;
          set.single.one[shape](other.data(), other.blocks(), gate);
          worst_float = std::max(worst_float, distance(other, expected));
        }
      }
    }
    CHECK(worst < 1e-14);
    CHECK(worst_float < 1e-5);
  }
}

TEST_CASE("kernels: every instruction set, states in registers step by step as in memory") {
  for (const KernelSet& set : available_kernels()) {
    CAPTURE(set.rest.name);
    for (int bits = 1; bits <= 6; ++bits) {
      State state(bits);
      Rng rng({.seed = 6});
      for (std::size_t i = 0; i < state.size(); ++i) state.set(i, {rng.normal(), rng.normal()});
      std::vector<FewStep> steps;
      std::vector<Amplitude> expected = state.amplitudes();
      State mirror = state;
      for (int step = 0; step < 200; ++step) {
        const auto shape = rng.below(kShapes);
        const auto target = static_cast<int>(rng.below(static_cast<std::uint64_t>(bits)));
        std::uint64_t controls = rng.bernoulli(0.5) ? rng.below(state.size()) : 0;
        controls &= ~(std::uint64_t{1} << target);
        steps.push_back({{kMatrices[shape], target, controls}, static_cast<Shape>(shape)});
        expected = expected_one(mirror, steps.back().gate);
        double norm = 0;
        for (const Amplitude& one : expected) norm = std::max(norm, std::abs(one));
        REQUIRE(norm < 1e6);
        for (std::size_t i = 0; i < expected.size(); ++i) mirror.set(i, expected[i]);
      }
      double largest = 0;
      for (const Amplitude& one : expected) largest = std::max(largest, std::abs(one));
      FloatState single = to_float(state);
      const auto place = [](const auto& of) { return std::bit_width(of.blocks()) - 1; };
      set.single.few[place(single)](single.data(), steps.data(), steps.size());
      CHECK(distance(single, expected) < 1e-3 * largest);
      if (bits == 6) continue;  // more than registers hold in double
      set.wide.few[place(state)](state.data(), steps.data(), steps.size());
      CHECK(distance(state, expected) < 1e-12 * largest);
    }
  }
}

TEST_CASE("kernels: every instruction set, two bits in all places") {
  const State start = random_state(2);
  const FloatState single = to_float(start);
  Rng rng({.seed = 3});
  double general[32], diagonal[32] = {}, swap[32] = {};
  for (double& part : general) part = rng.normal() / 2;
  for (std::size_t i = 0; i < 4; ++i) {
    diagonal[10 * i] = rng.normal();
    diagonal[10 * i + 1] = rng.normal();
  }
  swap[0] = swap[12] = swap[18] = swap[30] = 1;
  for (const KernelSet& set : available_kernels()) {
    CAPTURE(set.rest.name);
    for (int first = 0; first < kBits; ++first) {
      for (int second = 0; second < kBits; ++second) {
        if (first == second) continue;
        const auto check = [&](const double* matrix, auto wide, auto narrow) {
          const TwoBits gate = {matrix, first, second};
          const auto expected = expected_two(start, gate);
          State state = start;
          wide(state.data(), state.blocks(), gate);
          CHECK(distance(state, expected) < 1e-14);
          FloatState other = single;
          narrow(other.data(), other.blocks(), gate);
          CHECK(distance(other, expected) < 1e-5);
        };
        check(general, set.wide.two, set.single.two);
        check(diagonal, set.wide.two_diagonal, set.single.two_diagonal);
        check(swap, set.wide.swap, set.single.swap);
      }
    }
  }
}

TEST_CASE("kernels: every instruction set, sums, flips and steps back") {
  const State a = random_state(4), b = random_state(5);
  std::vector<double> re(a.size()), im(a.size());
  for (std::size_t i = 0; i < re.size(); ++i) {
    re[i] = std::sin(static_cast<double>(i));
    im[i] = std::cos(static_cast<double>(3 * i));
  }
  Amplitude product = 0;
  for (std::size_t i = 0; i < a.size(); ++i) product += std::conj(a.at(i)) * b.at(i);
  for (const KernelSet& set : available_kernels()) {
    CAPTURE(set.rest.name);
    double sum[2];
    set.wide.inner(a.data(), b.data(), a.blocks(), sum);
    CHECK(std::abs(Amplitude(sum[0], sum[1]) - product) < 1e-12);
    for (const std::uint64_t mask : {0U, 1U, 6U, 8U, 77U, 127U}) {
      State out = b;
      set.rest.flip_add(a.data(), out.data(), a.blocks(), {mask, re.data(), im.data()}, true);
      double worst = 0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const Amplitude expected = b.at(i) + Amplitude(re[i], im[i]) * a.at(i ^ mask);
        worst = std::max(worst, std::abs(out.at(i) - expected));
      }
      CHECK(worst < 1e-14);
    }
    for (int target = 0; target < kBits; ++target) {
      for (const std::uint64_t controls : {0U, 4U, 32U, 36U}) {
        if ((controls >> target & 1) != 0) continue;
        CAPTURE(target);
        CAPTURE(controls);
        check_steps_back(set, a, b, target, controls);
      }
    }
  }
}

TEST_CASE("kernels: every instruction set, halves of angles to 2 ulp") {
  Rng rng({.seed = 6});
  std::vector<double> angles(1000), cosines(1008), sines(1008);
  for (const double reach : {1.0, 10.0, 1e3, 9e5}) {
    for (double& angle : angles) angle = rng.uniform(-reach, reach);
    angles.resize(1008);
    for (const KernelSet& set : available_kernels()) {
      CAPTURE(set.rest.name);
      set.rest.half_angles(angles.data(), 1000, cosines.data(), sines.data());
      double worst = 0;
      for (std::size_t i = 0; i < 1000; ++i) {
        worst = std::max({worst, std::abs(cosines[i] - std::cos(angles[i] / 2)),
                          std::abs(sines[i] - std::sin(angles[i] / 2))});
      }
      CHECK(worst < 4e-16);
    }
    angles.resize(1000);
  }
}
