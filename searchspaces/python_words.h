#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

// Names in Python's literals, which the reader and the look at a text's shape both know.

namespace nas {

/// Calls that are what they hold: arrays and numbers of numpy and PyTorch, containers of Python.
inline constexpr std::array<std::string_view, 21> kWrappers{
    "array",   "asarray", "tensor", "list",  "tuple", "set",   "matrix",
    "int8",    "int16",   "int32",  "int64", "uint8", "float", "float16",
    "float32", "float64", "float_", "int",   "str",   "str_",  "frozenset"};
inline constexpr std::array<std::string_view, 3> kDictionaries{"dict", "OrderedDict",
                                                               "defaultdict"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

inline bool begins_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
inline bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// "np.int64" -> "int64".
inline std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

}  // namespace nas
