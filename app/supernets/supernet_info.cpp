#include "app/supernets/supernet_info.h"

#include <nlohmann/json.hpp>

#include "app/session/space_text.h"
#include "core/util/error.h"
#include "core/util/nesting.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr int kVersion = 1;

nlohmann::json json_of(const NamedValue& value) {
  return {{"name", value.name}, {"value", format_double(value.value)}};
}

NamedValue value_of(const nlohmann::json& json) {
  const auto value = parse_double(json.at("value").get<std::string>());
  if (!value) throw Error(ErrorKind::kData, "a value is not a number");
  return {json.at("name").get<std::string>(), *value};
}

SupernetInfo info_of(const nlohmann::json& json) {
  if (json.at("searchlight_supernet").get<int>() != kVersion) {
    throw Error(ErrorKind::kData, "is of another version of this format");
  }
  SupernetInfo info;
  info.name = json.at("name").get<std::string>();
  info.space = {json.at("space").get<std::string>(), json.at("space_options").get<OptionMap>()};
  info.space_version = json.at("space_version").get<std::string>();
  info.network = json.at("network").get<std::string>();
  info.problem = json.at("problem").get<std::string>();
  info.data = json.at("data").get<std::string>();
  info.data_id = json.at("data_id").get<std::string>();
  info.recipe = json.at("recipe").get<OptionMap>();
  info.paths = json.at("paths").get<std::string>();
  info.parent = json.at("parent").get<std::string>();
  info.parameters = json.at("parameters").get<std::int64_t>();
  info.epochs = json.at("epochs").get<std::int64_t>();
  for (const nlohmann::json& value : json.at("values")) info.values.push_back(value_of(value));
  if (json.contains("trained")) {
    info.trained = json.at("trained").get<std::vector<std::vector<std::uint16_t>>>();
  }
  return info;
}

std::string settings_beside_space(const SupernetInfo& info) {
  std::string text = info.space_version + "; " + info.network + "; " + info.data_id;
  for (const auto& [field, value] : info.recipe) text += "; " + field + "=" + value;
  text += "; " + info.paths;
  if (!info.parent.empty()) text += "; from " + info.parent;
  return text;
}

}  // namespace

std::string SupernetInfo::settings() const {
  return to_string(space) + " " + settings_beside_space(*this);
}

bool same_settings(const SupernetInfo& a, const SupernetInfo& b) {
  return same_space(a.space, b.space) && settings_beside_space(a) == settings_beside_space(b);
}

std::string to_json(const SupernetInfo& info) {
  nlohmann::json json{{"searchlight_supernet", kVersion},
                      {"name", info.name},
                      {"space", info.space.name},
                      {"space_options", info.space.options},
                      {"space_version", info.space_version},
                      {"network", info.network},
                      {"problem", info.problem},
                      {"data", info.data},
                      {"data_id", info.data_id},
                      {"recipe", info.recipe},
                      {"paths", info.paths},
                      {"parent", info.parent},
                      {"parameters", info.parameters},
                      {"epochs", info.epochs},
                      {"values", nlohmann::json::array()}};
  for (const NamedValue& value : info.values) json["values"].push_back(json_of(value));
  if (!info.trained.empty()) json["trained"] = info.trained;
  return json.dump();
}

SupernetInfo parse_supernet_info(const std::string& json, const std::string& where) {
  try {
    check_json_nesting(json, "its description");
    return info_of(nlohmann::json::parse(json));
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::kData, where + ": what it says of itself is damaged");
  } catch (const Error& error) {
    throw error.with_context(where);
  }
}

}  // namespace nas
