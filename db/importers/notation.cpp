#include "db/importers/notation.h"

#include <array>
#include <cctype>
#include <cstdint>
#include <functional>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Fields = std::span<const std::string_view>;

constexpr std::size_t kEdges201 = 6;
const std::array<std::string_view, 5> kOperations201{"none", "skip_connect", "nor_conv_1x1",
                                                     "nor_conv_3x3", "avg_pool_3x3"};

[[noreturn]] void fail(std::string_view text, const std::string& expected) {
  throw Error(ErrorKind::kData,
              "architecture '" + printable(text.substr(0, 80)) + "': expected " + expected);
}

/// The integers of "(1, 0, 2)" or "[1, 0, 2]"; of a bare "102" each digit.
std::vector<int> numbers_of(std::string_view text) {
  const bool bare = text.find_first_not_of("0123456789") == std::string_view::npos;
  std::vector<int> numbers;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
      if (std::string_view("()[], ").find(text[i]) == std::string_view::npos) {
        fail(text, "numbers in brackets, separated by commas");
      }
      continue;
    }
    const bool continues =
        !bare && i > 0 && std::isdigit(static_cast<unsigned char>(text[i - 1])) != 0;
    const int digit = text[i] - '0';
    if (continues) {
      if (numbers.back() > 1000) fail(text, "small numbers");
      numbers.back() = 10 * numbers.back() + digit;
    } else {
      numbers.push_back(digit);
    }
  }
  return numbers;
}

std::vector<int> digits_of(std::string_view text, std::size_t count, int most) {
  std::vector<int> digits = numbers_of(text);
  bool fits = digits.size() == count;
  for (const int digit : digits) fits = fits && digit <= most;
  if (!fits) fail(text, std::to_string(count) + " digits of at most " + std::to_string(most));
  return digits;
}

std::string nasbench201_text(const std::vector<int>& digits) {
  std::string text;
  std::size_t edge = 0;
  for (int target = 1; target < 4; ++target) {
    text += target > 1 ? "+|" : "|";
    for (int source = 0; source < target; ++source) {
      text += kOperations201[static_cast<std::size_t>(digits[edge++])];
      text += "~" + std::to_string(source) + "|";
    }
  }
  return text;
}

std::string from_nasbench201_digits(std::string_view text) {
  return nasbench201_text(digits_of(text, kEdges201, 4));
}

std::string from_naslib_nb201(std::string_view text) {
  const std::vector<int> digits = digits_of(text, kEdges201, 4);
  constexpr std::array<int, 5> kOfficial{1, 0, 3, 2, 4};
  constexpr std::array<std::size_t, kEdges201> kPosition{0, 1, 3, 2, 4, 5};
  std::vector<int> ordered;
  for (const std::size_t position : kPosition) {
    ordered.push_back(kOfficial[static_cast<std::size_t>(digits[position])]);
  }
  return nasbench201_text(ordered);
}

std::string from_naslib_nb101(std::string_view text) {
  const std::vector<int> numbers = numbers_of(text);
  std::size_t vertices = 2;
  while (vertices < 8 && vertices * (vertices + 1) != numbers.size()) ++vertices;
  if (vertices > 7) fail(text, "V * V adjacency entries and V operations, V = 2..7");
  constexpr std::array<std::string_view, 5> kNames{"input", "output", "maxpool3x3",
                                                   "conv1x1-bn-relu", "conv3x3-bn-relu"};
  std::string official;
  for (std::size_t i = 0; i < vertices * vertices; ++i) {
    if (numbers[i] > 1) fail(text, "adjacency entries of 0 or 1");
    official += static_cast<char>('0' + numbers[i]);
  }
  for (std::size_t v = 0; v < vertices; ++v) {
    const auto op = static_cast<std::size_t>(numbers[vertices * vertices + v]);
    if (op >= kNames.size()) fail(text, "operations of at most 4");
    official += v == 0 ? ':' : ',';
    official += kNames[op];
  }
  return official;
}

std::string from_naslib_darts(std::string_view text) {
  const std::vector<int> numbers = numbers_of(text);
  if (numbers.size() != 32) fail(text, "two cells of eight (input, operation) pairs");
  constexpr std::array<std::string_view, 7> kNames{"max_pool_3x3", "avg_pool_3x3", "skip_connect",
                                                   "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3",
                                                   "dil_conv_5x5"};
  std::string genotype = "Genotype(normal=[";
  for (std::size_t i = 0; i < 16; ++i) {
    const auto op = static_cast<std::size_t>(numbers[2 * i + 1]);
    if (op >= kNames.size()) fail(text, "operations of at most 6");
    if (i == 8) genotype += "], normal_concat=range(2, 6), reduce=[";
    if (i % 8 != 0) genotype += ", ";
    genotype += "('" + std::string(kNames[op]) + "', " + std::to_string(numbers[2 * i]) + ")";
  }
  return genotype + "], reduce_concat=range(2, 6))";
}

std::string from_transnas_micro(std::string_view text) {
  std::string official = "64-41414-";
  const std::vector<int> digits = digits_of(text, 6, 3);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 1 || i == 3) official += '_';
    official += static_cast<char>('0' + digits[i]);
  }
  return official;
}

std::string from_transnas_macro(std::string_view text) {
  std::string modules;
  for (const int digit : numbers_of(text)) {
    if (digit > 4) fail(text, "modules of at most 4");
    if (digit > 0) modules += static_cast<char>('0' + digit);
  }
  if (modules.size() < 4 || modules.size() > 6) fail(text, "four to six modules");
  return "64-" + modules + "-basic";
}

std::string verbatim(std::string_view text) {
  return std::string(trim(text));
}

using Converter = std::string (*)(std::string_view);
constexpr std::array<std::pair<std::string_view, Converter>, 7> kConverters{{
    {"native", verbatim},
    {"nasbench201_digits", from_nasbench201_digits},
    {"naslib_nb201", from_naslib_nb201},
    {"naslib_nb101", from_naslib_nb101},
    {"naslib_darts", from_naslib_darts},
    {"transnas_micro", from_transnas_micro},
    {"transnas_macro", from_transnas_macro},
}};

}  // namespace

const std::vector<std::string>& notation_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const auto& [name, converter] : kConverters) names.emplace_back(name);
    names.emplace_back("joined");
    return names;
  }();
  return kNames;
}

std::string from_notation(std::string_view notation, Fields fields) {
  if (notation == "joined") {
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) text += ':';
      text += fields[i];
    }
    return text;
  }
  for (const auto& [name, converter] : kConverters) {
    if (name != notation) continue;
    if (fields.size() != 1) {
      throw Error(ErrorKind::kUsage, "notation '" + std::string(notation) + "' reads one column, " +
                                         std::to_string(fields.size()) + " are given");
    }
    return converter(fields.front());
  }
  throw Error(ErrorKind::kUsage, unknown_name("notation", notation, notation_names()));
}

std::string canonical_text(std::string_view notation, Fields fields, const SearchSpace* space) {
  std::string text = from_notation(notation, fields);
  if (space == nullptr) return text;
  try {
    return space->format(space->parse(text));
  } catch (const Error& error) {
    throw Error(ErrorKind::kData, error.what());
  }
}

}  // namespace nas
