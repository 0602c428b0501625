#include <cmath>
#include <nlohmann/json.hpp>

#include "core/util/error.h"
#include "hwmodels/device_model.h"

namespace nas {
namespace {

using Json = nlohmann::json;

constexpr const char* kSchema = "searchlight.device_model";
constexpr int kVersion = 1;

Json trees_json(const std::map<std::string, KernelTrees>& all) {
  Json json = Json::object();
  for (const auto& [kind, trees] : all) {
    json[kind] = {{"samples", trees.samples}, {"ratio", trees.ratio}};
    if (!trees.trees.empty()) json[kind]["trees"] = trees.trees.save();
  }
  return json;
}

double amount(const Json& json, const char* name) {
  const double value = json.at(name).get<double>();
  if (!std::isfinite(value) || value < 0) {
    throw Error(ErrorKind::kData, "'" + std::string(name) + "' is not a number >= 0");
  }
  return value;
}

DeviceModelState read(const Json& json) {
  if (json.at("schema") != kSchema || json.at("version") != kVersion) {
    throw Error(ErrorKind::kData, "is no model of a device of version " + std::to_string(kVersion));
  }
  DeviceModelState state;
  state.kind = json.at("kind");
  const Json& device = json.at("device");
  state.device = {device.at("name"), device.at("kind"), device.at("settings")};
  state.batch = json.at("batch").get<std::int64_t>();
  for (const Json& pair : json.at("fused")) {
    state.rules.pairs.emplace(pair.at(0).get<std::string>(), pair.at(1).get<std::string>());
  }
  const Json& roofline = json.at("roofline");
  state.roofline = {amount(roofline, "ms_per_gflop"), amount(roofline, "ms_per_gflop_depthwise"),
                    amount(roofline, "ms_per_gbyte"), amount(roofline, "launch_ms")};
  const Json& overhead = json.at("overhead");
  state.overhead = {amount(overhead, "fixed_ms"), amount(overhead, "per_kernel_ms"),
                    amount(overhead, "scale")};
  for (const auto& [kind, entry] : json.at("kernels").items()) {
    KernelTrees& trees = state.trees[kind];
    trees.samples = entry.at("samples").get<std::int64_t>();
    trees.ratio = entry.at("ratio").get<double>();
    if (entry.contains("trees")) trees.trees.restore(entry.at("trees").get<std::string>());
  }
  state.errors = json.at("errors").get<std::vector<double>>();
  return state;
}

}  // namespace

std::string to_json(const DeviceModelState& state) {
  Json fused = Json::array();
  for (const auto& [first, second] : state.rules.pairs) fused.push_back({first, second});
  const Json json{
      {"schema", kSchema},
      {"version", kVersion},
      {"kind", state.kind},
      {"device",
       {{"name", state.device.name},
        {"kind", state.device.kind},
        {"settings", state.device.settings}}},
      {"batch", state.batch},
      {"fused", fused},
      {"roofline",
       {{"ms_per_gflop", state.roofline.ms_per_gflop},
        {"ms_per_gflop_depthwise", state.roofline.ms_per_gflop_depthwise},
        {"ms_per_gbyte", state.roofline.ms_per_gbyte},
        {"launch_ms", state.roofline.launch_ms}}},
      {"overhead",
       {{"fixed_ms", state.overhead.fixed_ms},
        {"per_kernel_ms", state.overhead.per_kernel_ms},
        {"scale", state.overhead.scale}}},
      {"kernels", trees_json(state.trees)},
      {"errors", state.errors},
  };
  return json.dump(1) + "\n";
}

DeviceModelState parse_device_model(const std::string& json, const std::string& where) {
  try {
    return read(Json::parse(json));
  } catch (const Json::exception&) {
    throw Error(ErrorKind::kData, where + ": is no model of a device, or a damaged one");
  } catch (const Error& error) {
    throw error.with_context(where);
  }
}

}  // namespace nas
