#include "core/util/hash.h"

#include <nettle/md5.h>
#include <nettle/sha2.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <system_error>
#include <vector>

#include "core/util/error.h"
#include "core/util/regular_file.h"

namespace nas {
namespace {

const std::uint8_t* bytes_of(const char* data) {
  return reinterpret_cast<const std::uint8_t*>(data);
}

template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_finish(sha256_ctx& context) {
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  sha256_digest(&context, digest.size(), digest.data());
  return hex(digest);
}

}  // namespace

std::string md5_hex(std::string_view bytes) {
  md5_ctx context;
  md5_init(&context);
  md5_update(&context, bytes.size(), bytes_of(bytes.data()));
  std::array<std::uint8_t, MD5_DIGEST_SIZE> digest{};
  md5_digest(&context, digest.size(), digest.data());
  return hex(digest);
}

std::string sha256_hex(std::string_view bytes) {
  sha256_ctx context;
  sha256_init(&context);
  sha256_update(&context, bytes.size(), bytes_of(bytes.data()));
  return sha256_finish(context);
}

std::string sha256_file(const std::filesystem::path& path) {
  const auto fail = [&path] {
    throw Error(ErrorKind::kIo,
                "cannot read '" + path.string() + "': " + std::generic_category().message(errno));
  };
  require_regular_file(path);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) fail();
  sha256_ctx context;
  sha256_init(&context);
  std::vector<char> buffer(1 << 18);
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    sha256_update(&context, count, bytes_of(buffer.data()));
  }
  if (std::ferror(file.get()) != 0) fail();
  return sha256_finish(context);
}

std::string sha256_mark(std::string_view sha256) {
  constexpr std::size_t kShownDigits = 16;
  return "sha256=" + std::string(sha256.substr(0, kShownDigits));
}

}  // namespace nas
