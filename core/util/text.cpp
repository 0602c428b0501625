#include "core/util/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <limits>

#include "core/util/csv.h"
#include "core/util/encoding.h"

namespace nas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

std::string formatted(const char* format, auto... values) {
  std::array<char, 64> buffer{};
  const int length = std::snprintf(buffer.data(), buffer.size(), format, values...);
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

// 12.50 -> 12.5, 3.000 -> 3
std::string without_trailing_zeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;
  bool valid = false;
};

// The UTF-8 sequence at the start of `text`, which is not empty.
CodePoint decode(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = utf8_length(text);
  if (length == 0) return {};
  if (length == 1) return {byte(0), 1, true};
  char32_t value = byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = value << 6 | (byte(i) & 0x3FU);
  return {value, length, true};
}

// Control characters of both sets, line separators, and what turns the direction of text.
bool drives_terminal(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x061C;
}

// `text` with '?' for each character that drives a terminal and each byte that is not UTF-8, and
// `blank` of each line break and tab.
template <class Blank>
std::string harmless(std::string_view text, Blank blank) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (point.valid && (point.value == '\n' || point.value == '\t' || point.value == '\r')) {
      safe += blank(text.front());
    } else if (!point.valid || drives_terminal(point.value)) {
      safe += '?';
    } else {
      safe += text.substr(0, point.length);
    }
    text.remove_prefix(point.length);
  }
  return safe;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    if (text.empty()) return words;
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return value;
}

std::string format_double(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

std::string format_short(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return value == 0 ? "0" : format_double(value);
  digits = std::clamp(digits, 1, 17);
  const double magnitude = std::abs(value);
  if (magnitude < 1e-4 || magnitude >= 1e7) return formatted("%.*g", digits, value);
  const int exponent = static_cast<int>(std::floor(std::log10(magnitude)));
  return without_trailing_zeros(formatted("%.*f", std::max(0, digits - 1 - exponent), value));
}

std::string format_count(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds)) return format_double(seconds) + " s";
  if (seconds < 0) return "-" + format_seconds(-seconds);
  if (seconds < 0.9995) return formatted("%.0f ms", seconds * 1000);
  if (seconds < 59.95) return formatted("%.1f s", seconds);
  if (seconds >= 3.6e12) return formatted("%.3g h", seconds / 3600);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) return formatted("%lld min %02lld s", whole / 60, whole % 60);
  const long long minutes = (whole + 30) / 60;
  return formatted("%lld h %02lld min", minutes / 60, minutes % 60);
}

std::string format_bytes(std::int64_t bytes) {
  constexpr std::array<const char*, 7> kUnits = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(value) >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return format_short(value, 3) + " " + kUnits[unit];
}

std::string printable(std::string_view text) {
  return harmless(text, [](char) { return ' '; });
}

std::string escape_xml(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string escape_csv(std::string_view text) {
  std::string value = harmless(text, [](char blank) { return blank; });
  // A spreadsheet runs such a field as a formula; negative numbers are harmless.
  value.insert(0, "'");
  if (!guards_formula(value) || parse_double(text)) value.erase(0, 1);
  const bool padded = trim(value).size() != value.size();
  if (!padded && value.find_first_of(",\"\r\n") == std::string::npos) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string json_quote(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (!point.valid) {
      quoted += "\\ufffd";
    } else if (point.value == '"' || point.value == '\\') {
      quoted += {'\\', static_cast<char>(point.value)};
    } else if (point.value == '\n') {
      quoted += "\\n";
    } else if (point.value == '\t') {
      quoted += "\\t";
    } else if (drives_terminal(point.value)) {
      quoted += formatted("\\u%04x", static_cast<unsigned>(point.value));
    } else {
      quoted += text.substr(0, point.length);
    }
    text.remove_prefix(point.length);
  }
  return quoted + '"';
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table: distances of a[0..i) to all b[0..j), of the row above, and of the one
  // above that.
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substitution});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

namespace {

/// Of numbers the nearest, the first of two as near; nullopt where not all are numbers.
std::optional<std::string> nearest_number(std::string_view word,
                                          std::span<const std::string> candidates) {
  const std::optional<double> wanted = parse_double(word);
  if (!wanted || !std::isfinite(*wanted)) return std::nullopt;
  std::optional<std::string> best;
  double distance = 0;
  for (const std::string& candidate : candidates) {
    const std::optional<double> number = parse_double(candidate);
    if (!number) return std::nullopt;
    if (best && std::abs(*number - *wanted) >= distance) continue;
    best = candidate;
    distance = std::abs(*number - *wanted);
  }
  return best;
}

/// The shortest that the word begins: "acc" is short for "accuracy".
std::optional<std::string> begun(std::string_view word, std::span<const std::string> candidates) {
  constexpr std::size_t kLeast = 3;
  std::optional<std::string> best;
  if (word.size() < kLeast) return best;
  for (const std::string& candidate : candidates) {
    if (!to_lower(candidate).starts_with(to_lower(word))) continue;
    if (!best || candidate.size() < best->size()) best = candidate;
  }
  return best;
}

}  // namespace

std::optional<std::string> near_miss(std::string_view word,
                                     std::span<const std::string> candidates) {
  if (auto number = nearest_number(word, candidates)) return number;
  std::optional<std::string> best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(to_lower(word), to_lower(candidate));
    const std::size_t length = std::max(word.size(), candidate.size());
    if (distance > std::max<std::size_t>(1, length / 3) || distance >= length) continue;
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best ? best : begun(word, candidates);
}

std::string unknown_name(std::string_view what, std::string_view word,
                         std::span<const std::string> candidates) {
  std::string text = "unknown " + printable(what) + " '" + printable(word) + "'";
  if (const auto hint = near_miss(word, candidates))
    text += "; did you mean '" + printable(*hint) + "'?";
  if (candidates.empty()) return text + " (there are none)";
  constexpr std::size_t kMost = 30;
  const auto shown = candidates.subspan(0, std::min(kMost, candidates.size()));
  text += " (known: " + printable(join(shown, ", "));
  if (candidates.size() > kMost) text += ", ...";
  return text + ")";
}

}  // namespace nas
