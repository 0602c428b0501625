#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "db/importers/pickle.h"

namespace nas {

/// What a pickle remembers for later reference. Python remembers every text and container, also
/// those of architectures that are long read: NAS-Bench-201 has over a hundred million texts like
/// "x-valid@12", a few thousand different ones. So equal short texts are one, and a reference
/// takes four bytes.
class PickleMemo {
 public:
  /// The text as a value; the same one for equal short texts.
  PickleValue text(std::string text, bool bytes);

  std::uint64_t size() const { return references_.size(); }
  /// Requires index <= size().
  void put(std::uint64_t index, const PickleValue& value);
  /// Requires index < size().
  const PickleValue& at(std::uint64_t index) const;
  /// Where the object was remembered lately, `value` is meant from now on.
  void replace_recent(const PickleObject* object, const PickleValue& value);

 private:
  std::uint32_t reference_to(const PickleValue& value);

  struct TextKey {
    std::string_view text;
    bool bytes;
    bool operator==(const TextKey&) const = default;
  };
  struct TextHash {
    std::size_t operator()(const TextKey& key) const {
      return std::hash<std::string_view>{}(key.text) * 2 + (key.bytes ? 1 : 0);
    }
  };
  // Only looked up; the keys point into the values of `texts_`.
  std::unordered_map<TextKey, std::uint32_t, TextHash> known_texts_;
  std::vector<PickleValue> texts_;
  std::vector<PickleValue> others_;
  std::deque<std::uint32_t> references_;  // to texts_, or with the top bit set to others_
};

}  // namespace nas
