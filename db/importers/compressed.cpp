#include <bzlib.h>
#include <zlib.h>

#include <string_view>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "db/importers/byte_source.h"

namespace nas {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;

class Bzip2Source final : public ByteSource {
 public:
  explicit Bzip2Source(std::unique_ptr<ByteSource> packed)
      : packed_(std::move(packed)), chunk_(kChunk) {
    start();
  }
  ~Bzip2Source() override { BZ2_bzDecompressEnd(&stream_); }

  std::size_t read(char* data, std::size_t size) override {
    stream_.next_out = data;
    stream_.avail_out = static_cast<unsigned>(size);
    while (stream_.avail_out > 0 && !ended_) step();
    return size - stream_.avail_out;
  }

 private:
  void start() {
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) {
      throw Error(ErrorKind::kInternal, "bzip2: no memory to decompress");
    }
  }

  void step() {
    if (stream_.avail_in == 0) {
      stream_.next_in = chunk_.data();
      stream_.avail_in = static_cast<unsigned>(packed_->read(chunk_.data(), chunk_.size()));
    }
    if (stream_.avail_in == 0) {
      if (between_) {
        ended_ = true;
        return;
      }
      throw Error(ErrorKind::kData, "bzip2: the data end too early");
    }
    if (between_) restart();
    const int code = BZ2_bzDecompress(&stream_);
    if (code == BZ_STREAM_END) {
      between_ = true;
    } else if (code != BZ_OK) {
      throw Error(ErrorKind::kData, "bzip2: damaged data (code " + std::to_string(code) + ")");
    }
  }

  /// Another stream follows (parallel compressors write several).
  void restart() {
    const bz_stream before = stream_;
    BZ2_bzDecompressEnd(&stream_);
    start();
    stream_.next_in = before.next_in;
    stream_.avail_in = before.avail_in;
    stream_.next_out = before.next_out;
    stream_.avail_out = before.avail_out;
    between_ = false;
  }

  std::unique_ptr<ByteSource> packed_;
  std::vector<char> chunk_;
  bz_stream stream_{};
  bool between_ = false;  // after the end of a stream
  bool ended_ = false;
};

/// Raw deflate, or gzip with one or several members.
class DeflateSource final : public ByteSource {
 public:
  DeflateSource(std::unique_ptr<ByteSource> packed, bool gzip)
      : packed_(std::move(packed)), chunk_(kChunk), gzip_(gzip) {
    constexpr int kGzip = 16;  // zlib's way to ask for header and checksum
    if (inflateInit2(&stream_, gzip ? MAX_WBITS + kGzip : -MAX_WBITS) != Z_OK) {
      throw Error(ErrorKind::kInternal, "deflate: no memory to decompress");
    }
  }
  ~DeflateSource() override { inflateEnd(&stream_); }

  std::size_t read(char* data, std::size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(data);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out > 0 && !ended_) step();
    return size - stream_.avail_out;
  }

 private:
  void step() {
    const char* const name = gzip_ ? "gzip" : "deflate";
    if (stream_.avail_in == 0) {
      stream_.next_in = reinterpret_cast<Bytef*>(chunk_.data());
      stream_.avail_in = static_cast<uInt>(packed_->read(chunk_.data(), chunk_.size()));
    }
    if (stream_.avail_in == 0) {
      ended_ = between_;
      if (ended_) return;
      throw Error(ErrorKind::kData, std::string(name) + ": the data end too early");
    }
    if (between_) {
      inflateReset(&stream_);
      between_ = false;
    }
    const int code = inflate(&stream_, Z_NO_FLUSH);
    between_ = code == Z_STREAM_END && gzip_;
    ended_ = code == Z_STREAM_END && !gzip_;
    if (code != Z_STREAM_END && code != Z_OK) {
      throw Error(ErrorKind::kData,
                  std::string(name) + ": damaged data (code " + std::to_string(code) + ")");
    }
  }

  std::unique_ptr<ByteSource> packed_;
  std::vector<char> chunk_;
  z_stream stream_{};
  bool gzip_;
  bool between_ = false;  // after the end of a member
  bool ended_ = false;
};

class VerifiedSource final : public ByteSource {
 public:
  VerifiedSource(std::unique_ptr<ByteSource> bytes, ExpectedBytes expected)
      : bytes_(std::move(bytes)), expected_(std::move(expected)) {}

  std::size_t read(char* data, std::size_t size) override {
    const std::size_t count = bytes_->read(data, size);
    size_ += count;
    crc_ = crc32_z(crc_, reinterpret_cast<const Bytef*>(data), count);
    if (size_ > expected_.size || (count == 0 && size > 0 && size_ != expected_.size)) {
      fail("size", std::to_string(expected_.size) + " bytes",
           size_ > expected_.size ? "more" : std::to_string(size_));
    }
    if (count == 0 && size > 0 && crc_ != expected_.crc32) {
      fail("CRC-32", hex(expected_.crc32), hex(static_cast<std::uint32_t>(crc_)));
    }
    return count;
  }

 private:
  static std::string hex(std::uint32_t value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[value >> shift & 15];
    return text;
  }
  [[noreturn]] void fail(const std::string& what, const std::string& expected,
                         const std::string& got) const {
    throw Error(ErrorKind::kData, expected_.what + ": wrong " + what + ": expected " + expected +
                                      ", got " + got + "; the file is damaged, fetch it again");
  }

  std::unique_ptr<ByteSource> bytes_;
  ExpectedBytes expected_;
  std::uint64_t size_ = 0;
  uLong crc_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_verified(std::unique_ptr<ByteSource> bytes,
                                          ExpectedBytes expected) {
  return std::make_unique<VerifiedSource>(std::move(bytes), std::move(expected));
}

std::unique_ptr<ByteSource> open_bzip2(std::unique_ptr<ByteSource> compressed) {
  return std::make_unique<Bzip2Source>(std::move(compressed));
}

std::unique_ptr<ByteSource> open_deflate(std::unique_ptr<ByteSource> compressed) {
  return std::make_unique<DeflateSource>(std::move(compressed), false);
}

std::unique_ptr<ByteSource> open_gzip(std::unique_ptr<ByteSource> compressed) {
  return std::make_unique<DeflateSource>(std::move(compressed), true);
}

}  // namespace nas
