#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/api/benchmark.h"
#include "core/util/error.h"

namespace nas {

// Values as bytes, to be read by the same program: integers and enumerations as 8 bytes in the
// machine's order, doubles bit by bit, texts and lists after their length, structures member by
// member (wire_fields.h). `wire_layout` says what the bytes of a type are.

/// Bytes that are read from the front.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : left_(bytes) {}
  /// Throws Error(kData) where less is left.
  std::string_view bytes(std::size_t count) {
    if (count > left_.size()) throw Error(ErrorKind::kData, "a record of a journal is too short");
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  std::size_t left() const { return left_.size(); }

 private:
  std::string_view left_;
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsList = false;
template <class T>
inline constexpr bool kIsList<std::vector<T>> = true;
template <class T>
inline constexpr bool kIsPair = false;
template <class A, class B>
inline constexpr bool kIsPair<std::pair<A, B>> = true;
template <class T>
inline constexpr bool kIsArray = false;
template <class T, std::size_t N>
inline constexpr bool kIsArray<std::array<T, N>> = true;
template <class T>
inline constexpr bool kIsBenchmark =
    std::same_as<T, Benchmark> || std::same_as<T, std::shared_ptr<const Benchmark>>;

inline void put_word(std::string& out, std::uint64_t word) {
  char bytes[sizeof word];
  std::memcpy(bytes, &word, sizeof word);
  out.append(bytes, sizeof word);
}

inline std::uint64_t get_word(WireReader& in) {
  std::uint64_t word = 0;
  std::memcpy(&word, in.bytes(sizeof word).data(), sizeof word);
  return word;
}

/// The length of a list, each of whose elements has a byte at least.
inline std::size_t get_length(WireReader& in) {
  const std::uint64_t length = get_word(in);
  if (length > in.left()) throw Error(ErrorKind::kData, "a list in a journal is too short");
  return static_cast<std::size_t>(length);
}

template <class T>
void put(std::string& out, const T& value);
template <class T>
T get(WireReader& in);

inline void put(std::string& out, std::string_view text) {
  put_word(out, text.size());
  out.append(text);
}

template <class T>
void put(std::string& out, std::span<const T> list) {
  put_word(out, list.size());
  for (const T& element : list) put(out, element);
}

void put_benchmark_bytes(std::string& out, const Benchmark& benchmark);
Benchmark get_benchmark_bytes(WireReader& in);

template <class T>
void put(std::string& out, const T& value) {
  if constexpr (std::same_as<T, bool>) {
    out += value ? '\1' : '\0';
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    put_word(out, static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
  } else if constexpr (std::same_as<T, double>) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    put_word(out, word);
  } else if constexpr (std::same_as<T, std::string>) {
    put(out, std::string_view(value));
  } else if constexpr (kIsOptional<T>) {
    put(out, value.has_value());
    if (value) put(out, *value);
  } else if constexpr (kIsList<T>) {
    put_word(out, value.size());
    for (const auto& element : value) put<typename T::value_type>(out, element);
  } else if constexpr (kIsArray<T>) {
    for (const auto& element : value) put(out, element);
  } else if constexpr (kIsPair<T>) {
    put(out, value.first);
    put(out, value.second);
  } else if constexpr (std::same_as<T, Benchmark>) {
    put_benchmark_bytes(out, value);
  } else if constexpr (std::same_as<T, std::shared_ptr<const Benchmark>>) {
    put_benchmark_bytes(out, *value);
  } else {
    wire_fields(value, [&out](const auto&... fields) { (put(out, fields), ...); });
  }
}

template <class T>
T get(WireReader& in) {
  if constexpr (std::same_as<T, bool>) {
    return in.bytes(1)[0] != '\0';
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    return static_cast<T>(static_cast<std::int64_t>(get_word(in)));
  } else if constexpr (std::same_as<T, double>) {
    const std::uint64_t word = get_word(in);
    double value = 0;
    std::memcpy(&value, &word, sizeof value);
    return value;
  } else if constexpr (std::same_as<T, std::string>) {
    return std::string(in.bytes(get_length(in)));
  } else if constexpr (kIsOptional<T>) {
    if (!get<bool>(in)) return std::nullopt;
    return get<typename T::value_type>(in);
  } else if constexpr (kIsList<T>) {
    T list;
    const std::size_t length = get_length(in);
    list.reserve(length);
    for (std::size_t i = 0; i < length; ++i) list.push_back(get<typename T::value_type>(in));
    return list;
  } else if constexpr (kIsArray<T>) {
    T list{};
    for (auto& element : list) element = get<typename T::value_type>(in);
    return list;
  } else if constexpr (kIsPair<T>) {
    auto first = get<typename T::first_type>(in);
    return T{std::move(first), get<typename T::second_type>(in)};
  } else if constexpr (std::same_as<T, Benchmark>) {
    return get_benchmark_bytes(in);
  } else if constexpr (std::same_as<T, std::shared_ptr<const Benchmark>>) {
    return std::make_shared<const Benchmark>(get_benchmark_bytes(in));
  } else {
    T value{};
    wire_fields(value, [&in](auto&... fields) {
      ((fields = get<std::remove_cvref_t<decltype(fields)>>(in)), ...);
    });
    return value;
  }
}

/// What the bytes of a type are, as a text: equal texts are read alike.
template <class T>
void wire_layout(std::string& out) {
  if constexpr (std::same_as<T, bool>) {
    out += 'b';
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    out += 'i';
  } else if constexpr (std::same_as<T, double>) {
    out += 'd';
  } else if constexpr (std::same_as<T, std::string>) {
    out += 's';
  } else if constexpr (kIsOptional<T>) {
    out += '?';
    wire_layout<typename T::value_type>(out);
  } else if constexpr (kIsList<T>) {
    out += '*';
    wire_layout<typename T::value_type>(out);
  } else if constexpr (kIsArray<T>) {
    out += std::to_string(std::tuple_size_v<T>);
    wire_layout<typename T::value_type>(out);
  } else if constexpr (kIsPair<T>) {
    out += '2';
    wire_layout<typename T::first_type>(out);
    wire_layout<typename T::second_type>(out);
  } else if constexpr (kIsBenchmark<T>) {
    out += 'B';
  } else if constexpr (!std::is_void_v<T>) {
    out += '{';
    T value{};
    wire_fields(value, [&out](auto&... fields) {
      (wire_layout<std::remove_cvref_t<decltype(fields)>>(out), ...);
    });
    out += '}';
  }
}

}  // namespace nas
