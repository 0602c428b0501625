#include "core/data/audio/noise.h"

#include <cmath>

#include "core/util/error.h"

namespace nas {

double level_db(std::span<const float> samples) {
  double squares = 0;
  for (const float sample : samples) squares += static_cast<double>(sample) * sample;
  return 10 * std::log10(squares / static_cast<double>(samples.size()) + 1e-4);
}

void add_noises(std::span<float> speech, std::span<const std::vector<float>> noises,
                std::span<const double> snr_db) {
  NAS_CHECK(noises.size() == snr_db.size(), "one ratio for each noise");
  const double clean_db = level_db(speech);
  for (std::size_t i = 0; i < noises.size(); ++i) {
    NAS_CHECK(noises[i].size() == speech.size(), "noises have the length of the speech");
    const double gain = std::pow(10, (clean_db - level_db(noises[i]) - snr_db[i]) / 20);
    const auto scale = static_cast<float>(gain / static_cast<double>(noises.size()));
    for (std::size_t t = 0; t < speech.size(); ++t) speech[t] += scale * noises[i][t];
  }
}

}  // namespace nas
