#include "core/data/audio/spec_augment.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

/// Positions [first, last) of `size`.
struct Mask {
  std::size_t first = 0;
  std::size_t last = 0;
};

Mask draw_mask(std::size_t size, std::int64_t most, Rng& rng) {
  const auto whole = static_cast<double>(size);
  const double width = std::min(rng.uniform() * static_cast<double>(most), whole);
  const double start = rng.uniform() * (whole - width);
  // The integers i with start <= i < start + width.
  return {static_cast<std::size_t>(std::ceil(start)),
          std::min(static_cast<std::size_t>(std::ceil(start + width)), size)};
}

}  // namespace

void mask_features(std::span<float> features, std::size_t channels,
                   const SpecAugmentOptions& options, Rng& rng) {
  NAS_CHECK(channels > 0 && features.size() % channels == 0, "features are [channels, frames]");
  const std::size_t frames = features.size() / channels;
  const Mask rows = draw_mask(channels, options.most_channels, rng);
  const Mask columns = draw_mask(frames, options.most_frames, rng);
  for (std::size_t c = 0; c < channels; ++c) {
    const auto row = features.subspan(c * frames, frames);
    const bool masked = c >= rows.first && c < rows.last;
    const auto span = masked ? row : row.subspan(columns.first, columns.last - columns.first);
    std::fill(span.begin(), span.end(), 0.0F);
  }
}

}  // namespace nas
