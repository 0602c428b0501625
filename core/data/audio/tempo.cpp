#include "core/data/audio/tempo.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr double kSegmentSeconds = 0.082;
constexpr double kOverlapSeconds = 0.012;
constexpr double kSearchSeconds = 0.01468;  // the whole range, half of it to each side

/// Lengths in samples. A recording of less than two segments has shorter ones.
struct Lengths {
  std::ptrdiff_t segment = 0;
  std::ptrdiff_t overlap = 0;
  std::ptrdiff_t search = 0;  // to each side
};

Lengths lengths_for(std::size_t samples, int sample_rate) {
  const double whole = 2 * kSegmentSeconds * sample_rate;
  const double scale = sample_rate * std::min(1.0, static_cast<double>(samples) / whole);
  const auto in_samples = [scale](double seconds) {
    return static_cast<std::ptrdiff_t>(std::lround(seconds * scale));
  };
  Lengths lengths{in_samples(kSegmentSeconds), in_samples(kOverlapSeconds),
                  in_samples(kSearchSeconds / 2)};
  lengths.segment = std::max<std::ptrdiff_t>(lengths.segment, 1);
  lengths.overlap = std::min(lengths.overlap, lengths.segment - 1);
  return lengths;
}

/// Joins segments of the input to the output.
class Stretcher {
 public:
  Stretcher(std::span<const float> input, std::size_t output_size, const Lengths& lengths)
      : input_(input), lengths_(lengths), output_(output_size) {}

  std::vector<float> stretch(double factor) {
    const std::ptrdiff_t step = lengths_.segment - lengths_.overlap;
    const auto size = static_cast<std::ptrdiff_t>(output_.size());
    std::ptrdiff_t begin = 0;  // of the segment in the input
    write_segment(begin, 0, 0);
    for (std::ptrdiff_t at = step; at < size; at += step) {
      const std::ptrdiff_t natural = begin + step;  // what follows the segment before
      const std::ptrdiff_t length = std::min(lengths_.segment, size - at);
      begin = closest_to(natural, std::lround(static_cast<double>(at) * factor), length);
      write_segment(begin, at, lengths_.overlap);
    }
    return std::move(output_);
  }

 private:
  float input_at(std::ptrdiff_t i) const {
    return i >= 0 && i < std::ssize(input_) ? input_[static_cast<std::size_t>(i)] : 0.0F;
  }

  /// The begin near `wanted` whose first samples differ least from those at `natural`, and from
  /// which `length` samples are there. Equally good ones: the nearest to `wanted`.
  std::ptrdiff_t closest_to(std::ptrdiff_t natural, std::ptrdiff_t wanted,
                            std::ptrdiff_t length) const {
    const std::ptrdiff_t last = std::max<std::ptrdiff_t>(std::ssize(input_) - length, 0);
    const std::ptrdiff_t centre = std::clamp<std::ptrdiff_t>(wanted, 0, last);
    std::ptrdiff_t best = centre;
    double least = std::numeric_limits<double>::infinity();
    for (std::ptrdiff_t i = 0; i <= 2 * lengths_.search; ++i) {
      const std::ptrdiff_t shift = i % 2 == 1 ? -(i + 1) / 2 : i / 2;  // 0, -1, 1, -2, 2, ...
      const std::ptrdiff_t begin = centre + shift;
      if (begin < 0 || begin > last) continue;
      const double difference = difference_of(begin, natural);
      if (difference >= least) continue;
      least = difference;
      best = begin;
    }
    return best;
  }

  double difference_of(std::ptrdiff_t a, std::ptrdiff_t b) const {
    double sum = 0;
    for (std::ptrdiff_t i = 0; i < lengths_.overlap; ++i) {
      const double difference = input_at(a + i) - input_at(b + i);
      sum += difference * difference;
    }
    return sum;
  }

  /// Fades the first `overlap` samples into what the segment before left there.
  void write_segment(std::ptrdiff_t begin, std::ptrdiff_t at, std::ptrdiff_t overlap) {
    const std::ptrdiff_t end = std::min(lengths_.segment, std::ssize(output_) - at);
    for (std::ptrdiff_t i = 0; i < end; ++i) {
      float& sample = output_[static_cast<std::size_t>(at + i)];
      const float share =
          i < overlap ? static_cast<float>(i + 1) / static_cast<float>(overlap + 1) : 1.0F;
      sample += share * (input_at(begin + i) - sample);
    }
  }

  std::span<const float> input_;
  Lengths lengths_;
  std::vector<float> output_;
};

}  // namespace

std::vector<float> with_tempo(std::span<const float> samples, double factor, int sample_rate) {
  NAS_CHECK(!samples.empty() && factor >= 0.1 && factor <= 10, "a recording and a factor");
  const double exact = static_cast<double>(samples.size()) / factor;
  const auto size = static_cast<std::size_t>(std::max(1L, std::lround(exact)));
  return Stretcher(samples, size, lengths_for(samples.size(), sample_rate)).stretch(factor);
}

}  // namespace nas
