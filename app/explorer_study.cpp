#include "app/explorer_study.h"

#include <toml++/toml.h>

#include <optional>
#include <string_view>

#include "core/util/error.h"
#include "core/util/nesting.h"
#include "core/util/text.h"

namespace nas {

namespace {

/// Written by to_string(Constraint): "latency_ms@host < 4".
std::optional<Constraint> recorded_constraint(std::string_view text) {
  const std::size_t at = text.find_first_of("<>");
  if (at == std::string_view::npos) return std::nullopt;
  const bool or_equal = at + 1 < text.size() && text[at + 1] == '=';
  const auto bound = parse_double(trim(text.substr(at + (or_equal ? 2 : 1))));
  const std::string_view metric = trim(text.substr(0, at));
  if (!bound || metric.empty()) return std::nullopt;
  const std::size_t device = metric.find('@');
  Constraint constraint{.metric = {std::string(metric.substr(0, device)), ""}, .bound = *bound};
  if (device != std::string_view::npos) constraint.metric.device = metric.substr(device + 1);
  if (text[at] == '<') {
    constraint.relation = or_equal ? Relation::kLessEqual : Relation::kLess;
  } else {
    constraint.relation = or_equal ? Relation::kGreaterEqual : Relation::kGreater;
  }
  return constraint;
}

std::string option_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* real = node.as_floating_point()) return format_double(real->get());
  return {};
}

}  // namespace

RecordedConfig recorded_config(const StudySpec& spec) {
  RecordedConfig config;
  toml::table root;
  try {
    check_toml_nesting(spec.config, spec.name);
    root = toml::parse(spec.config);
  } catch (const toml::parse_error&) {
    return config;
  } catch (const Error&) {  // of the nesting
    return config;
  }
  if (const toml::table* space = root["space"].as_table()) {
    for (const auto& [key, value] : *space) {
      if (key.str() != "name" && !value.is_table() && !value.is_array())
        config.space_options[std::string(key.str())] = option_text(value);
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
