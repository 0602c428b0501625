#include "core/util/file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/rng.h"

using namespace nas;
namespace fs = std::filesystem;

namespace {

std::string gzip(const fs::path& path, const std::string& content) {
  gzFile file = gzopen(path.c_str(), "wb");
  REQUIRE(file != nullptr);
  REQUIRE(gzwrite(file, content.data(), static_cast<unsigned>(content.size())) > 0);
  gzclose(file);
  std::ifstream raw(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(raw), std::istreambuf_iterator<char>()};
}

std::string random_bytes(std::size_t size) {
  Rng rng({.seed = 5});
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(rng() & 0xFF);
  return bytes;
}

ErrorKind kind_of(const std::function<void()>& action, std::string* text = nullptr) {
  try {
    action();
  } catch (const Error& error) {
    if (text != nullptr) *text = error.what();
    return error.kind();
  }
  FAIL("no error was thrown");
  return ErrorKind::kInternal;
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("file: what is written is read back, binary and empty content too") {
  const TemporaryDirectory folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{3'000'001}}) {
    const std::string content = random_bytes(size);
    write_file_atomically(folder.path() / "data", content);
    CHECK(read_file(folder.path() / "data") == content);
  }
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("file: gzip is read as its content") {
  const TemporaryDirectory folder;
  const std::string content = random_bytes(2'500'000);
  gzip(folder.path() / "data.gz", content);
  CHECK(read_file(folder.path() / "data.gz") == content);
}

TEST_CASE("file: gzip cut at any byte or with a flipped bit is a data error, never wrong content") {
  const TemporaryDirectory folder;
  const std::string content = "the quick brown fox";
  const std::string packed = gzip(folder.path() / "good.gz", content);
  for (std::size_t length = 2; length < packed.size(); ++length) {
    CAPTURE(length);
    write_file_atomically(folder.path() / "cut.gz", packed.substr(0, length));
    CHECK(kind_of([&] { read_file(folder.path() / "cut.gz"); }) == ErrorKind::kData);
  }
  std::size_t harmless = 0;
  for (std::size_t at = 10; at < packed.size(); ++at) {  // past the header, which has no checksum
    CAPTURE(at);
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_file_atomically(folder.path() / "bad.gz", damaged);
    try {
      const std::string read = read_file(folder.path() / "bad.gz");
      CHECK(read == content);  // a padding bit means nothing
      ++harmless;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kData);
    }
  }
  CHECK(harmless <= 1);
}

TEST_CASE("file: the limit counts decompressed bytes, and a file of exactly the limit passes") {
  const TemporaryDirectory folder;
  gzip(folder.path() / "bomb.gz", std::string(5'000'000, '0'));
  CHECK(fs::file_size(folder.path() / "bomb.gz") < 10'000);
  CHECK(kind_of([&] { read_file(folder.path() / "bomb.gz", 4'999'999); }) == ErrorKind::kData);
  CHECK(read_file(folder.path() / "bomb.gz", 5'000'000).size() == 5'000'000);
}

TEST_CASE("file: missing files and folders are i/o errors that name the path") {
  const TemporaryDirectory folder;
  std::string text;
  CHECK(kind_of([&] { read_file(folder.path() / "absent"); }, &text) == ErrorKind::kIo);
  CHECK(text.find("absent") != std::string::npos);
  CHECK(text.find("No such file") != std::string::npos);
  CHECK(kind_of([&] { read_file(folder.path()); }) == ErrorKind::kIo);
  CHECK(kind_of([&] { write_file_atomically(folder.path() / "no" / "x", "y"); }) == ErrorKind::kIo);
  CHECK(kind_of([&] { write_file_atomically(folder.path(), "y"); }) == ErrorKind::kIo);
}

TEST_CASE("file: a full disk is reported with path and reason") {
  std::string text;
  CHECK(kind_of([] { write_file_atomically("/dev/full", "x"); }, &text) == ErrorKind::kIo);
  CHECK(text.find("'/dev/full'") != std::string::npos);
  CHECK(text.find("no space left on device") != std::string::npos);
}

TEST_CASE("file: a failed write keeps the old file and leaves nothing beside it") {
  const TemporaryDirectory folder;
  const fs::path target = folder.path() / "taken";
  fs::create_directory(
      target);  // a rename onto a folder fails after the temporary file was written
  std::ofstream(target / "inside") << "x";
  CHECK_THROWS_AS(write_file_atomically(target, "new"), Error);
  CHECK(entries(folder.path()) == 1);
  CHECK(fs::exists(target / "inside"));
}

TEST_CASE("file: writing through a link changes the file it points to") {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "real", "old");
  fs::create_symlink("real", folder.path() / "link");
  write_file_atomically(folder.path() / "link", "new");
  CHECK(fs::is_symlink(folder.path() / "link"));
  CHECK(read_file(folder.path() / "real") == "new");
}

TEST_CASE("file: new files are readable by others as the umask says") {
  const TemporaryDirectory folder;
  const mode_t before = ::umask(022);
  write_file_atomically(folder.path() / "a", "x");
  ::umask(before);
  CHECK((fs::status(folder.path() / "a").permissions() & fs::perms::mask) ==
        (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read |
         fs::perms::others_read));
}

TEST_CASE("file: a temporary directory disappears with everything in it") {
  fs::path path;
  {
    const TemporaryDirectory folder;
    const TemporaryDirectory other;
    path = folder.path();
    CHECK(path != other.path());
    fs::create_directories(path / "a" / "b");
    write_file_atomically(path / "a" / "b" / "c", "x");
  }
  CHECK_FALSE(fs::exists(path));
}
