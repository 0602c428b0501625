#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nas {

/// Appends a code point, at most 0x10FFFF.
void append_utf8(std::string& text, std::uint32_t point);
/// Bytes of the UTF-8 sequence that `text` begins with; 0 where it is malformed (overlong, cut, a
/// surrogate) or there is none.
std::size_t utf8_length(std::string_view text);

/// Where something stands in a text, both counted from 1; columns count characters, not bytes.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;
};
TextPlace place_of(std::string_view text, std::size_t offset);
std::string to_string(const TextPlace& place);  ///< "line 3, column 7"

/// The text of a file as UTF-8 without byte order mark; UTF-16 that begins with its mark is
/// converted. Throws Error(kData) for other encodings, naming `source`, line and column and how to
/// convert the file.
std::string decode_text(std::string bytes, std::string_view source);

/// What a file is that is not the data its name promises, and what to do: a web page, a Git LFS
/// pointer, a spreadsheet, nothing at all. `bytes` are its first ones, 512 suffice; nullopt where
/// they are none of these.
std::optional<std::string> foreign_content(std::string_view bytes);
/// Throws Error(kData) in the words of `foreign_content`.
void refuse_foreign_content(std::string_view bytes, std::string_view source);

}  // namespace nas
