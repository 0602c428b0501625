#include "db/importers/byte_source.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <utility>

#include "core/util/error.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 18;

class FileSource final : public ByteSource {
 public:
  FileSource(const std::filesystem::path& path, std::uint64_t begin, std::uint64_t length)
      : path_(path), left_(length) {
    require_regular_file(path);
    stream_.open(path, std::ios::binary);
    if (!stream_) throw Error(ErrorKind::kIo, path.string() + ": cannot be read");
    stream_.seekg(static_cast<std::streamoff>(begin));
  }
  std::size_t read(char* data, std::size_t size) override {
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
    stream_.read(data, static_cast<std::streamsize>(size));
    if (stream_.bad()) throw Error(ErrorKind::kIo, path_.string() + ": error while reading");
    const auto count = static_cast<std::size_t>(stream_.gcount());
    left_ -= count;
    return count;
  }

 private:
  std::filesystem::path path_;
  std::uint64_t left_;
  std::ifstream stream_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : rest_(bytes) {}
  std::size_t read(char* data, std::size_t size) override {
    size = std::min(size, rest_.size());
    std::copy_n(rest_.data(), size, data);
    rest_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path, std::uint64_t begin,
                                      std::uint64_t length) {
  return std::make_unique<FileSource>(path, begin, length);
}

std::unique_ptr<ByteSource> open_memory(std::string_view bytes) {
  return std::make_unique<MemorySource>(bytes);
}

std::unique_ptr<ByteSource> open_unpacked(const std::filesystem::path& path) {
  const std::string extension = to_lower(path.extension().string());
  std::unique_ptr<ByteSource> file = open_file(path);
  if (extension == ".pbz2" || extension == ".bz2") return open_bzip2(std::move(file));
  return file;
}

std::string first_bytes(const std::filesystem::path& path, std::size_t count) {
  const std::unique_ptr<ByteSource> file = open_file(path);
  std::string bytes(count, '\0');
  bytes.resize(file->read(bytes.data(), count));
  return bytes;
}

ByteReader::ByteReader(ByteSource& source, std::string what)
    : source_(source), what_(std::move(what)), buffer_(kBufferSize) {}

bool ByteReader::fill() {
  if (begin_ < end_) return true;
  begin_ = 0;
  end_ = source_.read(buffer_.data(), buffer_.size());
  return end_ > 0;
}

bool ByteReader::at_end() {
  return !fill();
}

void ByteReader::fail(const std::string& text) const {
  throw Error(ErrorKind::kData, what_ + ", byte " + std::to_string(offset_) + ": " + text);
}

std::uint8_t ByteReader::byte() {
  if (!fill()) fail("the data end too early");
  ++offset_;
  return static_cast<std::uint8_t>(buffer_[begin_++]);
}

std::string ByteReader::bytes(std::uint64_t count) {
  std::string result;
  while (count > 0) {
    if (!fill()) fail("the data end too early, " + std::to_string(count) + " bytes are missing");
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(count, end_ - begin_));
    result.append(buffer_.data() + begin_, take);
    begin_ += take;
    offset_ += take;
    count -= take;
  }
  return result;
}

void ByteReader::skip(std::uint64_t count) {
  while (count > 0) {
    if (!fill()) fail("the data end too early, " + std::to_string(count) + " bytes are missing");
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(count, end_ - begin_));
    begin_ += take;
    offset_ += take;
    count -= take;
  }
}

void ByteReader::drain() {
  while (fill()) {
    offset_ += end_ - begin_;
    begin_ = end_;
  }
}

std::uint64_t ByteReader::little_endian(int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value |= std::uint64_t{byte()} << (8 * i);
  return value;
}

double ByteReader::big_endian_double() {
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | byte();
  return std::bit_cast<double>(bits);
}

std::string ByteReader::line(std::size_t longest) {
  std::string text;
  for (char c = static_cast<char>(byte()); c != '\n'; c = static_cast<char>(byte())) {
    if (text.size() == longest) fail("a line is longer than " + std::to_string(longest));
    text += c;
  }
  return text;
}

}  // namespace nas
