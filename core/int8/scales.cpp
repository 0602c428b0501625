#include "core/int8/scales.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace nas {
namespace {

using Kind = MicroOrigin::Kind;

std::size_t at(int tensor) {
  return static_cast<std::size_t>(tensor);
}

/// Tensors that share a scale, as sets.
class SharedScales {
 public:
  explicit SharedScales(std::size_t tensors) : parent_(tensors) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }
  std::size_t find(std::size_t tensor) {
    while (parent_[tensor] != tensor) tensor = parent_[tensor] = parent_[parent_[tensor]];
    return tensor;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(b)] = find(a); }

 private:
  std::vector<std::size_t> parent_;
};

bool is_activation(const MicroOrigin& origin) {
  return origin.kind == Kind::kValue || origin.kind == Kind::kFixedRange ||
         origin.kind == Kind::kRowPart || origin.kind == Kind::kAsInput ||
         origin.kind == Kind::kSameValue;
}

/// Softmax and logistic function lie in [0, 1], the hyperbolic tangent in [-1, 1]: engines expect
/// these scales.
Quantisation known_scale(MicroOp op) {
  if (op == MicroOp::kTanh) return {.scales = {1.0F / 128}, .zero_points = {0}};
  return {.scales = {1.0F / 256}, .zero_points = {-128}};
}

ValueRange joined(ValueRange a, ValueRange b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

class ScaleFinder {
 public:
  ScaleFinder(const Lowering& lowering, const Calibration& calibration,
              const QuantisationOptions& options, std::vector<std::string>& notes)
      : lowering_(lowering),
        calibration_(calibration),
        options_(options),
        notes_(notes),
        shared_(lowering.program.tensors.size()) {}

  std::vector<Quantisation> find() {
    join_tensors();
    std::map<std::size_t, ValueRange> ranges;
    for (std::size_t i = 0; i < tensors(); ++i) {
      if (const std::optional<ValueRange> range = range_of(i)) {
        const auto [place, fresh] = ranges.try_emplace(shared_.find(i), *range);
        if (!fresh) place->second = joined(place->second, *range);
      }
    }
    std::map<std::size_t, Quantisation> known;
    for (const MicroStep& step : lowering_.program.steps) {
      if (!micro_op_info(step.op).known_range) continue;
      known[shared_.find(at(step.outputs[0]))] = known_scale(step.op);
    }
    std::vector<Quantisation> scales(tensors());
    for (std::size_t i = 0; i < tensors(); ++i) {
      if (!is_activation(lowering_.origins[i])) continue;
      const auto fixed = known.find(shared_.find(i));
      scales[i] = fixed != known.end() ? fixed->second : asymmetric(ranges[shared_.find(i)]);
    }
    return scales;
  }

 private:
  std::size_t tensors() const { return lowering_.program.tensors.size(); }

  void join_tensors() {
    for (const MicroStep& step : lowering_.program.steps) {
      const std::size_t output = at(step.outputs[0]);
      const bool moved = lowering_.origins[output].kind == Kind::kAsInput;
      if (!moved && !micro_op_info(step.op).same_scale) continue;
      for (const int input : step.inputs) {
        if (is_activation(lowering_.origins[at(input)])) shared_.join(output, at(input));
      }
    }
  }

  ValueRange calibrated(NodeId node) {
    const ValueRange range = options_.range == "percentile"
                                 ? calibration_.percentile(node, options_.percentile)
                                 : calibration_.min_max(node);
    if (range.min == 0 && range.max == 0) {
      notes_.push_back("'" + lowering_.graph.path(node) +
                       "' is 0 on all samples of the calibration; its scale is a guess");
    }
    return range;
  }

  std::optional<ValueRange> range_of(std::size_t tensor) {
    const MicroOrigin& origin = lowering_.origins[tensor];
    switch (origin.kind) {
      case Kind::kValue:
        return calibrated(origin.value.node);
      case Kind::kFixedRange:
        return ValueRange{origin.min, origin.max};
      case Kind::kRowPart:
        return calibration_.row_part(origin.value.node, origin.part);
      case Kind::kSameValue:
        return range_of_value(at(origin.like));
      default:
        return std::nullopt;
    }
  }

  /// Of a tensor that may have moved numbers: what made them.
  std::optional<ValueRange> range_of_value(std::size_t tensor) {
    while (lowering_.origins[tensor].kind == Kind::kAsInput) {
      const auto maker = std::ranges::find_if(lowering_.program.steps, [&](const MicroStep& step) {
        return at(step.outputs[0]) == tensor;
      });
      tensor = at(maker->inputs[0]);
    }
    return range_of(tensor);
  }

  const Lowering& lowering_;
  const Calibration& calibration_;
  const QuantisationOptions& options_;
  std::vector<std::string>& notes_;
  SharedScales shared_;
};

}  // namespace

Quantisation asymmetric(ValueRange range) {
  double low = std::min(static_cast<double>(range.min), 0.0);
  double high = std::max(static_cast<double>(range.max), 0.0);
  // Below what single precision can divide by there is nothing to tell apart.
  if (high - low < 1e-30) {
    low = 0;
    high = 1;
  }
  const double scale = (high - low) / 255;
  const double zero = std::clamp(std::round(-128 - low / scale), -128.0, 127.0);
  return {.scales = {static_cast<float>(scale)}, .zero_points = {static_cast<std::int64_t>(zero)}};
}

std::vector<Quantisation> activation_scales(const Lowering& lowering,
                                            const Calibration& calibration,
                                            const QuantisationOptions& options,
                                            std::vector<std::string>& notes) {
  return ScaleFinder(lowering, calibration, options, notes).find();
}

}  // namespace nas
