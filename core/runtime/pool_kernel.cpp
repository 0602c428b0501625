#include "core/runtime/pool_kernel.h"

#include <algorithm>

namespace nas {
namespace {

/// The column axis spread over W * inner elements, so that the passes below are plain vector loops.
template <class T>
struct Columns {
  const PoolAxis& axis;
  std::int64_t inner;
  std::vector<T> source_scale;
  std::vector<T> target_scale;
  /// Targets [run_begin, run_end) read the sources i - 1, i, i + 1: the interior of a 3-wide window
  /// of stride 1.
  std::int64_t run_begin = 0;
  std::int64_t run_end = 0;

  Columns(const PoolAxis& columns, std::int64_t inner_size) : axis(columns), inner(inner_size) {
    spread(axis.source_scale, source_scale);
    spread(axis.target_scale, target_scale);
    auto is_triple = [&](std::int64_t i) {
      const auto k = static_cast<std::size_t>(i);
      return axis.begin[k] == i - 1 && axis.end[k] == i + 2;
    };
    while (run_begin < axis.target_size && !is_triple(run_begin)) ++run_begin;
    run_end = run_begin;
    while (run_end < axis.target_size && is_triple(run_end)) ++run_end;
  }

  void spread(const std::vector<double>& scale, std::vector<T>& wide) const {
    for (const double s : scale)
      wide.insert(wide.end(), static_cast<std::size_t>(inner), static_cast<T>(s));
  }
};

/// sum[k] = scale[k] * (weighted sum of the rows); up to three rows in one pass.
template <class T>
void sum_rows(const PoolAxis& rows, std::size_t row, const T* image, const std::vector<T>& scale,
              T* __restrict sum) {
  const auto width = static_cast<std::int64_t>(scale.size());
  const T* __restrict s = scale.data();
  const auto weight = [&](std::int64_t j) {
    return static_cast<T>(rows.source_scale[static_cast<std::size_t>(j)] * rows.target_scale[row]);
  };
  const std::int64_t begin = rows.begin[row];
  const std::int64_t count = rows.end[row] - begin;
  const T* __restrict a = image + begin * width;
  if (count == 3) {
    const T* __restrict b = a + width;
    const T* __restrict c = b + width;
    const T wa = weight(begin), wb = weight(begin + 1), wc = weight(begin + 2);
    for (std::int64_t k = 0; k < width; ++k) sum[k] = s[k] * (wa * a[k] + wb * b[k] + wc * c[k]);
  } else if (count == 2) {
    const T* __restrict b = a + width;
    const T wa = weight(begin), wb = weight(begin + 1);
    for (std::int64_t k = 0; k < width; ++k) sum[k] = s[k] * (wa * a[k] + wb * b[k]);
  } else {
    std::fill(sum, sum + width, T{0});
    for (std::int64_t j = begin; j < rows.end[row]; ++j) {
      const T* __restrict r = image + j * width;
      const T w = weight(j);
      for (std::int64_t k = 0; k < width; ++k) sum[k] += w * s[k] * r[k];
    }
  }
}

template <class T>
void sum_window(const Columns<T>& columns, std::int64_t target_index, const T* sum, T* target) {
  const auto i = static_cast<std::size_t>(target_index);
  const std::int64_t inner = columns.inner;
  T* __restrict out = target + target_index * inner;
  const T scale = static_cast<T>(columns.axis.target_scale[i]);
  for (std::int64_t c = 0; c < inner; ++c) {
    T total{0};
    for (std::int64_t j = columns.axis.begin[i]; j < columns.axis.end[i]; ++j)
      total += sum[j * inner + c];
    out[c] = scale * total;
  }
}

template <class T>
void sum_columns(const Columns<T>& columns, const T* sum, T* target) {
  const std::int64_t inner = columns.inner;
  for (std::int64_t i = 0; i < columns.run_begin; ++i) sum_window(columns, i, sum, target);
  const T* __restrict s = columns.target_scale.data();
  const T* __restrict middle = sum;
  const T* __restrict left = sum - inner;
  const T* __restrict right = sum + inner;
  T* __restrict out = target;
  for (std::int64_t k = columns.run_begin * inner; k < columns.run_end * inner; ++k) {
    out[k] = s[k] * (left[k] + middle[k] + right[k]);
  }
  for (std::int64_t i = columns.run_end; i < columns.axis.target_size; ++i) {
    sum_window(columns, i, sum, target);
  }
}

template <class T>
void pool(const PoolAxis& rows, const PoolAxis& columns, const PoolExtent& extent, const T* source,
          T* target) {
  const Columns<T> wide(columns, extent.inner);
  std::vector<T> sum(wide.source_scale.size());
  const std::int64_t source_plane = rows.source_size * columns.source_size * extent.inner;
  const std::int64_t target_row = columns.target_size * extent.inner;
  for (std::int64_t image = 0; image < extent.outer; ++image) {
    for (std::size_t row = 0; row < rows.begin.size(); ++row) {
      sum_rows(rows, row, source + image * source_plane, wide.source_scale, sum.data());
      sum_columns(wide, sum.data(), target);
      target += target_row;
    }
  }
}

}  // namespace

PoolAxis pool_axis(const PoolWindow& window, std::int64_t source_size) {
  PoolAxis axis;
  axis.source_size = source_size;
  const std::int64_t span = source_size + 2 * window.padding - window.kernel;
  axis.target_size = (span + (window.ceil_mode ? window.stride - 1 : 0)) / window.stride + 1;
  // A window of ceil mode must begin inside the image or its left padding.
  if ((axis.target_size - 1) * window.stride >= source_size + window.padding) --axis.target_size;
  axis.source_scale.assign(static_cast<std::size_t>(source_size), 1.0);
  for (std::int64_t i = 0; i < axis.target_size; ++i) {
    const std::int64_t first = i * window.stride - window.padding;
    const std::int64_t last = std::min(first + window.kernel, source_size + window.padding);
    axis.begin.push_back(std::max<std::int64_t>(first, 0));
    axis.end.push_back(std::min(last, source_size));
    const std::int64_t length =
        window.count_include_pad ? last - first : axis.end.back() - axis.begin.back();
    axis.target_scale.push_back(1.0 / static_cast<double>(std::max<std::int64_t>(length, 1)));
  }
  return axis;
}

PoolAxis transposed(const PoolAxis& axis) {
  PoolAxis result;
  result.source_size = axis.target_size;
  result.target_size = axis.source_size;
  result.source_scale = axis.target_scale;
  result.target_scale = axis.source_scale;
  std::size_t first = 0;
  std::size_t last = 0;
  for (std::int64_t j = 0; j < axis.source_size; ++j) {
    while (first < axis.end.size() && axis.end[first] <= j) ++first;
    while (last < axis.begin.size() && axis.begin[last] <= j) ++last;
    result.begin.push_back(static_cast<std::int64_t>(std::min(first, last)));
    result.end.push_back(static_cast<std::int64_t>(last));
  }
  return result;
}

void pool_plane(const PoolAxis& rows, const PoolAxis& columns, const PoolExtent& extent,
                const float* source, float* target) {
  pool(rows, columns, extent, source, target);
}

void pool_plane(const PoolAxis& rows, const PoolAxis& columns, const PoolExtent& extent,
                const double* source, double* target) {
  pool(rows, columns, extent, source, target);
}

}  // namespace nas
