#pragma once

namespace nas {

/// Where a number may lie; who gives it says how surely.
struct Interval {
  double low = 0, high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

}  // namespace nas
