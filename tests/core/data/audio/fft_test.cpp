#include "core/data/audio/fft.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <thread>
#include <vector>

#include "core/util/rng.h"

using namespace nas;

namespace {

void fill(FftBuffer& buffer, std::uint64_t seed) {
  Rng rng(RngKey{.seed = seed});
  for (float& value : buffer.signal()) value = static_cast<float>(rng.normal());
}

}  // namespace

TEST_CASE("fft: equals the sum of its definition, and the inverse gives the signal back") {
  for (const std::size_t size : {1UL, 2UL, 7UL, 16UL, 200UL, 256UL}) {
    CAPTURE(size);
    const RealFft fft(size);
    FftBuffer buffer(size);
    fill(buffer, size);
    const std::vector<float> signal(buffer.signal().begin(), buffer.signal().end());
    fft.forward(buffer);
    REQUIRE(buffer.spectrum().size() == size / 2 + 1);
    for (std::size_t k = 0; k < buffer.spectrum().size(); ++k) {
      std::complex<double> sum = 0;
      for (std::size_t t = 0; t < size; ++t) {
        const double turn =
            -2 * std::numbers::pi * static_cast<double>(k * t) / static_cast<double>(size);
        sum += static_cast<double>(signal[t]) * std::polar(1.0, turn);
      }
      CHECK(std::abs(sum - std::complex<double>(buffer.spectrum()[k])) < 1e-4);
    }
    CHECK(std::vector<float>(buffer.signal().begin(), buffer.signal().end()) == signal);
    for (float& value : buffer.signal()) value = 0;
    fft.inverse(buffer);
    for (std::size_t t = 0; t < size; ++t) {
      CHECK(buffer.signal()[t] == doctest::Approx(signal[t]).epsilon(1e-4));
    }
  }
}

TEST_CASE("fft: several threads plan and transform at once with equal results") {
  const RealFft shared(256);
  FftBuffer expected(256);
  fill(expected, 1);
  shared.forward(expected);
  std::vector<int> differences(4, 0);
  std::vector<std::thread> threads;
  for (int& count : differences) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const RealFft own(static_cast<std::size_t>(60 + round));  // planning meanwhile
        FftBuffer buffer(256);
        fill(buffer, 1);
        shared.forward(buffer);
        for (std::size_t k = 0; k < 129; ++k) {
          count += buffer.spectrum()[k] == expected.spectrum()[k] ? 0 : 1;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(differences == std::vector<int>(4, 0));
}
