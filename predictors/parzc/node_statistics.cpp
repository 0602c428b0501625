#include "predictors/parzc/node_statistics.h"

#include <algorithm>
#include <cmath>

#include "core/api/cell_graph.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// "grad_norm[3]" -> "grad_norm"; "" when it is not an element of a vector.
std::string column_of(const std::string& feature) {
  const std::size_t open = feature.rfind('[');
  return open == std::string::npos || !feature.ends_with(']') ? "" : feature.substr(0, open);
}

void scale(std::span<const double> raw, std::span<float> scaled) {
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double value : raw) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const bool usable = std::isfinite(raw[i]) && high > low;
    scaled[i] = usable ? static_cast<float>((raw[i] - low) / (high - low)) : 0;
  }
}

}  // namespace

NodeStatistics::NodeStatistics(const std::vector<std::string>& feature_names)
    : names_(feature_names), inputs_(static_cast<std::int64_t>(feature_names.size())) {
  std::string last;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const std::string column = column_of(names_[i]);
    if (column.empty()) {
      throw Error(ErrorKind::kUsage, "feature '" + printable(names_[i]) +
                                         "' is a single number; ParZC reads vectors of node-wise "
                                         "statistics, as `bench score --layers` makes them");
    }
    if (column != last) vectors_.emplace_back(i, 0);
    ++vectors_.back().second;
    last = column;
  }
  if (names_.empty()) {
    throw Error(ErrorKind::kUsage,
                "ParZC needs node-wise statistics as features (columns such as grad_norm, "
                "snip_mean, synflow_bn_mean); none are given");
  }
}

void NodeStatistics::fill(const Samples& samples, RankSamples& rows) const {
  if (samples.feature_names != names_) {
    throw Error(ErrorKind::kUsage,
                "the features differ from those that the predictor was fitted with: " +
                    std::to_string(names_.size()) + " numbers from '" +
                    (names_.empty() ? "" : names_.front()) + "' on");
  }
  const std::size_t width = names_.size();
  rows.count = static_cast<std::int64_t>(samples.architectures.size());
  rows.inputs = inputs_;
  rows.statistics.resize(samples.architectures.size() * width);
  for (std::size_t row = 0; row < samples.architectures.size(); ++row) {
    for (const auto& [first, length] : vectors_) {
      scale(std::span(samples.features).subspan(row * width + first, length),
            std::span(rows.statistics).subspan(row * width + first, length));
    }
  }
}

void fill_graphs(const SearchSpace& space, const std::vector<Architecture>& architectures,
                 std::int64_t vertices, RankSamples& rows) {
  std::vector<CellGraph> cells;
  std::size_t largest = 0;
  for (const Architecture& architecture : architectures) {
    cells.push_back(cell_graph_of(space, architecture));
    largest = std::max(largest, cells.back().operations.size());
  }
  const std::size_t v = vertices > 0 ? static_cast<std::size_t>(vertices) : largest;
  if (largest > v) {
    throw Error(ErrorKind::kUsage, "a cell of " + std::to_string(largest) +
                                       " vertices; the predictor was fitted on cells of at most " +
                                       std::to_string(v));
  }
  rows.vertices = static_cast<std::int64_t>(v);
  rows.operations = static_cast<std::int64_t>(cell_vocabulary(space));
  rows.operation.assign(cells.size() * v, -1);
  rows.adjacency.assign(cells.size() * v * v, 0);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    const CellGraph& cell = cells[row];
    for (std::size_t i = 0; i < cell.operations.size(); ++i) {
      rows.operation[row * v + i] = cell.operations[i];
    }
    for (const auto& [from, to] : cell.edges) {
      rows.adjacency[(row * v + from) * v + to] = 1;
    }
  }
}

}  // namespace nas
