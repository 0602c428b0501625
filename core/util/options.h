#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nas {

/// Options as the user wrote them, by name.
using OptionMap = std::map<std::string, std::string>;

/// What help, forms and the stored configuration show of one option.
struct FieldDoc {
  std::string name;
  std::string type;  ///< "int", "real", "bool", "text"
  std::string default_value;
  std::string range;  ///< "in [1, 1000]", ">= 1", "one of: a, b", or empty
  std::string unit;
  std::string meaning;
  std::string source;  ///< paper or file that the default comes from
};

/// One option of the struct S: a member with its meaning. Write one constexpr table a struct.
template <class S>
struct Field {
  using Member = std::variant<std::int64_t S::*, double S::*, bool S::*, std::string S::*>;
  std::string_view name;
  Member member;
  std::string_view meaning;
  std::string_view unit = "";
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::string_view source = "";
  std::string_view choices = "";  ///< for text: "a|b|c"
  /// What everything was done with before this option existed, as `fields_to_map` writes it; set
  /// for options that were added after a release. `settled_text` leaves such an option out at this
  /// value, so that texts of earlier versions stay equal to those of today.
  std::optional<std::string_view> before = std::nullopt;
};

namespace detail {
using FieldPointer = std::variant<std::int64_t*, double*, bool*, std::string*>;
struct FieldSlot {
  std::string_view name, meaning, unit, source, choices;
  double min, max;
  FieldPointer value;
};
std::vector<FieldDoc> describe(std::span<const FieldSlot> slots);
void assign(std::span<FieldSlot> slots, const OptionMap& values, std::string_view what);
std::vector<std::string> violations(std::span<const FieldSlot> slots);
OptionMap to_map(std::span<const FieldSlot> slots);

template <class S>
std::vector<FieldSlot> bind(std::span<const Field<S>> fields, S& object) {
  std::vector<FieldSlot> slots;
  for (const Field<S>& field : fields) {
    FieldPointer pointer =
        std::visit([&](auto member) -> FieldPointer { return &(object.*member); }, field.member);
    slots.push_back({field.name, field.meaning, field.unit, field.source, field.choices, field.min,
                     field.max, pointer});
  }
  return slots;
}
}  // namespace detail

/// The documentation of a table, with the struct's own defaults.
template <class S>
std::vector<FieldDoc> describe_fields(std::span<const Field<S>> fields) {
  S defaults{};
  return detail::describe(detail::bind(fields, defaults));
}

/// All violations of ranges and choices at once: "rounds = 0, must be >= 1".
template <class S>
std::vector<std::string> validate_fields(std::span<const Field<S>> fields, S object) {
  return detail::violations(detail::bind(fields, object));
}

/// Reads `values` over the defaults. Throws Error(kUsage) for an unknown name (with the near miss),
/// an unreadable value, or all range violations in one line. `what` names the owner: "searcher
/// 'evolution'".
template <class S>
S parse_fields(std::span<const Field<S>> fields, const OptionMap& values, std::string_view what) {
  S object{};
  std::vector<detail::FieldSlot> slots = detail::bind(fields, object);
  detail::assign(slots, values, what);
  return object;
}

/// Every option with its value: the resolved configuration that is stored with a study.
template <class S>
OptionMap fields_to_map(std::span<const Field<S>> fields, S object) {
  return detail::to_map(detail::bind(fields, object));
}

/// "epochs=12; batch=128": the values in the order of the table, whatever the defaults are, without
/// options at what held before they existed (`Field::before`). Equal texts, equal settings, also of
/// different versions.
template <class S>
std::string settled_text(std::span<const Field<S>> fields, const S& object) {
  const OptionMap values = fields_to_map(fields, object);
  std::string text;
  for (const Field<S>& field : fields) {
    const std::string& value = values.at(std::string(field.name));
    if (field.before == value) continue;
    text.append(text.empty() ? "" : "; ").append(field.name).append("=").append(value);
  }
  return text;
}

}  // namespace nas
