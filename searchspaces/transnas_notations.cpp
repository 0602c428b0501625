#include <array>
#include <string>
#include <vector>

#include "searchspaces/notations.h"
#include "searchspaces/python_literal.h"

// Tuples of NASLib and shorter strings for both spaces of TransNAS-Bench-101.

namespace nas {
namespace {

/// The digits of a text: each of "332_132", or the numbers of a list.
std::vector<std::int64_t> digits_of(std::string_view space, std::string_view source_text) {
  if (python_shape(source_text) == PythonShape::kNumbers) {
    const PythonText text(space, source_text);
    return text.whole_numbers(text.root());
  }
  std::vector<std::int64_t> digits;
  for (const char c : source_text) {
    if (c >= '0' && c <= '9') digits.push_back(c - '0');
  }
  return digits;
}

bool is_list_or(std::string_view text, std::string_view characters) {
  return python_shape(text) == PythonShape::kNumbers ||
         (!text.empty() && text.find_first_not_of(characters) == std::string_view::npos);
}

[[noreturn]] void fail(std::string_view space, std::string_view source_text,
                       std::string_view expected) {
  const std::string quoted = "'" + std::string(source_text) + "'";
  const PythonText text(space, quoted);
  text.fail(text.root(), expected);
}

std::string micro_text(std::string_view text) {
  std::string official = "64-41414-";
  const std::vector<std::int64_t> digits = digits_of("transnas_micro", text);
  if (digits.size() != 6) fail("transnas_micro", text, "six digits from 0 to 3");
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] < 0 || digits[i] > 3) fail("transnas_micro", text, "six digits from 0 to 3");
    if (i == 1 || i == 3) official += '_';
    official += static_cast<char>('0' + digits[i]);
  }
  return official;
}

std::string macro_text(std::string_view text) {
  constexpr std::string_view kSpace = "transnas_macro";
  std::string modules;
  for (const std::int64_t digit : digits_of(kSpace, text)) {
    if (digit < 0 || digit > 4) fail(kSpace, text, "modules from 1 to 4");
    if (digit > 0) modules += static_cast<char>('0' + digit);
  }
  if (modules.size() < 4 || modules.size() > 6) fail(kSpace, text, "four to six modules");
  return "64-" + modules + "-basic";
}

constexpr std::array<Notation, 1> kMicro{{
    {"transnas_micro", "six digits of the official string, also as a tuple or without its head",
     "(3, 3, 2, 1, 3, 2)", [](std::string_view text) { return is_list_or(text, "0123_ "); },
     micro_text},
}};

constexpr std::array<Notation, 1> kMacro{{
    {"transnas_macro", "four to six modules of the official string; zeros of a tuple are dropped",
     "(2, 2, 4, 1, 3, 1)",
     [](std::string_view text) {
       return is_list_or(text, "1234") ||
              (text.ends_with("-basic") && is_list_or(text.substr(0, text.size() - 6), "1234"));
     },
     macro_text},
}};

}  // namespace

std::span<const Notation> transnas_micro_notations() {
  return kMicro;
}
std::span<const Notation> transnas_macro_notations() {
  return kMacro;
}

}  // namespace nas
