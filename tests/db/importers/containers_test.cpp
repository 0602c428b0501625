#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <string>

#include "core/util/protobuf.h"
#include "db/importers/base64.h"
#include "db/importers/tfrecord.h"
#include "db/importers/torch_file.h"
#include "db/importers/zip.h"
#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/db/importers/pickle_writer.h"

namespace nas {
namespace {

using namespace std::string_literals;
using test::bzip2;
using test::contains;
using test::error_of;
using test::little_endian;
using test::PickleWriter;
using test::tf_record;
using test::zip_of;

std::string all_of(ByteSource& source) {
  ByteReader reader(source, "test");
  std::string bytes;
  while (!reader.at_end()) bytes += static_cast<char>(reader.byte());
  return bytes;
}

std::string unpacked(const std::string& packed) {
  const auto source = open_bzip2(open_memory(packed));
  return all_of(*source);
}

TEST_CASE("bzip2: one stream, several, none; damage and truncation are errors") {
  const std::string text(300000, 'x');
  CHECK(unpacked(bzip2(text)) == text);
  CHECK(unpacked(bzip2("one") + bzip2("two")) == "onetwo");
  const std::string packed = bzip2(text);
  CHECK(contains(error_of([&] { unpacked(packed.substr(0, packed.size() - 5)); }),
                 "bzip2: the data end too early"));
  std::string damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(damaged[packed.size() / 2] ^ 1);
  CHECK(contains(error_of([&] { unpacked(damaged); }), "bzip2: damaged data"));
  CHECK(contains(error_of([] { unpacked("no bzip2 at all"); }), "bzip2: damaged data"));
}

TEST_CASE("crc32c: the check value of the standard and TensorFlow's mask") {
  CHECK(crc32c("123456789") == 0xe3069283U);            // RFC 3720, appendix B.4
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);  // the same
  const std::uint32_t crc = crc32c("foo");
  CHECK(masked_crc32c("foo") == ((crc >> 15) | (crc << 17)) + 0xa282ead8U);
}

std::vector<std::string> records_of(const std::string& bytes) {
  const auto source = open_memory(bytes);
  ByteReader reader(*source, "test.tfrecord");
  TfRecordReader records(reader);
  std::vector<std::string> found;
  while (auto next = records.next()) found.push_back(*next);
  return found;
}

TEST_CASE("tfrecord: records are read; wrong checksums and truncation name the record") {
  const std::string bytes = tf_record("one") + tf_record("") + tf_record("three");
  CHECK(records_of(bytes) == std::vector<std::string>{"one", "", "three"});
  const auto error = [](const std::string& text) { return error_of([&] { records_of(text); }); };
  std::string wrong = bytes;
  wrong[12] = 'O';
  CHECK(contains(error(wrong), "record 1: test.tfrecord, byte 19: the checksum of the payload"));
  wrong = bytes;
  wrong[0] = 4;
  CHECK(contains(error(wrong), "the checksum of the length is wrong"));
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    if (size == 19 || size == 35) continue;  // between two records
    CHECK(contains(error(bytes.substr(0, size)), "the data end too early"));
  }
  const std::string length = little_endian(std::uint64_t{1} << 40, 8);
  CHECK(contains(error(length + little_endian(masked_crc32c(length), 4)), "too long"));
}

TEST_CASE("protobuf: fields of every kind; truncated and endless ones are errors") {
  const std::string message = "\x08\x96\x01"s + "\x11" +
                              little_endian(std::bit_cast<std::uint64_t>(0.5), 8) + "\x1a\x03"s +
                              "abc" + "\x25\x01\x00\x00\x00"s;
  ProtobufReader reader(message);
  CHECK(reader.next()->value == 150);
  CHECK(reader.next()->as_double() == 0.5);
  CHECK(reader.next()->bytes == "abc");
  CHECK(reader.next()->value == 1);
  CHECK_FALSE(reader.next());
  const auto error = [](const std::string& bytes) {
    return error_of([&] {
      ProtobufReader fields(bytes);
      while (fields.next()) {
      }
    });
  };
  CHECK(contains(error("\x1a\x05"s + "abc"), "ends too early"));
  CHECK(contains(error("\x08" + std::string(11, '\xff')), "more than ten bytes"));
  CHECK(contains(error("\x0b"), "wire type 3"));
  CHECK(contains(error("\x02\x01"s), "without a valid number"));
}

TEST_CASE("base64: the vectors of RFC 4648, line breaks, and refusals") {
  const std::array<std::pair<const char*, const char*>, 5> kVectors{
      {{"", ""}, {"Zg==", "f"}, {"Zm8=", "fo"}, {"Zm9v", "foo"}, {"Zm9v\nYmFy\n", "foobar"}}};
  for (const auto& [text, bytes] : kVectors) CHECK(decode_base64(text) == bytes);
  for (const char* text : {"Zg", "Zg=a", "Z*==", "Z==="}) {
    CHECK_FALSE(error_of([&] { decode_base64(text); }).empty());
  }
}

std::string legacy_of(const std::string& object) {
  return test::legacy_torch(object) + "storages follow";
}

TEST_CASE("torch: the older form and both kinds of zip give the same object") {
  const TemporaryDirectory folder;
  const std::string object = PickleWriter(2).dict().text("x").real(0.5).end_dict().finish();
  const std::array<std::string, 3> files{legacy_of(object), zip_of("a/data.pkl", object, 0),
                                         zip_of("data.pkl", object, 8)};
  for (const std::string& bytes : files) {
    write_file_atomically(folder.path() / "object.pth", bytes);
    CHECK(is_torch_object(folder.path() / "object.pth"));
    const PickleValue value = read_torch_object(folder.path() / "object.pth", {});
    REQUIRE(value.dict() != nullptr);
    CHECK(value.dict()->find("x")->number() == 0.5);
  }
}

TEST_CASE("torch: tensors are stand-ins, other files and damaged archives are refused") {
  const TemporaryDirectory folder;
  const auto path = folder.path() / "object.pth";
  const auto error = [&](const std::string& bytes) {
    write_file_atomically(path, bytes);
    return error_of([&] { read_torch_object(path, {}); });
  };
  PickleWriter tensor(2);
  tensor.global("torch._utils", "_rebuild_tensor_v2").mark();
  tensor.mark().text("storage").global("torch", "FloatStorage").text("0").text("cpu").integer(4);
  tensor.byte('t').byte('Q').integer(0).integer(4).byte(0x85).integer(1).byte(0x85).byte(0x89);
  tensor.global("collections", "OrderedDict").byte(')').call().byte('t').call();
  CHECK(error(legacy_of(tensor.finish())).empty());
  CHECK(contains(error(legacy_of(PickleWriter(2).global("os", "system").finish())), "os.system"));
  const std::string good = zip_of("data.pkl", PickleWriter(2).integer(1).finish(), 8);
  CHECK(error(good).empty());
  CHECK(contains(error(zip_of("other", "x", 0)), "without data.pkl"));
  CHECK(contains(error(zip_of("data.pkl", "x", 12)), "method 12, expected stored or deflate"));
  CHECK(contains(error("\x80\x02K\x01."), "magic number"));
  for (std::size_t size = 4; size < good.size(); size += 3) {
    CHECK_FALSE(error(good.substr(0, size)).empty());
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    error(changed);  // an Error or a value, never anything else
  }
}

}  // namespace
}  // namespace nas
