#include "core/util/regular_file.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"

using namespace nas;

TEST_CASE("only regular files are read: nothing waits for a pipe or reads a device for ever") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "file", link = directory.path() / "link",
             pipe = directory.path() / "pipe", socket = directory.path() / "socket";
  write_file_atomically(file, "content");
  std::filesystem::create_symlink(file, link);
  CHECK(read_file(link) == "content");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(socket.native().size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size());
  REQUIRE(::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);

  const auto refuses = [](const std::filesystem::path& path, const char* why) {
    CAPTURE(path.native());
    CHECK_THROWS_WITH_AS(read_file(path), doctest::Contains(why), Error);
    CHECK_THROWS_WITH_AS(sha256_file(path), doctest::Contains(why), Error);
    CHECK_THROWS_WITH_AS(require_regular_file(path), doctest::Contains("cannot read"), Error);
  };
  refuses("/dev/zero", "a device");
  refuses("/dev/full", "a device");
  refuses(pipe, "a pipe");
  refuses(socket, "a socket");
  refuses(directory.path(), "directory");
  refuses(directory.path() / "absent", "No such file");
  ::close(listening);
}
