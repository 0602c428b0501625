#include "core/data/audio/reverberation.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/data/audio/fft.h"
#include "core/util/error.h"

namespace nas {

std::vector<float> reverberated(std::span<const float> speech, std::span<const float> response) {
  double squares = 0;
  for (const float sample : response) squares += static_cast<double>(sample) * sample;
  NAS_CHECK(squares > 0, "an impulse response is not silent");
  const auto scale = static_cast<float>(1 / std::sqrt(squares));

  // What the end of a longer response adds lies behind the end of the speech.
  response = response.first(std::min(response.size(), speech.size()));
  const RealFft fft(std::bit_ceil(speech.size() + response.size() - 1));
  FftBuffer sound(fft.size());
  FftBuffer room(fft.size());
  std::copy(speech.begin(), speech.end(), sound.signal().begin());
  std::transform(response.begin(), response.end(), room.signal().begin(),
                 [scale](float sample) { return sample * scale; });
  fft.forward(sound);
  fft.forward(room);
  for (std::size_t k = 0; k < sound.spectrum().size(); ++k) {
    sound.spectrum()[k] *= room.spectrum()[k];
  }
  fft.inverse(sound);
  const auto signal = sound.signal();
  return {signal.begin(), signal.begin() + static_cast<std::ptrdiff_t>(speech.size())};
}

}  // namespace nas
