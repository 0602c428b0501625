#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace nas {

/// A curve as one word of `width` bars (UTF-8, one column each) between its lowest and highest
/// value; values that fall on one bar are averaged, and one that is not finite is a blank.
std::string text_curve(std::span<const double> values, std::size_t width = 32);

}  // namespace nas
