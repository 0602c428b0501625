#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/api/hardware_model.h"
#include "core/trees/boosted_trees.h"
#include "hwmodels/kernel_detection.h"
#include "hwmodels/roofline.h"

namespace nas {

/// How long the kernels of one kind take, beside what a roofline says: exp(ratio) times it, the
/// ratio by boosted trees. So trees, which know no trend, need none.
struct KernelTrees {
  std::int64_t samples = 0;
  double ratio = 0;                    ///< median; what the trees are fitted to the rest of
  BoostedTrees trees{"kernel trees"};  ///< empty where there are too few samples
};

/// How a device model turns the sum over kernels into the time of a pass.
struct PassOverhead {
  double fixed_ms = 0;       ///< of each pass
  double per_kernel_ms = 0;  ///< between kernels
  double scale = 1;
};

/// Everything that a fit finds; hwmodels/device_model_fit.h.
struct DeviceModelState {
  std::string kind;  ///< "roofline", "kernels"
  Device device;
  std::int64_t batch = 1;
  FusionRules rules{};
  Roofline roofline{};
  PassOverhead overhead{};
  std::map<std::string, KernelTrees> trees{};  ///< by kind of kernel; of "kernels"
  /// log(measured / estimated) of networks that were held out, ascending.
  std::vector<double> errors{};
};

/// The latency of networks on one device as a sum over kernels, fitted on measurements of that
/// device: a roofline, or trees for each kind of kernel (nn-Meter, MobiSys 2021). Estimates of
/// kernels are remembered. Safe from several threads.
class DeviceModel final : public HardwareModel {
 public:
  explicit DeviceModel(DeviceModelState state);

  const Info& info() const override { return info_; }
  std::span<const Device> devices() const override { return {&state_.device, 1}; }
  const DeviceModelState& state() const { return state_; }

  /// `low` and `high` hold 90 % of the networks that the fit held out. Throws Error(kUnsupported)
  /// for another device and for a kind of kernel that the fit has not seen.
  LatencyEstimate estimate(const ArchGraph& graph, const Device& device) const override;
  /// The kernels in their order, overheads in their times; the sum is the estimate less what a
  /// pass takes besides.
  std::vector<CostPart> parts(const ArchGraph& graph) const;

  /// What the measured time is times the estimate, at most, in the part `quantile` of held-out
  /// networks: the smallest such factor of a sample of exchangeable networks (split conformal
  /// prediction: Vovk, Gammerman and Shafer, 2005). Throws Error(kUsage) where they were too few to
  /// say.
  double factor(double quantile) const;

 private:
  double kernel_ms(const Kernel& kernel) const;
  double remembered_ms(const NetworkKernels& kernels, std::size_t index) const;

  DeviceModelState state_;
  Info info_;
  double low_ = 1, high_ = 1;  ///< of an estimate: quantiles of what the fit held out
  mutable std::mutex mutex_;   // guards known_
  mutable std::unordered_map<std::uint64_t, double> known_;
};

/// The kernel's own time, without overheads. Throws Error(kUnsupported) for an unknown kind.
double estimated_kernel_ms(const DeviceModelState& state, const Kernel& kernel);

/// JSON, and back. Throws Error(kData), starting with `where`, for a text that is none.
std::string to_json(const DeviceModelState& state);
DeviceModelState parse_device_model(const std::string& json, const std::string& where);

}  // namespace nas
