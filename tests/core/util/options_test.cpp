#include "core/util/options.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "core/util/error.h"

using namespace nas;

namespace {

struct Sample {
  std::int64_t rounds = 10;
  double rate = 0.5;
  bool fast = false;
  std::string mode = "first";
  std::string label = "none";
};

constexpr std::array kFields = {
    Field<Sample>{"rounds", &Sample::rounds, "how often", "rounds", 1},
    Field<Sample>{"rate", &Sample::rate, "how much", "", 0, 1, "a paper, table 2"},
    Field<Sample>{"fast", &Sample::fast, "skip checks"},
    Field<Sample>{
        .name = "mode", .member = &Sample::mode, .meaning = "which", .choices = "first|best"},
    Field<Sample>{"label", &Sample::label, "free text"},
};

std::span<const Field<Sample>> fields() {
  return kFields;
}

std::string failure(const OptionMap& values) {
  try {
    parse_fields(fields(), values, "searcher 'x'");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("options: given values are read over the defaults") {
  const Sample read = parse_fields(
      fields(), {{"rounds", " 7 "}, {"rate", "1e-2"}, {"fast", "yes"}, {"label", " a b "}}, "x");
  CHECK(read.rounds == 7);
  CHECK(read.rate == 0.01);
  CHECK(read.fast);
  CHECK(read.mode == "first");
  CHECK(read.label == " a b ");
}

TEST_CASE("options: what to_map writes, parse reads back") {
  Sample object;
  object.rate = 0.1 + 0.2;
  object.fast = true;
  object.mode = "best";
  const OptionMap values = fields_to_map(fields(), object);
  CHECK(values.size() == kFields.size());
  const Sample again = parse_fields(fields(), values, "x");
  CHECK(again.rate == object.rate);
  CHECK(fields_to_map(fields(), again) == values);
}

TEST_CASE("options: a settled text leaves later options out at what held before them") {
  std::vector<Field<Sample>> grown(fields().begin(), fields().end());
  const Sample defaults;
  CHECK(settled_text<Sample>(grown, defaults) ==
        "rounds=10; rate=0.5; fast=false; mode=first; label=none");
  grown[0].before = "10";
  grown[2].before = "true";  // the default has changed since
  grown[4].before = "";
  CHECK(settled_text<Sample>(grown, defaults) == "rate=0.5; fast=false; mode=first; label=none");
  Sample old;
  old.fast = true;
  old.label = "";
  CHECK(settled_text<Sample>(grown, old) == "rate=0.5; mode=first");
}

TEST_CASE("options: unknown names, unreadable values and all violations are told in one line") {
  CHECK(failure({{"ruonds", "3"}})
            .find("searcher 'x': unknown option 'ruonds'; did you mean "
                  "'rounds'?") == 0);
  CHECK(failure({{"rounds", "3.5"}}) == "searcher 'x': rounds = '3.5', expected a whole number");
  CHECK(failure({{"rounds", "99999999999999999999"}}) != "");
  CHECK(failure({{"rate", ""}}) == "searcher 'x': rate = '', expected a number");
  CHECK(failure({{"fast", "maybe"}}).find("expected true or false") != std::string::npos);
  CHECK(failure({{"rounds", "0"}, {"rate", "2"}, {"mode", "worst"}}) ==
        "searcher 'x': rounds = 0, must be >= 1; rate = 2, must be in [0, 1]; "
        "mode = worst, must be one of: first, best");
  CHECK(failure({{"rate", "nan"}}) == "searcher 'x': rate = nan, must be in [0, 1]");
}

TEST_CASE("options: a thing without options says so") {
  struct Nothing {};
  CHECK_THROWS_WITH_AS(parse_fields<Nothing>({}, {{"a", "1"}}, "searcher 'y'"),
                       "searcher 'y': takes no options, got 'a'", Error);
}

TEST_CASE("options: the documentation has type, default, range and source") {
  const std::vector<FieldDoc> docs = describe_fields(fields());
  REQUIRE(docs.size() == 5);
  CHECK(docs[0].type == "int");
  CHECK(docs[0].default_value == "10");
  CHECK(docs[0].range == ">= 1");
  CHECK(docs[1].type == "real");
  CHECK(docs[1].range == "in [0, 1]");
  CHECK(docs[1].source == "a paper, table 2");
  CHECK(docs[2].type == "bool");
  CHECK(docs[2].default_value == "false");
  CHECK(docs[3].range == "one of: first, best");
  CHECK(docs[4].range.empty());
}
