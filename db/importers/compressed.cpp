#include <bzlib.h>
#include <zlib.h>

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

class DeflateSource final : public ByteSource {
 public:
  explicit DeflateSource(std::unique_ptr<ByteSource> packed)
      : packed_(std::move(packed)), chunk_(kChunk) {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) {
      throw Error(ErrorKind::kInternal, "deflate: no memory to decompress");
    }
  }
  ~DeflateSource() override { inflateEnd(&stream_); }

  std::size_t read(char* data, std::size_t size) override {
    stream_.next_out = reinterpret_cast<Bytef*>(data);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out > 0 && !ended_) {
      if (stream_.avail_in == 0) {
        stream_.next_in = reinterpret_cast<Bytef*>(chunk_.data());
        stream_.avail_in = static_cast<uInt>(packed_->read(chunk_.data(), chunk_.size()));
        if (stream_.avail_in == 0) {
          throw Error(ErrorKind::kData, "deflate: the data end too early");
        }
      }
      const int code = inflate(&stream_, Z_NO_FLUSH);
      ended_ = code == Z_STREAM_END;
      if (!ended_ && code != Z_OK) {
        throw Error(ErrorKind::kData, "deflate: damaged data (code " + std::to_string(code) + ")");
      }
    }
    return size - stream_.avail_out;
  }

 private:
  std::unique_ptr<ByteSource> packed_;
  std::vector<char> chunk_;
  z_stream stream_{};
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteSource> open_bzip2(std::unique_ptr<ByteSource> compressed) {
  return std::make_unique<Bzip2Source>(std::move(compressed));
}

std::unique_ptr<ByteSource> open_deflate(std::unique_ptr<ByteSource> compressed) {
  return std::make_unique<DeflateSource>(std::move(compressed));
}

}  // namespace nas
