#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

enum class Relation : std::uint8_t {
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual
};

std::string_view relation_text(Relation relation);  ///< "<="
/// A missing value (NaN) satisfies nothing.
bool holds(Relation relation, double value, double bound);
/// How far the bound is missed relative to its size; 0 when it holds, 1 for a missing value.
double excess(Relation relation, double value, double bound);

/// "NAME < NUMBER" and "NAME < NUMBER @ DEVICE": the one grammar of the constraints of studies, of
/// the conditions and constraints on tables, and of constraints that a study recorded.
struct Bound {
  std::string name;  ///< "latency_ms@host": a device after the number is moved here
  Relation relation = Relation::kLess;
  double value = 0;
  std::string unit{};  ///< behind the number: "M", "%", "ms" (core/util/unit.h); "": the column's

  /// The value where the column counts in `own`: of "params<3M" 3 for "M" and 3e6 for "". Throws
  /// Error(kUsage) where the units do not go together ("accuracy<3ms").
  double in(std::string_view own) const;
};

/// The name is not looked up. `what` says what the text is: "constraint". Throws Error(kUsage).
Bound parse_bound(std::string_view text, std::string_view what);

/// "maximize NAME", "minimize NAME" (or "-ise") or "NAME", of objectives of studies and of tables
/// alike.
struct DirectedName {
  std::string_view name;
  std::optional<bool> maximize;  ///< nullopt: the metric's own direction
};
DirectedName parse_direction(std::string_view text);

}  // namespace nas
