#include "core/int8/calibration.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

std::size_t channels_of(const Shape& shape) {
  return shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape[0]);
}

}  // namespace

double ValueStatistics::channel_mean(std::size_t channel) const {
  return channel_sums.at(channel) * static_cast<double>(channel_sums.size()) /
         static_cast<double>(count);
}

Calibration::Calibration(const ArchGraph& graph) : graph_(graph), values_(graph.size()) {
  for (NodeId node = 0; node < graph.size(); ++node) {
    values_[node].channel_sums.resize(channels_of(graph.output_types(node)[0].shape), 0.0);
    if (!normalises_rows(graph, node)) continue;
    rows_.emplace(
        node, RowRanges(graph.output_types(node)[0].shape, graph.get_bool(node, "over_channels")));
  }
}

void Calibration::observe(NodeId node, std::span<const float> values) {
  if (counting_) {
    count(node, values);
  } else {
    find_range(node, values);
    for (const Consumer& reader : graph_.consumers(node)) {
      const auto rows = rows_.find(reader.node);
      if (rows != rows_.end()) rows->second.observe(values);
    }
  }
}

void Calibration::find_range(NodeId node, std::span<const float> values) {
  ValueStatistics& seen = values_[node];
  const Shape& shape = graph_.output_types(node)[0].shape;
  const auto each = static_cast<std::size_t>(shape.elements()) / seen.channel_sums.size();
  // In variables of its own: a member might be one of `values` to the compiler.
  float min = seen.min, max = seen.max;
  for (std::size_t begin = 0; begin < values.size(); begin += each) {
    double sum = 0;
    for (const float value : values.subspan(begin, each)) {
      if (!std::isfinite(value)) {
        ++seen.not_finite;
        continue;
      }
      min = std::min(min, value);
      max = std::max(max, value);
      sum += static_cast<double>(value);
    }
    seen.channel_sums[begin / each % seen.channel_sums.size()] += sum;
  }
  seen.min = min;
  seen.max = max;
  seen.count += static_cast<std::int64_t>(values.size());
  if (seen.not_finite > 0) {
    throw Error(ErrorKind::kNumeric,
                "calibration: '" + graph_.path(node) + "' gives " +
                    std::to_string(seen.not_finite) + " numbers of " + std::to_string(seen.count) +
                    " that are not finite; the network or the samples are broken");
  }
}

void Calibration::count(NodeId node, std::span<const float> values) {
  ValueStatistics& seen = values_[node];
  seen.histogram.resize(ValueStatistics::kBins, 0);
  const float width = (seen.max - seen.min) / static_cast<float>(ValueStatistics::kBins);
  for (const float value : values) {
    const float bin = width > 0 ? (value - seen.min) / width : 0;
    const auto last = static_cast<float>(ValueStatistics::kBins - 1);
    ++seen.histogram[static_cast<std::size_t>(std::clamp(bin, 0.0F, last))];
  }
}

void Calibration::start_counting() {
  counting_ = true;
}

void Calibration::expect_seen(NodeId node) const {
  if (values_[node].count > 0) return;
  throw Error(ErrorKind::kUsage, "calibration: no sample went through '" + graph_.path(node) +
                                     "'; calibrate on at least one");
}

ValueRange Calibration::min_max(NodeId node) const {
  expect_seen(node);
  return {values_[node].min, values_[node].max};
}

ValueRange Calibration::percentile(NodeId node, double percentile) const {
  expect_seen(node);
  const ValueStatistics& seen = values_[node];
  if (seen.histogram.empty()) {
    throw Error(ErrorKind::kUsage, "calibration: percentiles need a second pass of the samples");
  }
  const double cut = (1 - percentile / 100) * static_cast<double>(seen.count);
  const double width = (static_cast<double>(seen.max) - static_cast<double>(seen.min)) /
                       static_cast<double>(ValueStatistics::kBins);
  /// Bins from one end that hold no more than is cut off.
  const auto cut_bins = [&](auto begin, auto end) {
    double gone = 0;
    std::size_t bins = 0;
    for (auto bin = begin; bin != end; ++bin, ++bins) {
      gone += static_cast<double>(*bin);
      if (gone > cut) break;
    }
    return static_cast<double>(std::min(bins, ValueStatistics::kBins - 1));
  };
  const double low = cut_bins(seen.histogram.begin(), seen.histogram.end()) * width;
  const double high = cut_bins(seen.histogram.rbegin(), seen.histogram.rend()) * width;
  return {static_cast<float>(static_cast<double>(seen.min) + low),
          static_cast<float>(static_cast<double>(seen.max) - high)};
}

}  // namespace nas
