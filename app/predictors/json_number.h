#pragma once

#include <limits>
#include <optional>

namespace nas {

/// A figure for JSON, which is written as null where it is not defined: a NaN becomes one.
inline double json_number(const std::optional<double>& value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace nas
