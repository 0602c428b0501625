#include "app/host_models/device_verify.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>

#include "app/host_models/device_fit.h"
#include "app/host_models/measurement_log.h"
#include "core/ir/cost.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct Method {
  std::string name;
  std::function<double(const ArchGraph&)> estimate;
};

/// The median time of each kernel that a fit has timed.
std::map<std::string, double> timed_kernels(const MeasurementLog& log) {
  const DeviceMeasurements data = log.measurements(std::numeric_limits<std::size_t>::max());
  std::vector<std::vector<double>> times(data.kernels.size());
  for (const DeviceMeasurements::KernelTime& time : data.times) {
    times[time.kernel].push_back(time.milliseconds);
  }
  std::map<std::string, double> medians;
  for (std::size_t i = 0; i < times.size(); ++i) {
    medians[kernel_text(data.kernels[i])] = median(std::move(times[i]));
  }
  return medians;
}

std::optional<Method> look_up(Session& session, const StoredDeviceModel& stored) {
  const DeviceModelState& state = stored.model->state();
  std::error_code error;
  const std::filesystem::path path = measurement_path(session, stored.row.name);
  if (state.trees.empty() || !std::filesystem::exists(path, error)) return std::nullopt;
  return Method{"look-up of " + stored.row.name,
                [&state, table = timed_kernels(MeasurementLog(path))](const ArchGraph& graph) {
                  const NetworkKernels kernels(graph, state.rules);
                  double sum = state.overhead.fixed_ms;
                  for (std::size_t i = 0; i < kernels.size(); ++i) {
                    const auto found = table.find(kernel_text(kernels.kernel(i)));
                    if (found == table.end()) return kUnknown;
                    sum += state.overhead.per_kernel_ms + state.overhead.scale * found->second;
                  }
                  return sum;
                }};
}

VerifiedMethod judge(const std::string& space, const std::string& method,
                     const std::vector<VerifiedNetwork>& networks, std::size_t index) {
  VerifiedMethod row{space, method};
  std::vector<double> measured, estimated;
  for (const VerifiedNetwork& network : networks) {
    if (space != "all" && network.space != space) continue;
    ++row.networks;
    if (!std::isfinite(network.estimates[index])) {
      ++row.unknown;
      continue;
    }
    measured.push_back(network.measured_ms);
    estimated.push_back(network.estimates[index]);
  }
  row.spearman = spearman(measured, estimated).value_or(kUnknown);
  const auto count = static_cast<double>(measured.size());
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const double error = std::abs(estimated[i] / measured[i] - 1);
    row.within_5 += (error <= 0.05 ? 1 : 0) / count;
    row.within_10 += (error <= 0.10 ? 1 : 0) / count;
    row.mean_error += error / count;
  }
  return row;
}

/// MACs become milliseconds by the one rate that fits these networks best.
void scale_macs(std::vector<VerifiedNetwork>& networks, std::size_t index) {
  std::vector<double> rates;
  for (const VerifiedNetwork& network : networks) {
    rates.push_back(network.measured_ms / network.estimates[index]);
  }
  const double rate = median(std::move(rates));
  for (VerifiedNetwork& network : networks) network.estimates[index] *= rate;
}

std::vector<StoredDeviceModel> load_models(Session& session,
                                           const std::vector<std::string>& names) {
  std::vector<StoredDeviceModel> models;
  for (const std::string& name : names) {
    models.push_back(load_device_model(session, name));
    const Device &first = models.front().device(), &device = models.back().device();
    if (device.settings != first.settings) {
      throw Error(ErrorKind::kUsage, "models '" + models.front().row.name + "' and '" + name +
                                         "' are of other settings (" + first.settings + " and " +
                                         device.settings + "); verify them one by one");
    }
  }
  return models;
}

/// `models` outlive them.
std::vector<Method> methods_of(Session& session, const std::vector<StoredDeviceModel>& models) {
  std::vector<Method> methods;
  for (const StoredDeviceModel& stored : models) {
    methods.push_back(
        {stored.model->state().kind + " " + stored.row.name, [&stored](const ArchGraph& graph) {
           try {
             return stored.model->estimate(graph, stored.device()).milliseconds;
           } catch (const Error& error) {
             if (error.kind() != ErrorKind::kUnsupported) throw;
             return kUnknown;
           }
         }});
    if (auto method = look_up(session, stored)) methods.push_back(*std::move(method));
  }
  methods.push_back(
      {"MACs", [](const ArchGraph& graph) { return static_cast<double>(graph_cost(graph).macs); }});
  return methods;
}

void measure(Session& session, const DeviceVerifyRequest& request, const Device& device,
             const std::vector<Method>& methods, std::vector<VerifiedNetwork>& networks) {
  const std::size_t count = static_cast<std::size_t>(request.networks) * request.spaces.size();
  const std::unique_ptr<LatencyModel> host = make_host_latency_model();
  const InterruptionScope scope(session.stop());
  session.progress().begin("networks", static_cast<std::int64_t>(count) * request.passes);
  std::int64_t done = 0;
  for (std::int64_t pass = 0; pass < request.passes; ++pass) {
    for (std::size_t number = 0; number < count; ++number) {
      const PlannedNetwork planned = planned_network(session, request.spaces, request.seed, number);
      const ArchGraph graph =
          planned.space->build(planned.architecture, planned.space->info().default_task);
      const double milliseconds = host->estimate(graph, device).low;
      if (pass == 0) {
        VerifiedNetwork& network = networks.emplace_back();
        network.space = planned.space->info().name;
        network.architecture = planned.space->format(planned.architecture);
        network.measured_ms = milliseconds;
        for (const Method& method : methods) network.estimates.push_back(method.estimate(graph));
      }
      double& least = networks[number].measured_ms;
      least = std::min(least, milliseconds);
      session.progress().update(++done, "");
    }
  }
  session.progress().end();
}

}  // namespace

DeviceVerification verify_device_models(Session& session, const DeviceVerifyRequest& request) {
  const std::vector<StoredDeviceModel> models = load_models(session, request.models);
  const std::vector<Method> methods = methods_of(session, models);
  DeviceVerification result;
  for (const Method& method : methods) result.methods.push_back(method.name);
  try {
    measure(session, request, models.front().device(), methods, result.networks);
  } catch (const Interrupted&) {
    throw Error(ErrorKind::kUsage, "interrupted");
  }
  scale_macs(result.networks, methods.size() - 1);
  std::vector<std::string> spaces;
  for (const PluginChoice& choice : request.spaces) spaces.push_back(choice.name);
  if (spaces.size() > 1) spaces.emplace_back("all");
  for (const std::string& space : spaces) {
    for (std::size_t i = 0; i < methods.size(); ++i) {
      result.rows.push_back(judge(space, methods[i].name, result.networks, i));
    }
  }
  return result;
}

}  // namespace nas
