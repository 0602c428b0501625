#include "core/data/augment.h"

#include <algorithm>

namespace nas {

Distortion draw_distortion(const Augmentation& augmentation, const Shape& shape, Rng& rng) {
  const std::int64_t padding = augmentation.crop_padding;
  const auto offsets = static_cast<std::uint64_t>(2 * padding + 1);
  Distortion distortion;
  distortion.dy = static_cast<std::int64_t>(rng.below(offsets)) - padding;
  distortion.dx = static_cast<std::int64_t>(rng.below(offsets)) - padding;
  distortion.mirror = rng.bernoulli(0.5) && augmentation.flip;
  distortion.cutout_y = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(shape[1])));
  distortion.cutout_x = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(shape[2])));
  return distortion;
}

ImageWriter::ImageWriter(const Shape& shape, std::span<const float> mean,
                         std::span<const float> deviation, std::int64_t cutout)
    : height_(shape[1]), width_(shape[2]), cutout_(cutout), tables_(mean.size()) {
  for (std::size_t c = 0; c < mean.size(); ++c) {
    for (std::size_t value = 0; value < 256; ++value) {
      tables_[c][value] = (static_cast<float>(value) / 255.0F - mean[c]) / deviation[c];
    }
  }
}

void ImageWriter::write(std::span<const std::uint8_t> pixels, const Distortion& distortion,
                        float* out) const {
  const std::int64_t plane = height_ * width_;
  for (std::size_t c = 0; c < tables_.size(); ++c) {
    const std::int64_t offset = static_cast<std::int64_t>(c) * plane;
    write_plane(pixels.data() + offset, tables_[c], distortion, out + offset);
    if (cutout_ > 0) cut_out(distortion, out + offset);
  }
}

// The zeros of the border are written after normalisation: they mean "average", not "black".
void ImageWriter::write_plane(const std::uint8_t* pixels, const std::array<float, 256>& table,
                              const Distortion& distortion, float* out) const {
  const std::int64_t first = std::clamp<std::int64_t>(-distortion.dx, 0, width_);
  const std::int64_t last = std::clamp<std::int64_t>(width_ - distortion.dx, first, width_);
  for (std::int64_t y = 0; y < height_; ++y) {
    float* row = out + y * width_;
    const std::int64_t source_y = y + distortion.dy;
    if (source_y < 0 || source_y >= height_) {
      std::fill(row, row + width_, 0.0F);
      continue;
    }
    const std::uint8_t* source = pixels + source_y * width_;
    std::fill(row, row + first, 0.0F);
    for (std::int64_t x = first; x < last; ++x) row[x] = table[source[x + distortion.dx]];
    std::fill(row + last, row + width_, 0.0F);
    if (distortion.mirror) std::reverse(row, row + width_);
  }
}

// DeVries & Taylor (arXiv:1708.04552): the centre is any pixel, so the square may leave the image.
void ImageWriter::cut_out(const Distortion& distortion, float* plane) const {
  const std::int64_t top = distortion.cutout_y - cutout_ / 2;
  const std::int64_t left = distortion.cutout_x - cutout_ / 2;
  const std::int64_t x0 = std::clamp<std::int64_t>(left, 0, width_);
  const std::int64_t x1 = std::clamp<std::int64_t>(left + cutout_, 0, width_);
  const std::int64_t y1 = std::clamp<std::int64_t>(top + cutout_, 0, height_);
  for (std::int64_t y = std::max<std::int64_t>(top, 0); y < y1; ++y) {
    std::fill(plane + y * width_ + x0, plane + y * width_ + x1, 0.0F);
  }
}

}  // namespace nas
