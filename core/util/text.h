#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

std::vector<std::string> split(std::string_view text, char separator);  ///< keeps empty fields
std::vector<std::string> split_words(std::string_view text);  ///< at blanks, no empty fields
std::string_view trim(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string to_lower(std::string_view text);

/// Whole-text conversions: nullopt when anything but one number is there, or it does not fit.
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);  ///< also nan, inf, -inf

/// Shortest text that reads back as the same double; nan, inf, -inf as words.
std::string format_double(double value);
/// For people: `digits` significant digits, no exponent between 1e-4 and 1e7.
std::string format_short(double value, int digits = 4);
std::string format_count(std::int64_t value);  ///< 1,234,567
std::string format_seconds(double seconds);    ///< "850 ms", "12.3 s", "4 min 05 s", "2 h 10 min"
std::string format_bytes(std::int64_t bytes);  ///< "3.2 MB"

/// Terminal escapes and control characters replaced, so that stored names cannot drive the
/// terminal.
std::string printable(std::string_view text);
std::string escape_xml(std::string_view text);
std::string escape_csv(
    std::string_view text);  ///< RFC 4180, and a quote before =, +, -, @ formulas of text
std::string json_quote(std::string_view text);  ///< with the quotes

/// Restricted Damerau-Levenshtein distance.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The closest of `candidates` that may be meant: a typing error, a short form, a near number.
std::optional<std::string> near_miss(std::string_view word,
                                     std::span<const std::string> candidates);
/// "unknown space 'nasbench20'; did you mean 'nasbench201'? (known: a, b, c)".
std::string unknown_name(std::string_view what, std::string_view word,
                         std::span<const std::string> candidates);

}  // namespace nas
