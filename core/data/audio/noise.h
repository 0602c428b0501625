#pragma once

#include <span>
#include <vector>

namespace nas {

/// 10 log10(mean(x^2) + 1e-4), for samples in the int16 range. EfficientTDNN, section 2.2.
double level_db(std::span<const float> samples);

/// Adds the mean of the noises, each scaled to lie its own `snr_db` below the speech; so that
/// several noises together are quieter than one. EfficientTDNN, section 2.2.
/// Requires noises of the length of the speech and one `snr_db` for each.
void add_noises(std::span<float> speech, std::span<const std::vector<float>> noises,
                std::span<const double> snr_db);

}  // namespace nas
