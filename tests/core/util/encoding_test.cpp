#include "core/util/encoding.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "core/util/error.h"

using namespace nas;
using namespace std::string_literals;

namespace {
std::string refusal(const std::string& bytes) {
  try {
    decode_text(bytes, "t.csv");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    return error.what();
  }
  return "";
}
bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
}  // namespace

TEST_CASE("encoding: UTF-8 with and without mark, and UTF-16 of both orders, become UTF-8") {
  CHECK(decode_text("a\xC3\xA9", "t") == "a\xC3\xA9");
  CHECK(decode_text("\xEF\xBB\xBF"
                    "a",
                    "t") == "a");
  CHECK(decode_text("\xFF\xFE"s + "a\0\xE9\0\x3D\xD8\x00\xDE"s, "t") ==
        "a\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(decode_text("\xFE\xFF"s + "\0a\0\xE9"s, "t") == "a\xC3\xA9");
  std::string little = "\xFF\xFE", big = "\xFE\xFF";  // longer than a string holds without memory
  for (int i = 0; i < 1000; ++i) {
    little += "a\0"s;
    big += "\0a"s;
  }
  CHECK(decode_text(little, "t") == std::string(1000, 'a'));
  CHECK(decode_text(big, "t") == std::string(1000, 'a'));
}

TEST_CASE("encoding: code points are written and measured, malformed sequences have no length") {
  for (const std::uint32_t point : {0x41U, 0xE9U, 0x20ACU, 0xFFFDU, 0x1F600U, 0x10FFFFU}) {
    std::string text;
    append_utf8(text, point);
    CHECK(utf8_length(text + "x") == text.size());
    CHECK(utf8_length(text.substr(0, text.size() - 1)) == 0);
  }
  for (const char* bad :
       {"", "\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x28\xA1"}) {
    CAPTURE(bad);
    CHECK(utf8_length(bad) == 0);
  }
}

TEST_CASE("encoding: everything else names line and column, and how to convert it") {
  CHECK(refusal("a,b\n1,caf\xE9\n") ==
        "t.csv, line 2, column 6: byte 0xe9 is not UTF-8; is it Latin-1? Convert it: iconv -f "
        "WINDOWS-1252 -t UTF-8 OLD > NEW");
  CHECK(holds(refusal("a\0b\0"s), "line 1, column 2: a zero byte"));
  CHECK(holds(refusal("\xFF\xFE\0\0a\0\0\0"s), "UTF-32"));
  CHECK(holds(refusal("\xFF\xFE"s + "a\0\n\0b"s), "line 2, column 1: UTF-16 that ends in half"));
  CHECK(holds(refusal("\xFF\xFE"s + "\x00\xDC"s), "surrogate"));
  CHECK(holds(refusal("\xC3"), "line 1, column 1"));
  CHECK(holds(refusal("ab\xE0\x80\x80"), "column 3"));
}

TEST_CASE("encoding: files that are not data are named in words") {
  const auto what = [](const std::string& bytes) { return foreign_content(bytes).value_or(""); };
  CHECK(what("arch,acc\n").empty());
  CHECK(what("{\"a\": 1}").empty());
  CHECK(holds(what("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 2147483648\n"),
              "a Git LFS pointer, not the data of 2.15 GB"));
  CHECK(holds(what("\n <!DOCTYPE html>\n<html><head><title>Sign in</title>"),
              "a web page (\"Sign in\")"));
  CHECK(holds(what("<html>"), "web page"));
  CHECK(holds(what("404: Not Found"), "not there (404)"));
  CHECK(holds(what("%PDF-1.4"), "PDF"));
  CHECK(holds(what("PAR1"), "Parquet"));
  CHECK(holds(what(""), "empty"));
  CHECK_THROWS_WITH_AS(refuse_foreign_content("", "x.csv"), doctest::Contains("x.csv: the file is"),
                       Error);
}
