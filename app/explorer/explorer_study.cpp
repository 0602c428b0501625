#include "app/explorer/explorer_study.h"

#include <optional>
#include <string_view>

#include "core/util/error.h"
#include "core/util/text.h"
#include "core/util/toml_reader.h"

namespace nas {

namespace {

/// Written by to_string(Constraint): "latency_ms@host < 4". The metric may be none that we know.
std::optional<Constraint> recorded_constraint(std::string_view text) {
  try {
    const Bound bound = parse_bound(text, "constraint");
    const std::size_t device = bound.name.find('@');
    Constraint constraint{.metric = {bound.name.substr(0, device), ""},
                          .relation = bound.relation,
                          .bound = bound.in("")};
    if (device != std::string::npos) constraint.metric.device = bound.name.substr(device + 1);
    return constraint;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

RecordedConfig recorded_config(const StudySpec& spec) {
  RecordedConfig config;
  toml::table root;
  try {
    root = TomlReader(spec.name).parse(spec.config);
  } catch (const Error&) {
    return config;
  }
  if (const toml::table* space = root["space"].as_table()) {
    for (const auto& [key, value] : *space) {
      if (key.str() != "name" && !value.is_table() && !value.is_array())
        config.space_options[std::string(key.str())] = toml_option_text(value).value_or("");
    }
  }
  if (const toml::array* constraints = root["constraints"].as_array()) {
    for (const toml::node& node : *constraints) {
      const auto* text = node.as_string();
      const auto constraint = text == nullptr ? std::nullopt : recorded_constraint(text->get());
      if (constraint) config.constraints.push_back(*constraint);
    }
  }
  return config;
}

}  // namespace nas
