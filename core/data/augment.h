#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ir/tensor_type.h"
#include "core/util/rng.h"

namespace nas {

/// What may happen to an image in training.
struct Augmentation {
  std::int64_t crop_padding = 0;
  bool flip = false;
  std::int64_t cutout = 0;
};

/// What happens to one image: drawn by `draw_distortion`, applied by `ImageWriter`.
struct Distortion {
  std::int64_t dy = 0;  ///< row of the source that becomes row 0; outside: zero
  std::int64_t dx = 0;
  bool mirror = false;        ///< left-right, after the crop
  std::int64_t cutout_y = 0;  ///< centre of the square
  std::int64_t cutout_x = 0;
};

/// Draws the same numbers whatever is switched on, so that one setting never changes another's
/// numbers.
Distortion draw_distortion(const Augmentation& augmentation, const Shape& shape, Rng& rng);

/// Writes one image as floats, (pixel / 255 - mean) / deviation by channel, distorted.
class ImageWriter {
 public:
  ImageWriter(const Shape& shape, std::span<const float> mean, std::span<const float> deviation,
              std::int64_t cutout);
  /// `pixels` and `out` hold [C, H, W] elements.
  void write(std::span<const std::uint8_t> pixels, const Distortion& distortion, float* out) const;

 private:
  void write_plane(const std::uint8_t* pixels, const std::array<float, 256>& table,
                   const Distortion& distortion, float* out) const;
  void cut_out(const Distortion& distortion, float* plane) const;

  std::int64_t height_;
  std::int64_t width_;
  std::int64_t cutout_;
  std::vector<std::array<float, 256>> tables_;  ///< by channel: byte to normalised value
};

}  // namespace nas
