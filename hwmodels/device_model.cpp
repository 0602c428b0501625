#include "hwmodels/device_model.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kLow = 0.05, kHigh = 0.95;

}  // namespace

double estimated_kernel_ms(const DeviceModelState& state, const Kernel& kernel) {
  const double bound = state.roofline.milliseconds(kernel_work(kernel, state.batch));
  if (state.trees.empty()) return bound;
  const std::string kind = kernel_kind(kernel);
  const auto found = state.trees.find(kind);
  if (found == state.trees.end()) {
    throw Error(ErrorKind::kUnsupported,
                "no kernel of kind '" + kind +
                    "' was measured on this device; fit again with a space that has them");
  }
  double ratio = found->second.ratio;
  if (!found->second.trees.empty()) {
    const std::vector<double> features = kernel_features(kernel);
    ratio += found->second.trees.predict(features, features.size()).front();
  }
  return bound * std::exp(ratio);
}

DeviceModel::DeviceModel(DeviceModelState state) : state_(std::move(state)) {
  info_.name = state_.kind;
  info_.source = MetricSource::kPredicted;
  if (state_.errors.empty()) return;
  low_ = std::exp(quantile(state_.errors, kLow));
  high_ = std::exp(quantile(state_.errors, kHigh));
}

double DeviceModel::kernel_ms(const Kernel& kernel) const {
  return state_.overhead.scale * estimated_kernel_ms(state_, kernel) +
         state_.overhead.per_kernel_ms;
}

double DeviceModel::remembered_ms(const NetworkKernels& kernels, std::size_t index) const {
  const std::uint64_t key = kernels.key(index);
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  return known_.emplace(key, kernel_ms(kernels.kernel(index))).first->second;
}

LatencyEstimate DeviceModel::estimate(const ArchGraph& graph, const Device& device) const {
  if (device.name != state_.device.name || device.settings != state_.device.settings) {
    throw Error(ErrorKind::kUnsupported, "the model '" + state_.kind + "' is of " +
                                             state_.device.name + ":" + state_.device.settings +
                                             ", not of " + device.name + ":" + device.settings);
  }
  const NetworkKernels kernels(graph, state_.rules);
  double sum = state_.overhead.fixed_ms;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kernels.size(); ++i) sum += remembered_ms(kernels, i);
  return {sum, sum * low_, sum * high_, 0};
}

std::vector<CostPart> DeviceModel::parts(const ArchGraph& graph) const {
  const NetworkKernels kernels(graph, state_.rules);
  std::vector<CostPart> parts;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    parts.push_back({std::string(graph.scope(kernels.nodes(i).front())),
                     kernel_text(kernels.kernel(i)), remembered_ms(kernels, i)});
  }
  return parts;
}

double DeviceModel::factor(double quantile) const {
  const std::size_t count = state_.errors.size();
  const auto rank = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(count + 1)));
  if (rank < 1 || rank > count) {
    throw Error(ErrorKind::kUsage, "a quantile of " + format_double(quantile) +
                                       " needs more held-out networks than the " +
                                       std::to_string(count) + " of this model");
  }
  return std::exp(state_.errors[rank - 1]);
}

}  // namespace nas
