#include "app/presentation/table.h"

#include <doctest/doctest.h>

#include <limits>

#include "core/util/text.h"
#include "tests/app/study/study_testing.h"

using namespace nas;

namespace {

Table example() {
  return {"example",
          {{"name", "", true}, {"count", "how many", false}, {"value", "", false}},
          {{std::string("alpha"), std::int64_t{1234567}, 0.5},
           {std::string("=cmd|'<b>'\x1b[31m"), std::int64_t{7},
            std::numeric_limits<double>::quiet_NaN()},
           {std::string("a,\"b\""), Cell{}, true}},
          ""};
}

}  // namespace

TEST_CASE("a text table right-aligns numbers, names empty cells and shows no escapes") {
  const std::string text = render(example(), Format::kTable);
  const std::vector<std::string> lines = split(text, '\n');
  REQUIRE(lines.size() == 6);
  CHECK(lines[0].starts_with("name"));
  CHECK(lines[2].find("1,234,567") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(lines[4].find("-") != std::string::npos);
}

TEST_CASE("headings, captions and CSV do not drive a terminal") {
  const Table table{"t", {{"name\x1b[31m", "", false}}, {{std::string("a\x1b]0;x\x07")}}, "c\x9b"};
  const std::string forms = render(table, Format::kTable) + render(table, Format::kCsv) +
                            render(table, Format::kJson) + render(table, Format::kJsonl) +
                            render_markdown(table);
  CHECK(forms.find_first_of("\x1b\x07\x9b") == std::string::npos);
  CHECK(render(table, Format::kCsv) == "name?[31m\na?]0;x?\n");
}

TEST_CASE("a column for programs is in CSV and JSON alone") {
  Table table{"t", {{"a"}}, {{std::int64_t{1}}, {std::int64_t{2}}}, ""};
  add_for_programs(table, "network", std::string("net"));
  CHECK(render(table, Format::kTable) == "a\n-\n1\n2\n");
  CHECK(render_markdown(table) == "| a |\n| ---: |\n| 1 |\n| 2 |\n");
  CHECK(render(table, Format::kCsv) == "a,network\n1,net\n2,net\n");
  CHECK(render(table, Format::kJson).find("{\"a\":2,\"network\":\"net\"}") != std::string::npos);
  table.rows.resize(1);
  table.single = true;
  CHECK(render(table, Format::kTable).find("net") == std::string::npos);
}

TEST_CASE("a text table fits the width by eliding the columns that may shrink") {
  Table table{"wide", {{"n", "", false}, {"architecture", "", true}}, {}, ""};
  table.rows.push_back({std::int64_t{1}, "start-" + std::string(200, 'x') + "-end"});
  for (const std::string& line : split(render(table, Format::kTable, 60), '\n')) {
    CHECK(line.size() <= 60);
  }
  const std::string text = render(table, Format::kTable, 60);
  CHECK(text.find("start-") != std::string::npos);
  CHECK(text.find("-end") != std::string::npos);
  CHECK(render(table, Format::kTable, 0).find(std::string(200, 'x')) != std::string::npos);
}

TEST_CASE("CSV is RFC 4180 with full precision and defused formulas") {
  const std::string csv = render(example(), Format::kCsv);
  const std::vector<std::string> lines = split(csv, '\n');
  CHECK(lines[0] == "name,count,value");
  CHECK(lines[1] == "alpha,1234567,0.5");
  CHECK(lines[2].front() != '=');
  CHECK(lines[2].ends_with(",7,nan"));
  CHECK(lines[3] == "\"a,\"\"b\"\"\",,true");
  Table negative{"n", {{"x", "", false}}, {{-0.25}}, ""};
  CHECK(render(negative, Format::kCsv) == "x\n-0.25\n");
}

TEST_CASE("JSON names its schema and writes what JSON cannot say as words") {
  Table table{"t",
              {{"a", "", false}, {"b", "", false}},
              {{0.1, "x\"y"}, {std::numeric_limits<double>::infinity(), Cell{}}},
              ""};
  CHECK(render(table, Format::kJson) ==
        "{\"schema\":\"searchlight.t\",\"version\":1,\"rows\":[\n{\"a\":0.1,\"b\":\"x\\\"y\"},\n"
        "{\"a\":\"inf\",\"b\":null}\n]}\n");
  CHECK(render(table, Format::kJsonl) ==
        "{\"schema\":\"searchlight.t\",\"version\":1,\"a\":0.1,\"b\":\"x\\\"y\"}\n"
        "{\"schema\":\"searchlight.t\",\"version\":1,\"a\":\"inf\",\"b\":null}\n");
}

TEST_CASE("Markdown escapes what would be markup") {
  Table table{"m", {{"a", "", false}}, {{std::string("|x|<script>*")}}, ""};
  const std::string text = render_markdown(table);
  CHECK(text.find("\\|x\\|&lt;script>\\*") != std::string::npos);
}

TEST_CASE("an unknown format names the near miss") {
  CHECK(parse_format("jsonl") == Format::kJsonl);
  CHECK(test::contains(test::error_of([] { parse_format("jsn"); }), "did you mean 'json'"));
}

TEST_CASE("a narrow table cuts long cells, but neither names nor numbers") {
  Table table{.kind = "t",
              .columns = {{"name", "", false, true}, {"text"}, {"long", "", true}, {"value"}},
              .rows = {}};
  const std::string name = "a-name-of-some-length", path = std::string(30, 'm') + "/model";
  for (int i = 0; i < 8; ++i) {
    table.rows.push_back({name, std::string(20, 't'), std::string(90, 'l'), 123456.0 + i});
  }
  const std::string text = render(table, Format::kTable, 80);
  for (const std::string& line : split(text, '\n')) CHECK(line.size() <= 80);
  CHECK(text.find(name) != std::string::npos);
  CHECK(text.find("123456") != std::string::npos);
  CHECK(text.find(std::string(20, 't')) != std::string::npos);  // the long cells go first
  CHECK(render(table, Format::kTable, 0).find(std::string(90, 'l')) != std::string::npos);
  const std::string narrow = render(table, Format::kTable, 40);
  for (const std::string& line : split(narrow, '\n')) CHECK(line.size() <= 40);
  CHECK(narrow.find(name) != std::string::npos);
  CHECK(narrow.find("--wide shows ") != std::string::npos);
}

TEST_CASE("few rows that do not fit are written downwards, with their paths whole") {
  const std::string path = "/a/folder/" + std::string(60, 'x') + "/model.safetensors";
  Table table{.kind = "t",
              .columns = {{"architecture", "", true},
                          {"epochs"},
                          {"params"},
                          {"model", "", false, true},
                          {"sha256", "", true}},
              .rows = {{std::string(99, 'a'), std::int64_t{3}, std::int64_t{123456}, path,
                        std::string(64, 'f')}}};
  const std::string text = render(table, Format::kTable, 80);
  const std::vector<std::string> lines = split(text, '\n');
  REQUIRE(lines.size() == 6);
  CHECK(lines[1] == "epochs        3");
  CHECK(lines[3] == "model         " + path);
  for (const std::size_t i : {0, 1, 2, 4}) CHECK(lines[i].size() <= 80);
  // A last column that must stay whole sticks out: a terminal wraps it.
  const Table file{.kind = "t",
                   .columns = {{"property"}, {"value", "", false, true}},
                   .rows = {{std::string("file"), path}}};
  CHECK(render(file, Format::kTable, 40).find("file      " + path) != std::string::npos);
}

TEST_CASE("a narrow table leaves out first what is the same in every row, and wraps sentences") {
  Table table{.kind = "t",
              .columns = {{"name", "", false, true},
                          {"source"},
                          {.name = "meaning", .shrink = true, .wrap = true},
                          {"unit"}},
              .rows = {},
              .caption = {}};
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    table.rows.push_back({std::string(name), std::string(30, 's'),
                          std::string("the sum of all parts of ") + name, std::string(name)});
  }
  const std::string text = render(table, Format::kTable, 40);
  CHECK(text.find("ss") == std::string::npos);
  CHECK(text.find("--wide shows 1 more column: source") != std::string::npos);
  CHECK(render(table, Format::kTable).find("ss") != std::string::npos);
  const std::string narrow = render(table, Format::kTable, 27);
  CHECK(narrow.find("..") == std::string::npos);
  CHECK(split(narrow, '\n').at(3).find("parts of a") != std::string::npos);
}

TEST_CASE("Markdown lists one thing downwards") {
  Table one = single_table("t");
  add_fact(one, "seed", std::int64_t{7});
  CHECK(render_markdown(one) == "| property | value |\n| --- | ---: |\n| seed | 7 |\n");
}

TEST_CASE("a caption is broken between words") {
  const Table table{.kind = "t", .columns = {{"a"}}, .rows = {}, .caption = "one two three four"};
  for (const std::string& line : split(render(table, Format::kTable, 9), '\n')) {
    CHECK(line.size() <= 9);
  }
}

TEST_CASE("lines of a caption stay lines") {
  const Table table{.kind = "t", .columns = {{"a"}}, .rows = {}, .caption = "one two\n  three"};
  const std::string text = render(table, Format::kTable, 0);
  CHECK(text.find("one two\n  three\n") != std::string::npos);
}

TEST_CASE("numbers that differ only behind the usual digits are told apart") {
  const auto shown = [](std::vector<double> values) {
    Table table{.kind = "t", .columns = {{"energy"}}};
    for (const double value : values) table.rows.push_back({value});
    return render(table, Format::kTable);
  };
  CHECK(test::contains(shown({-1.117348921, -1.117348907, -1.117346}), "-1.117349\n"));
  CHECK(test::contains(shown({-1.117348921, -1.117348907, -1.117346}), "-1.117346\n"));
  CHECK(test::contains(shown({-1.117348921, -1.117348921}), "-1.1173\n"));
  CHECK(test::contains(shown({-1.117348921, -1.117348907, -1}), "-1.1173\n"));
}
