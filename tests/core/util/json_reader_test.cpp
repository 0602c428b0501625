#include "core/util/json_reader.h"

#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/util/error.h"

using namespace nas;

namespace {
std::string refusal(const std::string& text) {
  try {
    parse_json(text, "t.json");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    return error.what();
  }
  return "";
}
}  // namespace

TEST_CASE("json: values are those of another parser, in the order of the text") {
  for (const std::string text :
       {R"({"b": [1, -2, 3.5, 1e3, -0.0, 18446744073709551615], "a": {"x": null, "y": true}})",
        R"(["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00", "é", ""])", "[]", "{}", "[[], {}]", "-7",
        "false"}) {
    CAPTURE(text);
    CHECK(parse_json(text, "t") == nlohmann::ordered_json::parse(text));
  }
}

TEST_CASE("json: NaN and infinity are read as Python writes them, and written so") {
  const nlohmann::ordered_json value = parse_json("[NaN, Infinity, -Infinity, 1e-400]", "t");
  CHECK(std::isnan(value[0].get<double>()));
  CHECK(value[1].get<double>() == INFINITY);
  CHECK(value[2].get<double>() == -INFINITY);
  CHECK(value[3].get<double>() == 0);
  CHECK(json_text(parse_json("{\"a\": [NaN, 1, \"x\"]}", "t")) == "{\"a\":[NaN,1,\"x\"]}");
}

TEST_CASE("json: what is malformed is named with line and column") {
  CHECK(refusal("{\"a\": 1,\n \"a\": 2}") ==
        "t.json, line 2, column 2: the key 'a' is given twice, first in line 1, column 2");
  CHECK(refusal("[1,\n  nan]") == "t.json, line 2, column 3: expected a value, got 'n'");
  CHECK(refusal("[1, 2") ==
        "t.json, line 1, column 6: the text ends too early, expected ',' or ']'; was the file cut "
        "off?");
  for (const char* text : {"",    "{",   "[1,]",  "{\"a\"}", "{\"a\":}", "{,}",         "01",
                           "1.",  "-",   "+1",    "\"a",     "\"\\x\"",  "\"\\ud800\"", "\"\n\"",
                           "1 2", "tru", "1e999", "[1 2]",   "{a: 1}",   "-Inf"}) {
    CAPTURE(text);
    CHECK(refusal(text).find("t.json, line ") == 0);
  }
  CHECK(refusal(std::string(65, '[')).find("nested deeper than 64") != std::string::npos);
  std::string many = "{";
  for (int i = 0; i < 30; ++i) many += "\"k" + std::to_string(i) + "\": 0, ";
  CHECK(refusal(many + "\"k20\": 1}").find("'k20' is given twice") != std::string::npos);
}

TEST_CASE("json: members are read one at a time, and texts may follow one another") {
  JsonReader reader("{\"a\": [1, 2]}\n[5]", "t");
  std::vector<std::string> seen;
  reader.members([&](const std::string& key) {
    reader.members([&](const std::string& place) {
      seen.push_back(key + place + "=" + reader.value().dump());
    });
  });
  CHECK(seen == std::vector<std::string>{"a0=1", "a1=2"});
  REQUIRE_FALSE(reader.at_end());
  CHECK(reader.place().line == 2);
  CHECK(reader.value()[0] == 5);
  CHECK(reader.at_end());
}
