#include "core/util/safetensors.h"

#include <doctest/doctest.h>

#include <cstring>

#include "core/util/error.h"
#include "core/util/rng.h"

namespace nas {
namespace {

std::string with_header(const std::string& header, std::size_t data_bytes) {
  std::string bytes(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + std::string(data_bytes, 'x');
}

std::string message(const std::string& bytes) {
  try {
    parse_tensor_file(bytes, "w.safetensors");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    const std::string text = error.what();
    CHECK(text.starts_with("w.safetensors: "));
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  return "accepted";
}

bool says(const std::string& bytes, const std::string& part) {
  const std::string text = message(bytes);
  INFO(text);
  return text.find(part) != std::string::npos;
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
         offsets + "}";
}

TensorFile sample() {
  TensorFile file;
  file.metadata["note"] = "caf\xc3\xa9 \"quoted\"\n";
  file.tensors["a.weight"] = {"F32", {2, 3}, std::string(24, 'a')};
  file.tensors["b"] = {"U8", {5}, "12345"};
  file.tensors["c"] = {"F64", {}, std::string(8, 'c')};
  file.tensors["d"] = {"I64", {0, 4}, ""};
  return file;
}

}  // namespace

TEST_CASE("safetensors: what is written reads back, with an aligned header") {
  const TensorFile file = sample();
  const std::string bytes = format_tensor_file(file);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  CHECK(length % 8 == 0);
  const TensorFile back = parse_tensor_file(bytes, "f");
  CHECK(back.metadata == file.metadata);
  REQUIRE(back.tensors.size() == file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    CHECK(back.tensors.at(name).dtype == tensor.dtype);
    CHECK(back.tensors.at(name).shape == tensor.shape);
    CHECK(back.tensors.at(name).bytes == tensor.bytes);
  }
  CHECK(parse_tensor_metadata(bytes, "f") == file.metadata);
}

TEST_CASE("safetensors: a file laid out by hand from the specification is read") {
  const std::string header = R"({"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})";
  const TensorFile file = parse_tensor_file(with_header(header, 8), "f");
  CHECK(file.tensors.at("x").shape == std::vector<std::int64_t>{1, 2});
  CHECK(file.tensors.at("x").bytes == "xxxxxxxx");
}

TEST_CASE("safetensors: damaged headers are refused in one line that says what is wrong") {
  const auto one = [](const std::string& item, std::size_t bytes) {
    return with_header("{" + item + "}", bytes);
  };
  CHECK(says("", "0 bytes"));
  CHECK(says("abc", "3 bytes"));
  CHECK(says(std::string(8, '\xff') + "{}", "the limit is 100000000"));
  CHECK(says("\x08\x07\x12\x0bSearchlight", "a file of another kind?"));  // ONNX
  CHECK(says(with_header("{}", 0).substr(0, 9), "cut off"));
  CHECK(says(with_header("[1]", 0), "not a JSON object"));
  CHECK(says(with_header("{\"a\":", 0), "not JSON"));
  CHECK(says(with_header("{}", 4), "the file has 4"));
  CHECK(says(one(entry("a", "F32", "[2]", "[0,8]"), 4), "cut off"));
  CHECK(says(one(entry("a", "F32", "[2]", "[0,4]"), 4), "need 8 bytes"));
  CHECK(says(one(entry("a", "F32", "[2]", "[8,0]"), 8), "need 8 bytes"));
  CHECK(says(one(entry("a", "F99", "[2]", "[0,8]"), 8), "unknown dtype"));
  CHECK(says(one(entry("a", "F32", "[-2]", "[0,8]"), 8), "bad shape"));
  CHECK(says(one(entry("a", "F32", "[1.5]", "[0,8]"), 8), "bad shape"));
  CHECK(
      says(one(entry("a", "F32", "[4294967296,4294967296,4294967296]", "[0,8]"), 8), "overflows"));
  CHECK(says(one(entry("a", "F32", "[2]", "[0,-8]"), 8), "bad data_offsets"));
  CHECK(says(one(entry("a", "F32", "[2]", "[0,8]") + "," + entry("b", "F32", "[2]", "[4,12]"), 12),
             "overlaps"));
  CHECK(says(one(entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[8,12]"), 12),
             "hole"));
  CHECK(says(one(entry("a", "U8", "[2]", "[0,2]") + "," + entry("b", "F32", "[1]", "[2,6]"), 6),
             "aligned"));
  CHECK(says(one(entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[0,4]"), 4),
             "duplicate name 'a'"));
  CHECK(says(one(R"("__metadata__":{"k":1})", 0), "not a string"));
  CHECK(says(one(R"("a":{"dtype":"F32"})", 0), "expected dtype, shape"));
  CHECK(says(with_header("{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}", 0),
             "deep"));
}

TEST_CASE("safetensors: files that could run code are refused by name") {
  CHECK(says(std::string("PK\x03\x04") + std::string(100, '\0'), "zip archive"));
  CHECK(says(std::string("\x80\x02\x8a\x0al\xfc\x9c\x46") + std::string(100, 'p'), "pickle"));
  CHECK(says(std::string("\x80\x05\x95") + std::string(100, 'p'), "pickle"));
}

TEST_CASE("safetensors: cut off at any byte is refused") {
  const std::string bytes = format_tensor_file(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(message(bytes.substr(0, size)) != "accepted");
  }
  CHECK(message(bytes + "x") != "accepted");
  CHECK(message(bytes) == "accepted");
}

TEST_CASE("safetensors: flipped bits in the header never crash, and never change sizes unnoticed") {
  const std::string bytes = format_tensor_file(sample());
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  Rng rng(RngKey{.seed = 4});
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string damaged = bytes;
    for (std::uint64_t flips = 1 + rng.below(3); flips > 0; --flips) {
      damaged[rng.below(8 + length)] ^= static_cast<char>(1U << rng.below(8));
    }
    try {
      const TensorFile file = parse_tensor_file(damaged, "f");
      for (const auto& [name, tensor] : file.tensors) {
        std::int64_t expected = element_bytes(tensor.dtype);
        for (const std::int64_t dim : tensor.shape) expected *= dim;
        CHECK(static_cast<std::int64_t>(tensor.bytes.size()) == expected);
      }
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kData);
      ++refused;
    }
  }
  CHECK(refused > 2000);
}

}  // namespace nas
