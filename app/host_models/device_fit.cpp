#include "app/host_models/device_fit.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "app/host_models/kernel_timing.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/interruption.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"
#include "hwmodels/kernel_strip.h"

namespace nas {
namespace {

constexpr double kTolerance = 0.1;       // nn-Meter, section 5
constexpr std::size_t kStripLength = 8;  // kernels that one measurement keeps at once
constexpr std::size_t kTurns = 3;  // over all networks, so that a busy minute hurts none alone

/// Everything that the measurements depend on.
std::string settings_text(const DeviceFitRequest& request, const Device& device) {
  std::vector<std::string> spaces;
  for (const PluginChoice& space : request.spaces) spaces.push_back(to_string(space));
  return "cpu=" + runtime_info().cpu + "; torch=" + runtime_info().torch_version + "; " +
         device.settings + "; spaces=" + join(spaces, " ") +
         "; seed=" + std::to_string(request.seed) + "; kind=" + request.kind +
         "; samples=" + std::to_string(request.samples);
}

/// Where the measurements go. With `replace` beside those that are there, which stay until the new
/// model is kept; what a stopped call has left there of other settings is of no use.
std::filesystem::path log_path(Session& session, const DeviceFitRequest& request,
                               const std::string& settings) {
  std::filesystem::path path = measurement_path(session, request.name);
  if (!request.replace) return path;
  path += ".new";
  if (MeasurementLog(path).settings() != settings) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  return path;
}

class Fitting {
 public:
  Fitting(Session& session, const DeviceFitRequest& request)
      : session_(session),
        request_(request),
        device_(host_device(request.batch, request.threads)),
        settings_(settings_text(request, device_)),
        path_(log_path(session, request, settings_)),
        log_(path_, settings_) {}

  DeviceFitOutcome run() {
    DeviceFitOutcome outcome;
    const Stopwatch watch;
    try {
      const InterruptionScope scope(session_.stop());
      if (request_.kind == "kernels") find_rules();
      time_networks();
      outcome.measuring_seconds = watch.seconds();
      if (request_.kind == "kernels") {
        for (std::size_t round = 0; round < static_cast<std::size_t>(request_.rounds); ++round) {
          time_missed(round, outcome);
        }
      }
      fit(outcome);
    } catch (const Interrupted&) {
      outcome.stopped = true;
    }
    session_.progress().end();
    return outcome;
  }

 private:
  std::size_t network_count() const {
    return static_cast<std::size_t>(request_.networks) * request_.spaces.size();
  }

  DeviceModelFit settings() const {
    return {.kind = request_.kind,
            .device = device_,
            .batch = request_.batch,
            .rules = fusion_rules(log_.pairs()),
            .seed = request_.seed,
            .before_round = [] { check_interruption(); }};
  }

  void find_rules() {
    OperationPairs pairs;
    for (std::size_t i = 0; i < 3 * request_.spaces.size(); ++i) find_pairs(build(i), pairs);
    session_.progress().begin("which operations are fused",
                              static_cast<std::int64_t>(pairs.size()));
    std::int64_t done = 0;
    for (const auto& [kinds, pair] : pairs) {
      const bool known = std::ranges::any_of(log_.pairs(), [&](const TimedPair& timed) {
        return timed.first == kinds.first && timed.second == kinds.second;
      });
      if (!known) log_.add(time_pair(pair.first, pair.second, device_));
      session_.progress().update(++done, kinds.first + " + " + kinds.second);
    }
  }

  ArchGraph build(std::size_t number) {
    const PlannedNetwork planned =
        planned_network(session_, request_.spaces, request_.seed, number);
    return planned.space->build(planned.architecture, planned.space->info().default_task);
  }

  void time_networks() {
    const FusionRules rules = fusion_rules(log_.pairs());
    std::map<std::size_t, std::size_t> known;  // times that a network was timed
    for (const LoggedNetwork& network : log_.networks()) ++known[network.number];
    const std::size_t steps = kTurns * network_count();
    session_.progress().begin("networks", static_cast<std::int64_t>(steps));
    for (std::size_t step = 0; step < steps; ++step) {
      const std::size_t number = step % network_count();
      if (known[number] <= step / network_count()) {
        const PlannedNetwork planned =
            planned_network(session_, request_.spaces, request_.seed, number);
        LoggedNetwork network = time_network(build(number), rules, device_);
        network.number = number;
        network.space = planned.space->info().name;
        network.architecture = planned.space->format(planned.architecture);
        log_.add(network);
        ++known[number];
      }
      session_.progress().update(static_cast<std::int64_t>(step + 1), "");
    }
  }

  /// Perturbed kernels around those that the trees so far miss, sorted so that those of one size
  /// stand in one strip. The same for every call with the same measurements before the round.
  std::vector<Kernel> plan(std::size_t round) {
    const DeviceMeasurements data = log_.measurements(round);
    DeviceModelFit fit = settings();
    fit.seed += round;
    Rng rng({.seed = request_.seed, .trial = round, .purpose = Purpose::kSample});
    std::vector<Kernel> kernels;
    for (const std::uint32_t missed : missed_kernels(fit, data, kTolerance)) {
      if (!fits_strip(data.kernels[missed])) continue;
      for (std::int64_t i = 0; i < request_.samples; ++i) {
        if (auto kernel = perturbed(data.kernels[missed], rng))
          kernels.push_back(*std::move(kernel));
      }
    }
    std::ranges::stable_sort(kernels, {}, [](const Kernel& kernel) {
      const Shape& shape = kernel.ops.front().inputs.front().shape;
      return std::make_pair(shape[1], shape[2]);
    });
    return kernels;
  }

  void time_missed(std::size_t round, DeviceFitOutcome& outcome) {
    Stopwatch watch;
    const std::vector<Kernel> planned = plan(round);
    outcome.fitting_seconds += watch.seconds();
    watch.restart();
    const std::vector<Kernel> kernels = log_.missing(round, planned);
    const std::size_t known = planned.size() - kernels.size();
    session_.progress().begin("kernels, round " + std::to_string(round + 1),
                              static_cast<std::int64_t>(planned.size()));
    for (std::size_t at = 0; at < kernels.size();) {
      const std::size_t count = std::min(kStripLength, kernels.size() - at);
      log_.add(LoggedStrip{round, time_kernels(std::span(kernels).subspan(at, count), device_)});
      at += count;
      session_.progress().update(static_cast<std::int64_t>(known + at), "");
    }
    outcome.measuring_seconds += watch.seconds();
  }

  void fit(DeviceFitOutcome& outcome) {
    const Stopwatch watch;
    session_.progress().begin("fit", 0);
    const DeviceMeasurements data = log_.measurements(static_cast<std::size_t>(request_.rounds));
    DeviceModelState state = fit_device_model(settings(), data);
    outcome.fitting_seconds += watch.seconds();
    outcome.pairs = log_.pairs();
    outcome.networks = data.networks.size();
    outcome.kernels = data.kernels.size();
    for (const LoggedStrip& strip : log_.strips()) outcome.strips += strip.kernels.size();
    std::vector<std::string> spaces;
    for (const PluginChoice& space : request_.spaces) spaces.push_back(to_string(space));
    const nlohmann::json info{
        {"kind", request_.kind},     {"device", device_.name}, {"settings", device_.settings},
        {"cpu", runtime_info().cpu}, {"spaces", spaces},       {"networks", outcome.networks},
        {"kernels", outcome.kernels}};
    outcome.model = keep_device_model(session_, request_.name, std::move(state), info.dump());
    if (request_.replace) {
      std::filesystem::rename(path_, measurement_path(session_, request_.name));
    }
  }

  Session& session_;
  const DeviceFitRequest& request_;
  Device device_;
  std::string settings_;
  std::filesystem::path path_;
  MeasurementLog log_;
};

}  // namespace

PlannedNetwork planned_network(Session& session, const std::vector<PluginChoice>& spaces,
                               std::uint64_t seed, std::size_t number) {
  const PluginChoice& choice = spaces[number % spaces.size()];
  const SearchSpace& space = session.space(choice);
  Rng rng({.seed = seed,
           .study = stable_hash(to_string(choice)),
           .trial = number / spaces.size(),
           .purpose = Purpose::kSample});
  return {&space, sample(space, rng)};
}

DeviceFitOutcome fit_device(Session& session, const DeviceFitRequest& request) {
  check_plain_name(request.name, "model");
  if (request.kind != "kernels" && request.kind != "roofline") {
    throw Error(ErrorKind::kUsage, unknown_name("model", request.kind,
                                                std::vector<std::string>{"kernels", "roofline"}));
  }
  if (request.spaces.empty()) throw Error(ErrorKind::kUsage, "a fit needs a space");
  check_fit_networks(static_cast<std::size_t>(request.networks) * request.spaces.size());
  if (has_device_model(session, request.name) && !request.replace) {
    throw Error(ErrorKind::kUsage,
                "model '" + request.name + "' exists; choose another name, or give --replace");
  }
  session.writer();  // a database that cannot be written is said before minutes of work
  return Fitting(session, request).run();
}

}  // namespace nas
