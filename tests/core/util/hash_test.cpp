#include "core/util/hash.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/util/content_hash.h"
#include "core/util/error.h"
#include "core/util/file.h"

using namespace nas;

TEST_CASE("hash: md5 gives the test vectors of RFC 1321") {
  CHECK(md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(md5_hex("abc") == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(
      md5_hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890") ==
      "57edf4a22be3c955ac49da2e2107b67a");
}

TEST_CASE("hash: sha256 gives the test vectors of FIPS 180-2") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("hash: numbers are hashed as they lie in memory") {
  CHECK(sha256_of(std::vector<std::int16_t>{0x6261, 0x63}) == sha256_hex(std::string("abc\0", 4)));
  CHECK(sha256_of(std::vector<float>{}) == sha256_hex(""));
}

TEST_CASE("hash: a file has the hash of its bytes, also when longer than one read") {
  const TemporaryDirectory folder;
  const std::string content(700'001, 'x');
  write_file_atomically(folder.path() / "big", content);
  CHECK(sha256_file(folder.path() / "big") == sha256_hex(content));
  CHECK_THROWS_AS(sha256_file(folder.path() / "absent"), Error);
}
