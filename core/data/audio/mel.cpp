#include "core/data/audio/mel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kLogFloor = 1e-6;
constexpr double kDecibelFloor = 1e-10;
constexpr double kDynamicRange = 80;  // dB
constexpr double kVarianceFloor = 1e-5;
constexpr std::string_view kSource = "EfficientTDNN, section 2.1";

constexpr Field<MelOptions> kFields[] = {
    {"sample_rate", &MelOptions::sample_rate, "rate of the recordings", "Hz", 1000, 768000,
     kSource},
    {"fft", &MelOptions::fft, "length of the transform", "samples", 16, 65536, kSource},
    {"window", &MelOptions::window, "length of the Hamming window", "samples", 2, 65536, kSource},
    {"hop", &MelOptions::hop, "distance of the frames", "samples", 1, 65536, kSource},
    {"mels", &MelOptions::mels, "triangular filters", "", 1, 1024, kSource},
    {"low_hz", &MelOptions::low_hz, "lower edge of the first filter", "Hz", 0, 384000, kSource},
    {"high_hz", &MelOptions::high_hz, "upper edge of the last filter", "Hz", 1, 384000, kSource},
    {"pre_emphasis", &MelOptions::pre_emphasis, "share of the sample before that is subtracted", "",
     0, 1, kSource},
    {"cepstra", &MelOptions::cepstra, "cepstral coefficients (MFCC); 0: log-mel features", "", 0,
     1024, kSource},
    {"normalise", &MelOptions::normalise, "each channel has mean 0 and variance 1 over time", "", 0,
     1, kSource},
};

double to_mel(double hz) {
  return 2595 * std::log10(1 + hz / 700);
}

double to_hz(double mel) {
  return 700 * (std::pow(10, mel / 2595) - 1);
}

std::size_t size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

std::vector<float> hamming(std::int64_t length) {
  std::vector<float> window;
  for (std::int64_t n = 0; n < length; ++n) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(length);
    window.push_back(static_cast<float>(0.54 - 0.46 * std::cos(turn)));
  }
  return window;
}

/// Orthonormal DCT-II, [cepstra, mels].
std::vector<float> dct(std::int64_t cepstra, std::int64_t mels) {
  const auto n = static_cast<double>(mels);
  std::vector<float> rows;
  for (std::int64_t k = 0; k < cepstra; ++k) {
    const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / n);
    for (std::int64_t m = 0; m < mels; ++m) {
      const double angle =
          std::numbers::pi / n * (static_cast<double>(m) + 0.5) * static_cast<double>(k);
      rows.push_back(static_cast<float>(scale * std::cos(angle)));
    }
  }
  return rows;
}

struct Moments {
  double mean = 0;
  double variance = 0;  // divided by n
};

std::vector<Moments> moments_over_time(std::span<const float> features, std::size_t channels) {
  NAS_CHECK(channels > 0 && features.size() % channels == 0, "features are [channels, frames]");
  const std::size_t frames = features.size() / channels;
  std::vector<Moments> moments(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    const auto row = features.subspan(c * frames, frames);
    double sum = 0;
    for (const float value : row) sum += static_cast<double>(value);
    const double mean = sum / static_cast<double>(frames);
    double squares = 0;
    for (const float value : row) squares += (value - mean) * (value - mean);
    moments[c] = {mean, squares / static_cast<double>(frames)};
  }
  return moments;
}

const MelOptions& checked(const MelOptions& options) {
  const std::vector<std::string> wrong = validate(options);
  if (!wrong.empty()) throw Error(ErrorKind::kUsage, "mel features: " + join(wrong, "; "));
  return options;
}

}  // namespace

std::span<const Field<MelOptions>> mel_fields() {
  return kFields;
}

MelOptions mel_options_for(int sample_rate, bool cepstra) {
  const std::int64_t rate = sample_rate;
  MelOptions options;
  options.sample_rate = rate;
  options.window = rate / 40;
  options.hop = rate / 100;
  options.fft = std::max<std::int64_t>(
      16, static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(options.window))));
  options.high_hz = 0.475 * static_cast<double>(rate);
  options.mels = rate < 16000 ? 40 : 80;
  if (cepstra) {
    options.cepstra = options.mels;
    options.mels = options.mels * 8 / 5;
  }
  return options;
}

std::vector<std::string> validate(const MelOptions& options) {
  std::vector<std::string> wrong = validate_fields(mel_fields(), options);
  const auto at_most = [&](std::string_view name, double value, std::string_view limit,
                           double most) {
    if (value <= most) return;
    wrong.push_back(std::string(name) + " = " + format_short(value) + ", must be at most " +
                    std::string(limit) + " = " + format_short(most));
  };
  at_most("window", static_cast<double>(options.window), "fft", static_cast<double>(options.fft));
  at_most("cepstra", static_cast<double>(options.cepstra), "mels",
          static_cast<double>(options.mels));
  at_most("high_hz", options.high_hz, "half of the rate",
          static_cast<double>(options.sample_rate) / 2);
  if (options.low_hz >= options.high_hz) {
    wrong.push_back("low_hz = " + format_short(options.low_hz) +
                    ", must be below high_hz = " + format_short(options.high_hz));
  }
  return wrong;
}

MelFrontEnd::MelFrontEnd(const MelOptions& options)
    : options_(checked(options)),
      fft_(size(options.fft)),
      window_(hamming(options.window)),
      cosines_(dct(options.cepstra, options.mels)) {
  // The edges of the triangles, in Hz: the filters are triangles over the frequency, not the mel.
  const double low = to_mel(options.low_hz);
  const double step = (to_mel(options.high_hz) - low) / static_cast<double>(options.mels + 1);
  const double bin_hz = static_cast<double>(options.sample_rate) / static_cast<double>(options.fft);
  for (std::int64_t m = 0; m < options.mels; ++m) {
    const double left = to_hz(low + static_cast<double>(m) * step);
    const double centre = to_hz(low + static_cast<double>(m + 1) * step);
    const double right = to_hz(low + static_cast<double>(m + 2) * step);
    Filter filter;
    for (std::size_t bin = 0; bin <= size(options.fft) / 2; ++bin) {
      const double hz = static_cast<double>(bin) * bin_hz;
      const double weight =
          std::min((hz - left) / (centre - left), (right - hz) / (right - centre));
      if (weight <= 0) continue;  // contiguous: a triangle has one piece above 0
      if (filter.weights.empty()) filter.first = bin;
      filter.weights.push_back(static_cast<float>(weight));
    }
    filters_.push_back(std::move(filter));
  }
}

std::size_t MelFrontEnd::channels() const {
  return size(options_.cepstra > 0 ? options_.cepstra : options_.mels);
}

std::size_t MelFrontEnd::frames(std::size_t samples) const {
  return 1 + samples / size(options_.hop);
}

std::size_t MelFrontEnd::least_samples() const {
  return size(options_.fft) / 2 + 1;
}

/// The emphasised signal with half an FFT of its reflection on both sides.
std::vector<float> MelFrontEnd::padded(std::span<const float> samples) const {
  const std::size_t half = size(options_.fft) / 2;
  const std::size_t n = samples.size();
  const auto share = static_cast<float>(options_.pre_emphasis);
  std::vector<float> signal(n + 2 * half);
  const auto middle = std::span(signal).subspan(half, n);
  middle[0] = samples[0] - share * samples[1];
  for (std::size_t t = 1; t < n; ++t) middle[t] = samples[t] - share * samples[t - 1];
  for (std::size_t i = 1; i <= half; ++i) {
    signal[half - i] = middle[i];
    signal[half + n - 1 + i] = middle[n - 1 - i];
  }
  return signal;
}

/// [mels, frames]
std::vector<float> MelFrontEnd::mel_powers(std::span<const float> samples) const {
  const std::vector<float> signal = padded(samples);
  const std::size_t count = frames(samples.size());
  const std::size_t offset = (size(options_.fft) - window_.size()) / 2;
  FftBuffer buffer(fft_.size());
  std::vector<float> bins(fft_.size() / 2 + 1);
  std::vector<float> powers(filters_.size() * count);
  for (std::size_t frame = 0; frame < count; ++frame) {
    const std::size_t begin = frame * size(options_.hop) + offset;
    for (std::size_t i = 0; i < window_.size(); ++i) {
      buffer.signal()[offset + i] = signal[begin + i] * window_[i];
    }
    fft_.forward(buffer);
    const auto spectrum = buffer.spectrum();
    for (std::size_t bin = 0; bin < bins.size(); ++bin) bins[bin] = std::norm(spectrum[bin]);
    for (std::size_t m = 0; m < filters_.size(); ++m) {
      const Filter& filter = filters_[m];
      float sum = 0;
      for (std::size_t i = 0; i < filter.weights.size(); ++i) {
        sum += filter.weights[i] * bins[filter.first + i];
      }
      powers[m * count + frame] = sum;
    }
  }
  return powers;
}

/// `powers`: [mels, frames]; returns [cepstra, frames].
std::vector<float> MelFrontEnd::cepstra_of(std::vector<float> powers, std::size_t frames) const {
  const auto decibels = [](float power) {
    return static_cast<float>(10 * std::log10(std::max(static_cast<double>(power), kDecibelFloor)));
  };
  std::transform(powers.begin(), powers.end(), powers.begin(), decibels);
  const float floor =
      *std::max_element(powers.begin(), powers.end()) - static_cast<float>(kDynamicRange);
  const std::size_t mels = filters_.size();
  std::vector<float> cepstra(channels() * frames, 0.0F);
  for (std::size_t k = 0; k < channels(); ++k) {
    for (std::size_t m = 0; m < mels; ++m) {
      const float cosine = cosines_[k * mels + m];
      for (std::size_t t = 0; t < frames; ++t) {
        cepstra[k * frames + t] += cosine * std::max(powers[m * frames + t], floor);
      }
    }
  }
  return cepstra;
}

std::vector<float> MelFrontEnd::extract(std::span<const float> samples) const {
  if (samples.size() < least_samples()) {
    throw Error(ErrorKind::kUsage, "a recording of " + std::to_string(samples.size()) +
                                       " samples is too short for an "
                                       "FFT of " +
                                       std::to_string(options_.fft) + ": repeat it to at least " +
                                       std::to_string(least_samples()));
  }
  std::vector<float> features = mel_powers(samples);
  if (options_.cepstra > 0) {
    features = cepstra_of(std::move(features), frames(samples.size()));
  } else {
    for (float& value : features) value = std::log(value + static_cast<float>(kLogFloor));
  }
  if (options_.normalise) normalise_over_time(features, channels());
  return features;
}

std::vector<float> statistics_over_time(std::span<const float> features, std::size_t channels) {
  const std::vector<Moments> moments = moments_over_time(features, channels);
  std::vector<float> statistics;
  for (const Moments& row : moments) statistics.push_back(static_cast<float>(row.mean));
  for (const Moments& row : moments) {
    statistics.push_back(static_cast<float>(std::sqrt(row.variance)));
  }
  return statistics;
}

void normalise_over_time(std::span<float> features, std::size_t channels) {
  const std::vector<Moments> moments = moments_over_time(features, channels);
  const std::size_t frames = features.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const double scale = 1 / std::sqrt(moments[c].variance + kVarianceFloor);
    for (float& value : features.subspan(c * frames, frames)) {
      value = static_cast<float>((value - moments[c].mean) * scale);
    }
  }
}

}  // namespace nas
