#include "core/util/file.h"
#include "core/util/protobuf.h"
#include "core/util/safetensors.h"
#include "db/importers/base64.h"
#include "db/importers/tfrecord.h"
#include "db/importers/torch_file.h"
#include "tests/db/hostile_samples.h"
#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/db/importers/pickle_writer.h"

namespace nas::test {
namespace {

void write_numpy(PickleWriter& writer) {
  writer.global("numpy.core.multiarray", "scalar").global("numpy", "dtype");
  writer.text("f8").byte(0x89).byte(0x88).byte(0x87).call();
  writer.mark().integer(3).text("<").byte('N').byte('N').byte('N').integer(-1).integer(-1);
  writer.integer(0).byte('t').byte('b').byte('q').byte(0);
  writer.bytes(std::string(8, '\1')).pair().call();
  writer.global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray");
  writer.byte('K').byte(0).byte(0x85).bytes("b").byte(0x87).call();
  writer.mark().integer(1).byte('K').byte(2).byte(0x85).byte('h').byte(0).byte(0x89);
  writer.bytes(std::string(16, '\2')).byte('t').byte('b');
}

/// Uses every kind of instruction of the list.
std::string rich_pickle() {
  PickleWriter writer(2);
  writer.mark();
  writer.dict().text("a").list().integer(1).real(2.5).byte(0x88).end_list();
  writer.text("set").global("builtins", "set").byte(']').byte(0x85).call().end_dict();
  writer.byte(0x8a).byte(2).byte(1).byte(2).byte(0x8f).mark().integer(7).byte(0x90);
  writer.text("collections").text("OrderedDict").byte(0x93).byte(')').call();
  writer.global("_codecs", "encode").text("\xc3\xa9x").text("latin1").pair().call();
  write_numpy(writer);
  return writer.byte('t').finish();
}

void read_all(std::unique_ptr<ByteSource> source) {
  ByteReader(*source, "hostile").drain();
}

void read_pickle_bytes(const std::string& bytes) {
  const auto source = open_memory(bytes);
  ByteReader reader(*source, "hostile");
  PickleValue value = read_pickle(reader);
  (void)value.kind();
  release(value);
}

void read_records(const std::string& bytes) {
  const auto source = open_memory(bytes);
  ByteReader reader(*source, "hostile");
  TfRecordReader records(reader);
  while (records.next()) {
  }
}

void read_fields(const std::string& bytes) {
  ProtobufReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1) (void)field->as_double();
  }
}

std::function<void(const std::string&)> through_file(
    const std::string& name, std::function<void(const std::filesystem::path&)> read) {
  auto folder = std::make_shared<TemporaryDirectory>();
  return [folder, name, read](const std::string& bytes) {
    put_file(folder->path() / name, bytes);
    read(folder->path() / name);
  };
}

}  // namespace

std::vector<HostileFormat> container_formats() {
  const std::string object = PickleWriter(2).dict().text("x").real(0.5).end_dict().finish();
  const auto read_torch = [](const std::filesystem::path& path) {
    if (is_torch_object(path)) read_torch_object(path, {});
  };
  TensorFile tensors;
  tensors.metadata["kind"] = "test";
  tensors.tensors["w"] = {"F32", {2, 3}, std::string(24, '\1')};
  tensors.tensors["n"] = {"I64", {1}, std::string(8, '\2')};
  return {
      {"pickle", rich_pickle(), read_pickle_bytes},
      {"bzip2", bzip2("architectures") + bzip2("and more"),
       [](const std::string& bytes) { read_all(open_bzip2(open_memory(bytes))); }},
      {"deflate", raw_deflate("architectures, architectures, architectures"),
       [](const std::string& bytes) { read_all(open_deflate(open_memory(bytes))); }},
      {"gzip", gzip("architectures, architectures, architectures"),
       through_file("x.gz", [](const std::filesystem::path& path) { read_file(path); })},
      {"zip, stored", zip_of("a/data.pkl", object, 0), through_file("x.pth", read_torch), 2},
      {"zip, deflated", zip_of("a/data.pkl", object, 8), through_file("x.pth", read_torch), 2},
      {"torch, older form", legacy_torch(object), through_file("x.pth", read_torch)},
      {"TFRecord", tf_record("one") + tf_record("") + tf_record("three"), read_records},
      {"protobuf", "\x09" + little_endian(0x3fe0000000000000, 8) + "\x12\x03" + "abc\x18\x96\x01",
       read_fields},
      {"base64", base64("some bytes, some more"),
       [](const std::string& bytes) { decode_base64(bytes); }},
      {"safetensors", format_tensor_file(tensors),
       [](const std::string& bytes) { parse_tensor_file(bytes, "x.safetensors"); }},
  };
}

}  // namespace nas::test
