#include "core/util/text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/util/rng.h"

using namespace nas;
using Words = std::vector<std::string>;

TEST_CASE("text: split keeps empty fields, split_words does not") {
  CHECK(split("a,,b,", ',') == Words{"a", "", "b", ""});
  CHECK(split("", ',') == Words{""});
  CHECK(split_words("  a\tb\n c ") == Words{"a", "b", "c"});
  CHECK(split_words(" \n ") == Words{});
  CHECK(join(Words{"a", "", "b"}, "--") == "a----b");
  CHECK(join(Words{}, ",") == "");
  CHECK(trim("  x y\r\n") == "x y");
  CHECK(trim(" \t ") == "");
  CHECK(to_lower("NAS-Bench 101") == "nas-bench 101");
}

TEST_CASE("text: numbers are read whole or not at all") {
  CHECK(parse_int("-42") == -42);
  CHECK(parse_int("+7") == 7);
  CHECK(parse_int("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* bad :
       {"", " 1", "1 ", "1x", "0x10", "9223372036854775808", "+-1", "+", "1.0", "--1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_int(bad).has_value());
  }
  CHECK(parse_double("1e-3") == 1e-3);
  CHECK(parse_double("-inf") == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(*parse_double("nan")));
  for (const char* bad : {"", "1,5", "1.5 ", "1e999", "0x1p3", "one", "+-1"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_double(bad).has_value());
  }
}

TEST_CASE("text: format_double reads back as the same bits") {
  Rng rng({.seed = 21});
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = rng.next_u64();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isnan(value)) continue;
    REQUIRE(*parse_double(format_double(value)) == value);
  }
  CHECK(format_double(0.1) == "0.1");
  CHECK(format_double(-std::nan("")) == "nan");
  CHECK(format_double(-std::numeric_limits<double>::infinity()) == "-inf");
}

TEST_CASE("text: numbers for people") {
  CHECK(format_short(93.1278) == "93.13");
  CHECK(format_short(0.000123456) == "0.0001235");
  CHECK(format_short(1234567.0) == "1234567");
  CHECK(format_short(12345678.0) == "1.235e+07");
  CHECK(format_short(0.00001234) == "1.234e-05");
  CHECK(format_short(-2.5) == "-2.5");
  CHECK(format_short(9.99996) == "10");
  CHECK(format_short(100) == "100");
  CHECK(format_short(0) == "0");
  CHECK(format_short(std::nan("")) == "nan");
  CHECK(format_count(1234567) == "1,234,567");
  CHECK(format_count(-999) == "-999");
  CHECK(format_count(-1000) == "-1,000");
  CHECK(format_count(std::numeric_limits<std::int64_t>::min()) == "-9,223,372,036,854,775,808");
  CHECK(format_seconds(0.85) == "850 ms");
  CHECK(format_seconds(0.9999) == "1.0 s");
  CHECK(format_seconds(12.34) == "12.3 s");
  CHECK(format_seconds(59.99) == "1 min 00 s");
  CHECK(format_seconds(245) == "4 min 05 s");
  CHECK(format_seconds(3599.7) == "1 h 00 min");
  CHECK(format_seconds(7800) == "2 h 10 min");
  CHECK(format_bytes(999) == "999 B");
  CHECK(format_bytes(3'200'000) == "3.2 MB");
  CHECK(format_bytes(999'999) == "1 MB");
}

TEST_CASE("text: printable keeps words of all languages and disarms what drives a terminal") {
  CHECK(printable("Zürich 東京 ok") == "Zürich 東京 ok");
  CHECK(printable("a\x1b[31mred\x07") == "a?[31mred?");
  CHECK(printable("two\nlines\tx") == "two lines x");
  CHECK(printable("\xc2\x9b"
                  "31m") == "?31m");  // C1 control sequence introducer
  CHECK(printable("\xe2\x80\xae"
                  "abc") == "?abc");                      // right-to-left override
  CHECK(printable("\xff\xc0\x80x\xe2\x82") == "???x??");  // invalid, overlong, cut
  CHECK(printable(std::string_view("a\0b", 3)) == "a?b");
}

TEST_CASE("text: hints and lists of names are disarmed too") {
  const std::vector<std::string> names{"eins\x1b[31m",
                                       "zw\xc2\x9b"
                                       "ei"};
  const std::string text = unknown_name("column\x07", "eins\x1b[32m", names);
  CHECK(text == "unknown column? 'eins?[32m'; did you mean 'eins?[31m'? (known: eins?[31m, zw?ei)");
}

TEST_CASE("text: escapes for XML, CSV and JSON") {
  CHECK(escape_xml("<a b=\"c\">&'") == "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
  CHECK(escape_csv("plain") == "plain");
  CHECK(escape_csv("a,\"b\"") == "\"a,\"\"b\"\"\"");
  CHECK(escape_csv("=SUM(A1)") == "'=SUM(A1)");
  CHECK(escape_csv("-3.5") == "-3.5");
  CHECK(escape_csv("-cmd") == "'-cmd");
  CHECK(escape_csv("\x1b[31mred\xc2\x9b") == "?[31mred?");
  CHECK(escape_csv("a\tb") == "a\tb");
  CHECK(escape_csv("two\r\nlines\r") == "\"two\r\nlines\r\"");
  CHECK(escape_csv("@x,y") == "\"'@x,y\"");
  CHECK(json_quote("a\"b\\c\n\t\x01 é") == "\"a\\\"b\\\\c\\n\\t\\u0001 é\"");
  CHECK(json_quote("\xff") == "\"\\ufffd\"");
}

TEST_CASE("text: edit distance counts insertions, deletions, changes and swaps of neighbours") {
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abcd", "acbd") == 1);
  CHECK(edit_distance("ca", "abc") == 3);  // 2 in the unrestricted distance
  CHECK(edit_distance("same", "same") == 0);
}

TEST_CASE("text: near misses are likely typing errors only") {
  const Words names = {"nasbench101", "nasbench201", "darts", "ofa"};
  CHECK(near_miss("nasbench20", names) == "nasbench201");
  CHECK(near_miss("DARTS", names) == "darts");
  CHECK(near_miss("dart", names) == "darts");
  CHECK_FALSE(near_miss("transformer", names).has_value());
  CHECK_FALSE(near_miss("x", Words{"y"}).has_value());
  CHECK(near_miss("acc", Words{"params", "accuracy_top5", "accuracy"}) == "accuracy");
  CHECK(near_miss("imagenet", Words{"cifar10", "ImageNet16-120"}) == "ImageNet16-120");
  CHECK_FALSE(near_miss("ac", Words{"accuracy"}).has_value());
  // Digits are no letters: what is near is the number.
  CHECK(near_miss("129", Words{"128", "192", "1290"}) == "128");
  CHECK(near_miss("7", Words{"3", "5"}) == "5");
  CHECK(near_miss("4", Words{"3", "5"}) == "3");
  CHECK(near_miss("1e3", Words{"10", "900"}) == "900");
  CHECK_FALSE(near_miss("128", Words{"12x", "y"}) == "y");
  CHECK(
      unknown_name("space", "drats", names) ==
      "unknown space 'drats'; did you mean 'darts'? (known: nasbench101, nasbench201, darts, ofa)");
  CHECK(unknown_name("space", "q\x1b", names).find('\x1b') == std::string::npos);
}
