#include "core/data/audio/crop.h"

#include "core/util/error.h"

namespace nas {
namespace {

template <class Sample>
std::vector<float> cyclic(std::span<const Sample> samples, std::size_t start, std::size_t size) {
  NAS_CHECK(!samples.empty(), "a recording has samples");
  std::vector<float> piece;
  piece.reserve(size);
  std::size_t at = start % samples.size();
  for (std::size_t i = 0; i < size; ++i) {
    piece.push_back(static_cast<float>(samples[at]));
    if (++at == samples.size()) at = 0;
  }
  return piece;
}

}  // namespace

std::size_t size_before_crop(std::size_t size, std::size_t piece) {
  return size > piece ? size : piece + 1;
}

std::vector<float> crop_at(std::span<const std::int16_t> recording, std::size_t start,
                           std::size_t piece) {
  return cyclic(recording, start, piece);
}

// The released code draws int(u (size - piece)), so the very last start is never drawn.
std::vector<float> random_crop(std::span<const std::int16_t> recording, std::size_t piece,
                               Rng& rng) {
  const std::size_t starts = size_before_crop(recording.size(), piece) - piece;
  return cyclic(recording, rng.below(starts), piece);
}

std::vector<float> centre_crop(std::span<const std::int16_t> recording, std::size_t piece) {
  return cyclic(recording, (size_before_crop(recording.size(), piece) - piece) / 2, piece);
}

std::vector<std::vector<float>> spaced_crops(std::span<const std::int16_t> recording,
                                             std::size_t piece, std::size_t count) {
  const std::size_t last = size_before_crop(recording.size(), piece) - piece;
  std::vector<std::vector<float>> pieces;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t start = count == 1 ? 0 : last * i / (count - 1);
    pieces.push_back(cyclic(recording, start, piece));
  }
  return pieces;
}

std::vector<float> whole_recording(std::span<const std::int16_t> recording, std::size_t least) {
  return cyclic(recording, 0, size_before_crop(recording.size(), least));
}

std::vector<float> wrapped(std::span<const float> samples, std::size_t size) {
  return cyclic(samples, 0, size);
}

}  // namespace nas
