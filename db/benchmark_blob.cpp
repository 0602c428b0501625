#include "db/benchmark_blob.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

constexpr std::size_t kSize = sizeof(double);
/// zlib makes at most 1032 bytes of one.
constexpr std::size_t kMostValuesPerByte = 1032 / kSize;
static_assert(std::endian::native == std::endian::little,
              "the blobs are little-endian; convert here for another machine");

[[noreturn]] void refuse(std::size_t found, std::size_t expected, const char* what) {
  throw Error(ErrorKind::kData, "holds " + std::to_string(found) + " " + what + ", expected " +
                                    std::to_string(expected));
}

std::string shuffled(std::string_view plain) {
  const std::size_t count = plain.size() / kSize;
  std::string bytes(plain.size(), '\0');
  for (std::size_t lane = 0; lane < kSize; ++lane) {
    for (std::size_t i = 0; i < count; ++i) bytes[lane * count + i] = plain[i * kSize + lane];
  }
  return bytes;
}

void unshuffle(std::string_view bytes, std::span<double> values) {
  const std::size_t count = values.size();
  auto* plain = reinterpret_cast<char*>(values.data());
  for (std::size_t lane = 0; lane < kSize; ++lane) {
    for (std::size_t i = 0; i < count; ++i) plain[i * kSize + lane] = bytes[lane * count + i];
  }
}

std::string deflated(std::string_view plain) {
  uLongf size = compressBound(plain.size());
  std::string bytes(size, '\0');
  // Level 4: half the time of the default for the same size within some percent.
  const int code = compress2(reinterpret_cast<Bytef*>(bytes.data()), &size,
                             reinterpret_cast<const Bytef*>(plain.data()), plain.size(), 4);
  NAS_CHECK(code == Z_OK, "zlib compresses into a buffer of its own bound");
  bytes.resize(size);
  return bytes;
}

std::string inflated(std::string_view bytes, std::size_t expected) {
  // One byte more than expected, so that too much data shows.
  std::string plain(expected + 1, '\0');
  uLongf size = plain.size();
  const int code = uncompress(reinterpret_cast<Bytef*>(plain.data()), &size,
                              reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (code != Z_OK || size != expected) {
    throw Error(ErrorKind::kData, "does not decompress to " + std::to_string(expected) + " bytes");
  }
  plain.resize(expected);
  return plain;
}

}  // namespace

std::int64_t checksum(std::string_view bytes) {
  return static_cast<std::int64_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

StoredBlob encode_values(std::span<const double> values, bool wide) {
  const std::string_view plain(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  StoredBlob blob{wide ? "shuffled-zlib" : "float64", 0,
                  wide ? deflated(shuffled(plain)) : std::string(plain)};
  blob.crc32 = checksum(blob.bytes);
  return blob;
}

std::vector<double> decode_values(std::string_view encoding, std::string_view bytes,
                                  std::size_t count) {
  // Before memory is taken for what a damaged file says.
  if (count / kMostValuesPerByte > bytes.size())
    refuse(bytes.size(), count, "bytes for the values");
  std::vector<double> values(count);
  if (encoding == "shuffled-zlib") {
    unshuffle(inflated(bytes, count * kSize), values);
    return values;
  }
  if (encoding != "float64") {
    throw Error(ErrorKind::kData, "has the unknown encoding '" + printable(encoding) + "'");
  }
  if (bytes.size() != count * kSize) refuse(bytes.size(), count * kSize, "bytes");
  if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::string encode_texts(std::span<const std::string> texts) {
  std::string bytes;
  for (const std::string& text : texts) {
    if (text.find('\n') != std::string::npos) {
      throw Error(ErrorKind::kData,
                  "architecture text '" + printable(text) + "' holds a line break");
    }
    bytes += text;
    bytes += '\n';
  }
  return bytes;
}

std::vector<std::string> decode_texts(std::string_view bytes, std::size_t count) {
  std::vector<std::string> texts;
  texts.reserve(std::min(count, bytes.size()));
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      throw Error(ErrorKind::kData, "ends in the middle of a text");
    }
    texts.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  if (texts.size() != count) refuse(texts.size(), count, "architectures");
  return texts;
}

}  // namespace nas
