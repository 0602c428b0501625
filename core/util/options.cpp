#include "core/util/options.h"

#include <algorithm>
#include <type_traits>

#include "core/util/error.h"
#include "core/util/quantity.h"
#include "core/util/text.h"

namespace nas::detail {
namespace {

std::string type_of(const FieldPointer& value) {
  constexpr std::string_view kNames[] = {"int", "real", "bool", "text"};
  return std::string(kNames[value.index()]);
}

std::string text_of(const FieldPointer& value) {
  return std::visit(
      [](const auto* pointer) -> std::string {
        using T = std::remove_cvref_t<decltype(*pointer)>;
        if constexpr (std::is_same_v<T, bool>) return *pointer ? "true" : "false";
        if constexpr (std::is_same_v<T, double>) return format_double(*pointer);
        if constexpr (std::is_same_v<T, std::int64_t>) return std::to_string(*pointer);
        if constexpr (std::is_same_v<T, std::string>) return *pointer;
      },
      value);
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = to_lower(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return std::nullopt;
}

// False when the text is not of the field's type.
bool read_value(const FieldPointer& value, std::string_view text) {
  const std::string_view word = trim(text);
  const auto store = [](auto* target, const auto& parsed) {
    if (parsed) *target = *parsed;
    return parsed.has_value();
  };
  if (auto* const* number = std::get_if<std::int64_t*>(&value)) {
    return store(*number, parse_whole(word));
  }
  if (auto* const* real = std::get_if<double*>(&value)) return store(*real, parse_real(word));
  if (auto* const* flag = std::get_if<bool*>(&value)) return store(*flag, parse_bool(word));
  *std::get<std::string*>(value) = std::string(text);
  return true;
}

std::string wanted(std::string_view type) {
  if (type == "int") return "a whole number";
  if (type == "real") return "a number";
  return "true or false";
}

std::string range_of(const FieldSlot& slot) {
  if (!slot.choices.empty()) return "one of: " + join(split(slot.choices, '|'), ", ");
  const bool below = std::isfinite(slot.min);
  const bool above = std::isfinite(slot.max);
  if (below && above)
    return "in [" + format_double(slot.min) + ", " + format_double(slot.max) + "]";
  if (below) return ">= " + format_double(slot.min);
  if (above) return "<= " + format_double(slot.max);
  return "";
}

bool holds(const FieldSlot& slot) {
  const auto inside = [&slot](double value) { return value >= slot.min && value <= slot.max; };
  if (const auto* number = std::get_if<std::int64_t*>(&slot.value)) {
    return inside(static_cast<double>(**number));
  }
  if (const auto* real = std::get_if<double*>(&slot.value)) return inside(**real);
  const auto* text = std::get_if<std::string*>(&slot.value);
  if (text == nullptr || slot.choices.empty()) return true;
  const std::vector<std::string> choices = split(slot.choices, '|');
  return std::find(choices.begin(), choices.end(), **text) != choices.end();
}

}  // namespace

std::vector<FieldDoc> describe(std::span<const FieldSlot> slots) {
  std::vector<FieldDoc> docs;
  for (const FieldSlot& slot : slots) {
    docs.push_back({std::string(slot.name), type_of(slot.value), text_of(slot.value),
                    range_of(slot), std::string(slot.unit), std::string(slot.meaning),
                    std::string(slot.source)});
  }
  return docs;
}

void assign(std::span<FieldSlot> slots, const OptionMap& values, std::string_view what) {
  for (const auto& [name, text] : values) {
    const auto slot = std::find_if(slots.begin(), slots.end(),
                                   [&name = name](const FieldSlot& s) { return s.name == name; });
    if (slot == slots.end()) {
      std::vector<std::string> names;
      for (const FieldSlot& known : slots) names.emplace_back(known.name);
      throw Error(ErrorKind::kUsage,
                  std::string(what) + ": " +
                      (names.empty() ? "takes no options, got '" + printable(name) + "'"
                                     : unknown_name("option", name, names)));
    }
    if (!read_value(slot->value, text)) {
      throw Error(ErrorKind::kUsage, std::string(what) + ": " + name + " = '" + printable(text) +
                                         "', expected " + wanted(type_of(slot->value)));
    }
  }
  const std::vector<std::string> problems = violations(slots);
  if (!problems.empty()) {
    throw Error(ErrorKind::kUsage, std::string(what) + ": " + join(problems, "; "));
  }
}

std::vector<std::string> violations(std::span<const FieldSlot> slots) {
  std::vector<std::string> problems;
  for (const FieldSlot& slot : slots) {
    if (holds(slot)) continue;
    const std::string range = range_of(slot);
    problems.push_back(std::string(slot.name) + " = " + printable(text_of(slot.value)) +
                       ", must be " + (range.empty() ? "a number" : range));
  }
  return problems;
}

OptionMap to_map(std::span<const FieldSlot> slots) {
  OptionMap values;
  for (const FieldSlot& slot : slots) values[std::string(slot.name)] = text_of(slot.value);
  return values;
}

}  // namespace nas::detail
