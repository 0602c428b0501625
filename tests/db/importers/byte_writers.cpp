#include "tests/db/importers/byte_writers.h"

#include <bzlib.h>
#include <doctest/doctest.h>
#include <zlib.h>

#include "db/importers/tfrecord.h"
#include "tests/db/importers/pickle_writer.h"

namespace nas::test {
namespace {

using namespace std::string_literals;

/// `window_bits` says which frame: negative none, above 15 gzip.
std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(text.size() + 200, '\0'), input(text);
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

std::string little_endian(std::uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 255);
  return bytes;
}

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
  return bytes + static_cast<char>(value);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : kAlphabet[bits >> (18 - 6 * k) & 63];
    }
  }
  return text;
}

std::string bzip2(std::string_view text) {
  std::string packed(text.size() + 600, '\0'), input(text);
  auto size = static_cast<unsigned>(packed.size());
  REQUIRE(BZ2_bzBuffToBuffCompress(packed.data(), &size, input.data(),
                                   static_cast<unsigned>(input.size()), 9, 0, 0) == BZ_OK);
  packed.resize(size);
  return packed;
}

std::string raw_deflate(std::string_view text) {
  return deflated(text, -MAX_WBITS);
}

std::string gzip(std::string_view text) {
  return deflated(text, MAX_WBITS + 16);
}

std::string zip_of(std::string_view name, std::string_view content, int method) {
  const std::string packed = method == 8 ? raw_deflate(content) : std::string(content);
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  const std::string common = little_endian(20, 2) + little_endian(0, 2) +
                             little_endian(static_cast<std::uint64_t>(method), 2) +
                             little_endian(0, 4) + little_endian(crc, 4) +
                             little_endian(packed.size(), 4) + little_endian(content.size(), 4) +
                             little_endian(name.size(), 2) + little_endian(0, 2);
  const std::string local = "PK\x03\x04"s + common + std::string(name) + packed;
  const std::string entry =
      "PK\x01\x02"s + little_endian(20, 2) + common + std::string(14, '\0') + std::string(name);
  return local + entry + "PK\x05\x06"s + little_endian(0, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(entry.size(), 4) + little_endian(local.size(), 4) +
         little_endian(0, 2);
}

std::string legacy_torch(std::string_view object) {
  return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s + "\x80\x02M\xe9\x03."s +
         PickleWriter(2).dict().text("little_endian").byte(0x88).end_dict().finish() +
         std::string(object);
}

std::string tf_record(std::string_view payload) {
  const std::string length = little_endian(payload.size(), 8);
  return length + little_endian(masked_crc32c(length), 4) + std::string(payload) +
         little_endian(masked_crc32c(payload), 4);
}

static std::string octal(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value >>= 3) text[i] = static_cast<char>('0' + (value & 7));
  return text;
}

std::string tar_member(const std::string& name, const std::string& content, char type) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(100, 7, "0000644");
  header.replace(124, 11, octal(content.size(), 11));
  header[156] = type;
  header.replace(257, 8, std::string("ustar\00000", 8));
  header.replace(148, 8, "        ");
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  header.replace(148, 7, octal(sum, 6) + '\0');
  std::string padded = content;
  padded.resize((content.size() + 511) / 512 * 512, '\0');
  return header + padded;
}

std::string tar_of(const std::string& name, const std::string& content) {
  return tar_member(name, content) + kTarEnd;
}

}  // namespace nas::test
