#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "db/importers/byte_source.h"

namespace nas {

class PickleValue;
struct PickleText {
  std::string text;
  bool bytes = false;
};
struct PickleList;
struct PickleDict;
struct PickleObject;

/// One value of a pickle. Cheap to copy: containers are shared.
class PickleValue {
 public:
  using Storage = std::variant<std::monostate, bool, std::int64_t, double,
                               std::shared_ptr<const PickleText>, std::shared_ptr<PickleList>,
                               std::shared_ptr<PickleDict>, std::shared_ptr<PickleObject>>;
  PickleValue() = default;
  template <class T>
  PickleValue(T value) : value_(std::move(value)) {}  // NOLINT: a variant's converting constructor

  bool is_none() const { return std::holds_alternative<std::monostate>(value_); }
  /// A number of any kind (bool included); nullopt otherwise.
  std::optional<double> number() const;
  std::optional<std::int64_t> integer() const;
  const std::string* text() const;
  const PickleText* text_object() const;
  const PickleList* list() const { return get<PickleList>(); }
  const PickleDict* dict() const { return get<PickleDict>(); }
  const PickleObject* object() const { return get<PickleObject>(); }
  PickleList* list() { return get<PickleList>(); }
  PickleDict* dict() { return get<PickleDict>(); }
  PickleObject* object() { return get<PickleObject>(); }
  /// "a text", "a dict of 3": for messages.
  std::string kind() const;

 private:
  template <class T>
  T* get() const {
    const auto* found = std::get_if<std::shared_ptr<T>>(&value_);
    return found == nullptr ? nullptr : found->get();
  }
  Storage value_;
};

/// A container: once it is inside another one it no longer changes, so that there are no cycles.
struct PickleContainer {
  int depth = 0;
  bool closed = false;
};
/// Lists, tuples and sets alike.
struct PickleList : PickleContainer {
  std::vector<PickleValue> items;
};
struct PickleDict : PickleContainer {
  std::vector<std::pair<PickleValue, PickleValue>> items;
  /// The value of a text key, or nullptr.
  const PickleValue* find(std::string_view key) const;
};
/// What a global of the list stands for, or what would have been made by calling it: a dtype, a
/// tensor. Nothing is ever called.
struct PickleObject : PickleContainer {
  std::string global;
  PickleValue arguments;
  PickleValue state;
};

/// Empties a value's containers, also where they are remembered for later reference.
void release(PickleValue& value);

/// Of the files that give up each architecture while they are read (on_dict).
inline constexpr std::uint64_t kStreamedPickleValues = std::uint64_t{1} << 32;

struct PickleLimits {
  std::size_t depth = 64;
  /// Pushed in all, about 24 bytes each; files that are emptied while they are read need more.
  std::uint64_t values = std::uint64_t{1} << 27;
  std::uint64_t text_bytes = std::uint64_t{1} << 26;  ///< of one text
  std::size_t stack = std::size_t{1} << 26;
};

struct PickleOptions {
  PickleLimits limits{};
  /// Called after entries were put into a dict; may take what it needs and release it, so that
  /// files larger than memory can be read.
  std::function<void(PickleDict&)> on_dict{};
  bool persistent_ids = false;  ///< accept references to the tensors of a torch file
};

/// Reads one pickle (protocols 2 to 5) up to its STOP. A machine of its own with a fixed list of
/// instructions and globals, which executes nothing. Throws Error(kData) naming the offset and the
/// first instruction or global that is not on the list, or the limit that is exceeded.
PickleValue read_pickle(ByteReader& reader, const PickleOptions& options = {});

}  // namespace nas
