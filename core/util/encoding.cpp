#include "core/util/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";

[[noreturn]] void fail_at(std::string_view source, const TextPlace& place,
                          const std::string& what) {
  throw Error(ErrorKind::kData, std::string(source) + ", " + to_string(place) + ": " + what);
}

/// `bytes` without their mark.
std::string from_utf16(std::string_view bytes, bool big_endian, std::string_view source) {
  std::string text;
  text.reserve(bytes.size());
  const auto unit = [&](std::size_t at) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return big_endian ? first << 8U | second : second << 8U | first;
  };
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    if (at + 1 == bytes.size()) {
      fail_at(source, place_of(text, text.size()), "UTF-16 that ends in half a character");
    }
    std::uint32_t point = unit(at);
    const bool high = point >= 0xD800 && point < 0xDC00;
    if (high && at + 3 < bytes.size() && (unit(at + 2) & 0xFC00U) == 0xDC00) {
      at += 2;
      point = 0x10000 + ((point & 0x3FF) << 10) + (unit(at) & 0x3FF);
    } else if (point >= 0xD800 && point < 0xE000) {
      fail_at(source, place_of(text, text.size()), "UTF-16 with half of a surrogate pair");
    }
    append_utf8(text, point);
  }
  return text;
}

void check_utf8(std::string_view text, std::string_view source) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == 0) {
      fail_at(source, place_of(text, at),
              "a zero byte; is it a binary file, or UTF-16 without a byte order mark? Save it as "
              "UTF-8");
    }
    if (byte < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      const std::string hex{kDigits[byte >> 4], kDigits[byte & 15]};
      fail_at(source, place_of(text, at),
              "byte 0x" + hex +
                  " is not UTF-8; is it Latin-1? Convert it: iconv -f WINDOWS-1252 -t UTF-8 OLD > "
                  "NEW");
    }
    at += length;
  }
}

std::string lfs_text(std::string_view bytes) {
  const std::size_t at = bytes.find("\nsize ");
  std::string size;
  if (at != std::string_view::npos) {
    const std::string_view rest = bytes.substr(at + 6);
    if (const auto count = parse_int(trim(rest.substr(0, rest.find('\n'))))) {
      size = " of " + format_bytes(*count);
    }
  }
  return "a Git LFS pointer, not the data" + size +
         " that it stands for; run 'git lfs pull' in its repository, or download the file itself";
}

std::string title_of(std::string_view page) {
  const std::string lower = to_lower(page);
  const std::size_t begin = lower.find("<title");
  const std::size_t open = begin == std::string::npos ? begin : lower.find('>', begin);
  const std::size_t close = open == std::string::npos ? open : lower.find("</title", open);
  if (close == std::string::npos) return "";
  return " (\"" + printable(trim(page.substr(open + 1, close - open - 1)).substr(0, 60)) + "\")";
}

}  // namespace

void append_utf8(std::string& text, std::uint32_t point) {
  const auto byte = [&](std::uint32_t value) { text += static_cast<char>(value); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | point >> 6);
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3F));
    byte(0x80 | (point >> 6 & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty() || byte(0) < 0x80) return text.empty() ? 0 : 1;
  const unsigned lead = byte(0);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool outside = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || outside ? 0 : length;
}

TextPlace place_of(std::string_view text, std::size_t offset) {
  TextPlace place;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

std::string to_string(const TextPlace& place) {
  return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

std::string decode_text(std::string bytes, std::string_view source) {
  const std::string_view view(bytes);
  using namespace std::string_view_literals;
  if (view.starts_with("\xFF\xFE\0\0"sv) || view.starts_with("\0\0\xFE\xFF"sv)) {
    throw Error(ErrorKind::kData,
                std::string(source) + ": UTF-32; convert it: iconv -f UTF-32 -t UTF-8 OLD > NEW");
  }
  const bool big_endian = view.starts_with("\xFE\xFF");
  if (big_endian || view.starts_with("\xFF\xFE")) {
    bytes = from_utf16(view.substr(2), big_endian, source);
  }
  if (std::string_view(bytes).starts_with(kUtf8Mark)) bytes.erase(0, kUtf8Mark.size());
  check_utf8(bytes, source);
  return bytes;
}

std::optional<std::string> foreign_content(std::string_view bytes) {
  if (bytes.empty()) return "the file is empty; was its download cut off?";
  if (bytes.starts_with(kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
  if (bytes.starts_with("version https://git-lfs.github.com/")) return "it is " + lfs_text(bytes);
  const std::string_view text = trim(bytes.substr(0, 512));
  const std::string lower = to_lower(text.substr(0, 16));
  for (const std::string_view start :
       {"<!doctype html", "<html", "<head", "<!-- saved", "<script"}) {
    if (!lower.starts_with(start.substr(0, 16))) continue;
    return "it is a web page" + title_of(bytes) +
           ", not the data; download the file itself (on GitHub: the link 'raw')";
  }
  if (lower.starts_with("404: not found")) {  // raw.githubusercontent.com
    return "it is a server's answer that the file is not there (404); check the address";
  }
  if (lower.starts_with("<?xml")) return "it is an XML document, not the data";
  struct Magic {
    std::string_view start, what;
  };
  using namespace std::string_view_literals;
  static constexpr std::array<Magic, 9> kMagics{{
      {"%PDF-"sv, "a PDF document; export the table as CSV"},
      {"PAR1"sv, "a Parquet file; write it as CSV: pandas.read_parquet(OLD).to_csv(NEW)"},
      {"\x89HDF\r\n"sv, "an HDF5 file; write its table as CSV"},
      {"SQLite format 3\0"sv, "an SQLite database; write its table as CSV"},
      {"\x93NUMPY"sv, "a NumPy array; write it as CSV"},
      {"\xD0\xCF\x11\xE0"sv, "an old Excel workbook; save the sheet as CSV"},
      {"7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive; unpack it first"},
      {"Rar!\x1A"sv, "a RAR archive; unpack it first"},
      {"\xFD"
       "7zXZ"sv,
       "an xz archive; unpack it first (xz -d, or tar xf)"},
  }};
  for (const Magic& magic : kMagics) {
    if (bytes.starts_with(magic.start)) return "it is " + std::string(magic.what);
  }
  if (bytes.starts_with("\x28\xB5\x2F\xFD")) {
    return "it is a Zstandard archive; unpack it first (zstd -d, or tar xf)";
  }
  return std::nullopt;
}

void refuse_foreign_content(std::string_view bytes, std::string_view source) {
  if (const auto what = foreign_content(bytes)) {
    throw Error(ErrorKind::kData, std::string(source) + ": " + *what);
  }
}

}  // namespace nas
