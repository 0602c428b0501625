#include "app/objectives/bound.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "core/util/unit.h"

namespace nas {
namespace {

// Longer signs first.
constexpr std::array<std::pair<std::string_view, Relation>, 6> kRelations = {{
    {"<=", Relation::kLessEqual},
    {">=", Relation::kGreaterEqual},
    {"==", Relation::kEqual},
    {"!=", Relation::kNotEqual},
    {"<", Relation::kLess},
    {">", Relation::kGreater},
}};

struct Sign {
  std::size_t at = std::string_view::npos;
  std::size_t length = 0;
  Relation relation = Relation::kLess;
};

/// Columns hold KEY=VALUE, so a single '=' is not a sign, and the last "==" is the one that counts.
Sign find_sign(std::string_view text) {
  const std::size_t first = text.find_first_of("<>");
  for (const auto& [word, relation] : kRelations) {
    const std::size_t at = first == std::string_view::npos ? text.rfind(word) : first;
    if (at == std::string_view::npos || !text.substr(at).starts_with(word)) continue;
    return {at, word.size(), relation};
  }
  return {};
}

[[noreturn]] void reject(std::string_view text, std::string_view what, const std::string& why) {
  throw Error(ErrorKind::kUsage, std::string(what) + " '" + printable(text) + "': " + why +
                                     "; write NAME<NUMBER, <=, >, >=, == or !=, such as "
                                     "'params<1M' or 'latency_ms<4@host'");
}

}  // namespace

std::string_view relation_text(Relation relation) {
  const auto* found = std::find_if(kRelations.begin(), kRelations.end(),
                                   [&](const auto& pair) { return pair.second == relation; });
  NAS_CHECK(found != kRelations.end(), "relation without a sign");
  return found->first;
}

bool holds(Relation relation, double value, double bound) {
  if (std::isnan(value)) return false;
  switch (relation) {
    case Relation::kLess:
      return value < bound;
    case Relation::kLessEqual:
      return value <= bound;
    case Relation::kGreater:
      return value > bound;
    case Relation::kGreaterEqual:
      return value >= bound;
    case Relation::kEqual:
      return value == bound;
    case Relation::kNotEqual:
      break;
  }
  return value != bound;
}

double excess(Relation relation, double value, double bound) {
  constexpr double kLargest = 1e6;
  constexpr double kSmallest = 1e-9;
  if (std::isnan(value)) return 1;
  if (holds(relation, value, bound)) return 0;
  const double scale = bound == 0 ? 1 : std::abs(bound);
  return std::clamp(std::abs(value - bound) / scale, kSmallest, kLargest);
}

Bound parse_bound(std::string_view text, std::string_view what) {
  const Sign sign = find_sign(text);
  if (sign.at == std::string_view::npos) {
    reject(text, what, "has no comparison");
  }
  Bound bound{.name = std::string(trim(text.substr(0, sign.at))), .relation = sign.relation};
  std::string_view number = trim(text.substr(sign.at + sign.length));
  if (bound.name.ends_with('=')) {
    const std::string sign_text(relation_text(sign.relation));
    reject(text, what, "'=" + sign_text + "' is not a comparison");
  }
  if (bound.name.empty())
    reject(text, what, "has no name before '" + std::string(relation_text(sign.relation)) + "'");
  const std::size_t device = number.find('@');
  if (device != std::string_view::npos) {
    if (bound.name.find('@') != std::string::npos) reject(text, what, "names two devices");
    bound.name += "@" + std::string(trim(number.substr(device + 1)));
    number = trim(number.substr(0, device));
  }
  const double none = std::numeric_limits<double>::quiet_NaN();
  double value = parse_double(number).value_or(none);
  for (const Unit& unit : units()) {
    if (!std::isnan(value) || unit.name.empty() || !number.ends_with(unit.name)) continue;
    value = parse_double(trim(number.substr(0, number.size() - unit.name.size()))).value_or(none);
    bound.unit = unit.name;
    if (!std::isfinite(value * unit.factor)) value = none;
  }
  if (std::isnan(value)) {
    reject(text, what, "'" + printable(number) + "' is not a number");
  }
  bound.value = value;
  return bound;
}

double Bound::in(std::string_view own) const {
  if (unit.empty()) return value;
  const Unit* written = find_unit(unit);
  NAS_CHECK(written != nullptr, "a bound in an unknown unit");
  const Unit* column = find_unit(own);
  if (column != nullptr && column->quantity == written->quantity) {
    return column->factor == written->factor ? value : value * (written->factor / column->factor);
  }
  if (written->quantity == Quantity::kCount) return value * written->factor;
  throw Error(ErrorKind::kUsage, "'" + printable(name) + "' " +
                                     (own.empty() ? "has no unit" : "is in " + printable(own)) +
                                     "; write the number without '" + unit + "'");
}

DirectedName parse_direction(std::string_view text) {
  const std::string_view rest = trim(text);
  for (const auto& [word, maximize] : {std::pair{"maximize", true}, std::pair{"minimize", false},
                                       std::pair{"maximise", true}, std::pair{"minimise", false}}) {
    const std::string_view prefix(word);
    if (rest.size() > prefix.size() && rest.starts_with(prefix) && rest[prefix.size()] == ' ') {
      return {trim(rest.substr(prefix.size())), maximize};
    }
  }
  return {rest, std::nullopt};
}

}  // namespace nas
