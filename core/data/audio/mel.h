#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/data/audio/fft.h"
#include "core/util/options.h"

namespace nas {

/// The front end of EfficientTDNN, section 2.1. The defaults are its log-mel features for 16 kHz.
struct MelOptions {
  std::int64_t sample_rate = 16000;
  std::int64_t fft = 512;
  std::int64_t window = 400;
  std::int64_t hop = 160;
  std::int64_t mels = 80;
  double low_hz = 20;
  double high_hz = 7600;
  double pre_emphasis = 0.97;
  std::int64_t cepstra = 0;
  bool normalise = true;
};
std::span<const Field<MelOptions>> mel_fields();

/// The settings for recordings of a rate. Window (25 ms), hop (10 ms), the shortest power of two
/// that holds the window, and the upper edge (0.475 of the rate) follow the published ones of 16
/// kHz; below 16 kHz there are half as many filters: 8 kHz has FFT 256, window 200, hop 80 and 40
/// mels from 20 to 3800 Hz. `cepstra`: the MFCC variant, as many coefficients as log-mel has
/// filters, from 1.6 times as many filters (80 of 128 at 16 kHz, 40 of 64 below).
MelOptions mel_options_for(int sample_rate, bool cepstra = false);

/// Everything that is wrong with the options: "window = 600, must be at most fft = 512".
std::vector<std::string> validate(const MelOptions& options);

/// Features of recordings of any length, [channels, frames], channels = `mels` or `cepstra`:
/// 1. y[t] = x[t] - pre_emphasis x[t-1], with x[-1] = x[1].
/// 2. Power spectra of frames centred at t hop, t = 0 .. floor(N / hop), the signal reflected at
///    its ends, under a periodic Hamming window in the middle of the frame.
/// 3. Triangular filters, equally wide on HTK's mel scale 2595 log10(1 + f / 700), of height 1.
/// 4. log(S + 1e-6). For cepstra: 10 log10(max(S, 1e-10)), none more than 80 below the recording's
///    highest, then the first coefficients of the orthonormal DCT-II.
/// 5. With `normalise`, each channel minus its mean over time, divided by the square root of its
///    biased variance + 1e-5.
/// Immutable; may be used by several threads at once.
class MelFrontEnd {
 public:
  /// Throws Error(kUsage) with all violations.
  explicit MelFrontEnd(const MelOptions& options);

  std::size_t channels() const;
  std::size_t frames(std::size_t samples) const;  ///< 1 + floor(samples / hop)
  /// What `extract` needs at least: the reflection uses every sample but the first once.
  std::size_t least_samples() const;

  /// Row-major [channels, frames]. Throws Error(kUsage) for fewer than `least_samples()`.
  std::vector<float> extract(std::span<const float> samples) const;

 private:
  /// One triangle: weights of the bins from `first` on.
  struct Filter {
    std::size_t first = 0;
    std::vector<float> weights;
  };
  std::vector<float> padded(std::span<const float> samples) const;
  std::vector<float> mel_powers(std::span<const float> samples) const;
  std::vector<float> cepstra_of(std::vector<float> powers, std::size_t frames) const;

  MelOptions options_;
  RealFft fft_;
  std::vector<float> window_;
  std::vector<Filter> filters_;
  std::vector<float> cosines_;  ///< [cepstra, mels] of the DCT
};

/// The mean and the biased deviation over time of each channel: [2 channels], all means first. What
/// a baseline compares recordings by, of features that are not normalised.
std::vector<float> statistics_over_time(std::span<const float> features, std::size_t channels);

/// Step 5 alone, in place. `features`: [channels, frames], row-major.
void normalise_over_time(std::span<float> features, std::size_t channels);

}  // namespace nas
