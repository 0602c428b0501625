#include "db/importers/tar.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kLongestRecord = std::uint64_t{1} << 20;  // a pax header, a long name

std::string_view field(std::string_view header, std::size_t at, std::size_t size) {
  const std::string_view text = header.substr(at, size);
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

/// Octal digits with blanks around them, or GNU's binary form; nullopt for anything else.
std::optional<std::uint64_t> number(std::string_view header, std::size_t at, std::size_t size) {
  if ((static_cast<unsigned char>(header[at]) & 0x80U) != 0) {
    std::uint64_t value = static_cast<unsigned char>(header[at]) & 0x7FU;
    for (std::size_t i = 1; i < size; ++i) {
      if (value >> 55 != 0) return std::nullopt;
      value = value << 8 | static_cast<unsigned char>(header[at + i]);
    }
    return value;
  }
  std::uint64_t value = 0;
  for (const char c : trim(field(header, at, size))) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// The header's sum of bytes, its own field taken as blanks.
bool checksum_fits(std::string_view header) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(header[i]);
  }
  return number(header, 148, 8) == sum;
}

/// "27 path=long/name\n" records of a pax header: the values of path and size.
struct PaxValues {
  std::string path;
  std::optional<std::uint64_t> size;
};
std::optional<PaxValues> read_pax(std::string_view text) {
  PaxValues values;
  while (!text.empty()) {
    const std::size_t blank = text.find(' ');
    const auto length =
        blank == std::string_view::npos ? std::nullopt : parse_int(text.substr(0, blank));
    if (!length || *length <= static_cast<std::int64_t>(blank) + 1 ||
        *length > static_cast<std::int64_t>(text.size())) {
      return std::nullopt;
    }
    const auto end = static_cast<std::size_t>(*length);
    const std::string_view record = text.substr(blank + 1, end - blank - 2);
    if (record.starts_with("path=")) values.path = record.substr(5);
    if (record.starts_with("size=")) {
      const auto size = parse_int(record.substr(5));
      if (!size || *size < 0) return std::nullopt;
      values.size = static_cast<std::uint64_t>(*size);
    }
    text.remove_prefix(end);
  }
  return values;
}

class TarReader {
 public:
  using Visit = std::function<void(const TarMember& member, const TarContent& content)>;

  TarReader(ByteSource& source, const std::string& what) : what_(what), reader_(source, what) {}

  std::size_t run(const Visit& visit) {
    while (read_header()) {
      const char type = header_[156];
      if (type == 'x' || type == 'L') {
        read_extension(type);
        continue;
      }
      TarMember member{name(), pax_.size.value_or(size_)};
      pax_ = {};
      if (type == '0' || type == '\0' || type == '7') {
        read_member(member, visit);
      } else {
        left_out_ += type == '5' || type == 'g' ? 0 : 1;  // folders, global headers
        reader_.skip(padded(member.size));
      }
    }
    return left_out_;
  }

 private:
  static std::uint64_t padded(std::uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

  /// False at the end mark, two blocks of zeros.
  bool read_header() {
    for (int zeros = 0; zeros < 2; ++zeros) {
      if (reader_.at_end()) {
        throw Error(ErrorKind::kData,
                    what_ + ": the archive ends without its end mark after " +
                        (last_.empty() ? "no member" : "'" + printable(last_) + "'") +
                        "; it is cut off, fetch it again");
      }
      header_ = block(last_.empty() ? "" : "after '" + printable(last_) + "'");
      if (header_.find_first_not_of('\0') != std::string::npos) {
        const auto size = number(header_, 124, 12);
        if (!checksum_fits(header_) || !size) {
          reader_.fail("not the header of a member" +
                       (last_.empty() ? "" : " (after '" + printable(last_) + "')") +
                       "; the archive is damaged, fetch it again");
        }
        size_ = *size;
        return true;
      }
    }
    return false;
  }

  std::string block(const std::string& place) {
    try {
      return reader_.bytes(kBlock);
    } catch (const Error& error) {
      throw Error(error.kind(), error.what() + (place.empty() ? "" : " (" + place + ")") +
                                    "; the archive is cut off, fetch it again");
    }
  }

  void read_extension(char type) {
    if (size_ > kLongestRecord) reader_.fail("a header of more than 1 MB");
    std::string text = reader_.bytes(padded(size_));
    text.resize(static_cast<std::size_t>(size_));
    if (type == 'L') {
      pax_.path = text.substr(0, text.find('\0'));
      return;
    }
    const auto values = read_pax(text);
    if (!values) reader_.fail("a damaged pax header");
    pax_ = *values;
  }

  std::string name() const {
    if (!pax_.path.empty()) return pax_.path;
    const std::string prefix(header_.substr(257, 5) == "ustar" && header_[262] == '\0'
                                 ? field(header_, 345, 155)
                                 : std::string_view());
    return (prefix.empty() ? "" : prefix + "/") + std::string(field(header_, 0, 100));
  }

  void read_member(const TarMember& member, const Visit& visit) {
    std::uint64_t left = member.size;
    last_ = member.name;
    const auto read = [&](char* data, std::size_t size) {
      const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(size, left));
      try {
        const std::string bytes = reader_.bytes(take);
        std::copy(bytes.begin(), bytes.end(), data);
      } catch (const Error& error) {
        throw Error(error.kind(), std::string(error.what()) + " in member '" +
                                      printable(member.name) +
                                      "'; the archive is cut off, fetch it again");
      }
      left -= take;
      return take;
    };
    visit(member, read);
    reader_.skip(left + (padded(member.size) - member.size));
  }

  const std::string& what_;
  ByteReader reader_;
  std::string header_;
  std::uint64_t size_ = 0;
  PaxValues pax_;
  std::string last_;  // the last member's name
  std::size_t left_out_ = 0;
};

}  // namespace

std::size_t for_each_tar_member(
    ByteSource& source, const std::string& what,
    const std::function<void(const TarMember& member, const TarContent& content)>& visit) {
  return TarReader(source, what).run(visit);
}

bool is_tar_header(std::string_view bytes) {
  return bytes.size() >= kBlock && bytes.substr(257, 5) == "ustar" && checksum_fits(bytes);
}

}  // namespace nas
