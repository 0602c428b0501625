#pragma once

#include <string>
#include <string_view>

namespace nas {

/// `printable` of every line: for foreign text of several lines (an error, a report) that goes to a
/// terminal as a whole. Line breaks stay, everything else that drives a terminal is replaced.
std::string printable_lines(std::string_view text);

}  // namespace nas
