#pragma once

#include <cstdint>
#include <vector>

namespace nas {

/// One axis of an average pooling as a weighted sum over intervals:
///   target[i] = target_scale[i] * sum over j in [begin[i], end[i]) of source_scale[j] * source[j].
/// Pooling scales its targets (1 / window length), its transpose (the gradient) its sources; both
/// are of this form because windows begin and end in ascending order.
struct PoolAxis {
  std::int64_t source_size = 0;
  std::int64_t target_size = 0;
  std::vector<std::int64_t> begin;
  std::vector<std::int64_t> end;
  std::vector<double> source_scale;
  std::vector<double> target_scale;
};

struct PoolWindow {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  bool ceil_mode = false;
  bool count_include_pad = false;
  friend bool operator==(const PoolWindow&, const PoolWindow&) = default;
};

PoolAxis pool_axis(const PoolWindow& window, std::int64_t source_size);
/// The linear map of the gradient: targets and sources change places.
PoolAxis transposed(const PoolAxis& axis);

/// Images as [outer, H, W, inner], contiguous: outer = N * C, inner = 1 for NCHW; outer = N, inner
/// = C for channels last. `target` is overwritten.
struct PoolExtent {
  std::int64_t outer = 0;
  std::int64_t inner = 0;
};
void pool_plane(const PoolAxis& rows, const PoolAxis& columns, const PoolExtent& extent,
                const float* source, float* target);
void pool_plane(const PoolAxis& rows, const PoolAxis& columns, const PoolExtent& extent,
                const double* source, double* target);

}  // namespace nas
