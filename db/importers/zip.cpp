#include "db/importers/zip.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::uint32_t kEndMark = 0x06054b50, kEnd64Mark = 0x06064b50, kLocator64 = 0x07064b50,
                        kEntryMark = 0x02014b50, kLocalMark = 0x04034b50;
constexpr std::uint64_t kEndSize = 22, kLongestComment = 65535;
constexpr std::uint64_t kMostEntries = 100000;
constexpr std::uint32_t kIn64 = 0xffffffff;

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  }
  return value;
}

std::string part(const std::filesystem::path& path, std::uint64_t begin, std::uint64_t size) {
  const std::unique_ptr<ByteSource> source = open_file(path, begin, size);
  ByteReader reader(*source, path.filename().string());
  return reader.bytes(size);
}

struct Directory {
  std::uint64_t entries = 0, offset = 0, size = 0;
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kData, path.string() + ": " + what);
}

Directory find_directory(const std::filesystem::path& path) {
  const std::uint64_t file_size = std::filesystem::file_size(path);
  const std::uint64_t tail_size = std::min(file_size, kEndSize + kLongestComment);
  const std::uint64_t tail_begin = file_size - tail_size;
  const std::string tail = part(path, tail_begin, tail_size);
  for (std::size_t at = tail.size() < kEndSize ? 0 : tail.size() - kEndSize + 1; at-- > 0;) {
    if (number(tail, at, 4) != kEndMark) continue;
    Directory found{number(tail, at + 10, 2), number(tail, at + 16, 4), number(tail, at + 12, 4)};
    const std::uint64_t end = tail_begin + at;
    const bool is64 = end >= 20 && number(part(path, end - 20, 4), 0, 4) == kLocator64;
    if (is64) {
      const std::uint64_t record = number(part(path, end - 20, 20), 8, 8);
      if (record > file_size || file_size - record < 56) fail(path, "damaged zip directory");
      const std::string end64 = part(path, record, 56);
      if (number(end64, 0, 4) != kEnd64Mark) fail(path, "damaged zip directory");
      found = {number(end64, 32, 8), number(end64, 48, 8), number(end64, 40, 8)};
    }
    if (found.entries > kMostEntries || found.offset > file_size ||
        found.size > file_size - found.offset) {
      fail(path, "damaged zip directory, or more than 100,000 entries");
    }
    return found;
  }
  fail(path, "no zip directory at its end (truncated?)");
}

/// Sizes of more than 4 GB are in the entry's ZIP64 field, those that are marked, in this order.
void read_sizes64(ZipEntry& entry, std::string_view extra) {
  while (extra.size() >= 4) {
    const std::uint64_t id = number(extra, 0, 2), size = number(extra, 2, 2);
    extra.remove_prefix(4);
    if (size > extra.size()) return;
    if (id == 1) {
      std::size_t at = 0;
      for (std::uint64_t* value : {&entry.size, &entry.packed_size, &entry.header}) {
        if (*value != kIn64 || at + 8 > size) continue;
        *value = number(extra, at, 8);
        at += 8;
      }
    }
    extra.remove_prefix(size);
  }
}

}  // namespace

std::vector<ZipEntry> read_zip_directory(const std::filesystem::path& path) {
  const Directory directory = find_directory(path);
  const std::unique_ptr<ByteSource> source = open_file(path, directory.offset, directory.size);
  ByteReader reader(*source, path.filename().string() + ", zip directory");
  std::vector<ZipEntry> entries;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const std::string fixed = reader.bytes(46);
    if (number(fixed, 0, 4) != kEntryMark) reader.fail("an entry does not start with its mark");
    ZipEntry entry;
    entry.method = static_cast<std::uint16_t>(number(fixed, 10, 2));
    entry.crc32 = static_cast<std::uint32_t>(number(fixed, 16, 4));
    entry.packed_size = number(fixed, 20, 4);
    entry.size = number(fixed, 24, 4);
    entry.header = number(fixed, 42, 4);
    entry.name = reader.bytes(number(fixed, 28, 2));
    read_sizes64(entry, reader.bytes(number(fixed, 30, 2)));
    reader.skip(number(fixed, 32, 2));
    if ((number(fixed, 8, 2) & 1) != 0) reader.fail(printable(entry.name) + " is encrypted");
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::unique_ptr<ByteSource> open_zip_entry(const std::filesystem::path& path,
                                           const ZipEntry& entry) {
  const std::string local = part(path, entry.header, 30);
  if (number(local, 0, 4) != kLocalMark) fail(path, printable(entry.name) + " has no local header");
  const std::uint64_t begin = entry.header + 30 + number(local, 26, 2) + number(local, 28, 2);
  std::unique_ptr<ByteSource> content = open_file(path, begin, entry.packed_size);
  if (entry.method == 8) {
    content = open_deflate(std::move(content));
  } else if (entry.method != 0) {
    fail(path, printable(entry.name) + " is packed with method " + std::to_string(entry.method) +
                   ", expected stored or deflate");
  }
  return open_verified(std::move(content), {path.filename().string() + ", " + printable(entry.name),
                                            entry.size, entry.crc32});
}

}  // namespace nas
