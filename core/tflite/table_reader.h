#pragma once

// Tables of a FlatBuffer that is not trusted; included by .cpp files of core/tflite only.

#include <flatbuffers/flatbuffers.h>

#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/util/error.h"

namespace nas {

/// The bytes of a file, and what is left of what it may claim.
struct CheckedBytes {
  CheckedBytes(std::string_view bytes, std::size_t most_items, std::size_t most_text)
      // Tables are looked up again and again, so their number is no limit; nothing nests deeply.
      : verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), 64,
                 ~flatbuffers::uoffset_t{0}),
        items_left(most_items),
        text_left(most_text) {}

  [[noreturn]] static void fail_offset() {
    throw Error(ErrorKind::kData, "an offset leads out of the file; was its download cut off?");
  }
  void check(bool holds) const {
    if (!holds) fail_offset();
  }
  void take_items(std::size_t count) {
    if (count > items_left) throw Error(ErrorKind::kData, "its lists have too many entries");
    items_left -= count;
  }
  void take_text(std::size_t bytes) {
    if (bytes > text_left) throw Error(ErrorKind::kData, "its names are too long");
    text_left -= bytes;
  }

  flatbuffers::Verifier verifier;
  std::size_t items_left, text_left;
};

/// One table. Every access checks that what it reads lies in the file; fields are numbered from 0.
/// Throws Error(kData).
class TableReader {
 public:
  TableReader(CheckedBytes& bytes, const flatbuffers::Table* table) : bytes_(bytes), table_(table) {
    bytes_.check(table_->VerifyTableStart(bytes_.verifier));
    bytes_.verifier.EndTable();  // of the depth: siblings follow
  }

  template <typename T>
  T number(int field, T standard) const {
    bytes_.check(table_->VerifyField<T>(bytes_.verifier, place(field), sizeof(T)));
    return table_->GetField<T>(place(field), standard);
  }

  /// Counted as items; an absent list is empty.
  template <typename T>
  std::vector<T> list(int field) const {
    const std::span<const std::uint8_t> raw = raw_list(field, sizeof(T));
    bytes_.take_items(raw.size() / sizeof(T));
    std::vector<T> values(raw.size() / sizeof(T));
    if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

  /// Not counted: stays where it is.
  std::string_view bytes(int field) const {
    const std::span<const std::uint8_t> raw = raw_list(field, 1);
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};
  }

  std::string text(int field) const {
    const std::string_view view = bytes(field);
    bytes_.take_text(view.size());
    return std::string(view);
  }

  std::optional<TableReader> table(int field) const {
    const auto* inner = pointer<flatbuffers::Table>(field);
    if (inner == nullptr) return std::nullopt;
    return TableReader(bytes_, inner);
  }

  std::size_t table_count(int field) const { return raw_list(field, 4).size() / 4; }

  /// Calls `read(TableReader, index)` for each of at most `most` tables.
  template <typename Read>
  void each_table(int field, std::size_t most, std::string_view what, Read read) const {
    using Offsets = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>;
    const std::size_t count = table_count(field);
    if (count > most) {
      throw Error(ErrorKind::kData, "it has " + std::to_string(count) + " " + std::string(what) +
                                        "s, the limit is " + std::to_string(most));
    }
    const auto* offsets = pointer<Offsets>(field);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint8_t* at = offsets->Data() + 4 * i;
      bytes_.check(bytes_.verifier.VerifyOffset(at, 0));
      const auto* inner = reinterpret_cast<const flatbuffers::Table*>(
          at + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(at));
      try {
        read(TableReader(bytes_, inner), i);
      } catch (const Error& error) {
        throw error.with_context(std::string(what) + " " + std::to_string(i));
      }
    }
  }

 private:
  static flatbuffers::voffset_t place(int field) {
    return flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(field));
  }

  template <typename T>
  const T* pointer(int field) const {
    bytes_.check(table_->VerifyOffset(bytes_.verifier, place(field)));
    return table_->GetPointer<const T*>(place(field));
  }

  std::span<const std::uint8_t> raw_list(int field, std::size_t element) const {
    const auto* vector = pointer<flatbuffers::Vector<std::uint8_t>>(field);
    if (vector == nullptr) return {};
    const auto* start = reinterpret_cast<const std::uint8_t*>(vector);
    bytes_.check(bytes_.verifier.VerifyVectorOrString(start, element));
    return {vector->Data(), vector->size() * element};
  }

  CheckedBytes& bytes_;
  const flatbuffers::Table* table_;
};

}  // namespace nas
