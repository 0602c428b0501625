#pragma once

#include <cstddef>

namespace nas {

/// Batch normalisation in train mode, gx = backward(gy, x): given v, the gradients of <v, gx> by gy
/// and by x. All images are [rows, channels].
struct NormalisationData {
  std::size_t rows = 0, channels = 0;
  const float *gy, *x, *v;              ///< [rows, channels]
  const float *weight, *mean, *invstd;  ///< [channels]
  float *by_gy, *by_x;                  ///< [rows, channels]; by_x may be null: not needed
};
void normalisation_second_order(const NormalisationData& data);

}  // namespace nas
