#include "core/util/csv.h"

#include <doctest/doctest.h>

#include <string>

#include "core/util/error.h"
#include "core/util/text.h"

using namespace nas;

namespace {
std::string failure(const std::string& text) {
  try {
    CsvTable::parse(text, "t.csv");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    return error.what();
  }
  return "";
}
}  // namespace

TEST_CASE(
    "csv: plain, quoted and multi-line fields, LF and CRLF, with and without a last newline") {
  for (const std::string end : {"\n", "\r\n"}) {
    for (const bool last : {false, true}) {
      const std::string text = "\xEF\xBB\xBFname,value,note" + end + "a,1,\"x, \"\"y\"\"\"" + end +
                               "\"line\nbreak\",,z" + (last ? end : "");
      const CsvTable table = CsvTable::parse(text, "t.csv");
      REQUIRE(table.rows() == 2);
      CHECK(table.columns() == std::vector<std::string>{"name", "value", "note"});
      CHECK(table.at(0, 2) == "x, \"y\"");
      CHECK(table.at(1, 0) == "line\nbreak");
      CHECK(table.at(1, table.column("value")) == "");
      CHECK(table.at(1, 2) == "z");
    }
  }
}

TEST_CASE("csv: every text that escape_csv writes is read back") {
  for (const std::string field : {"plain",      "with,comma", "with \"quotes\"",
                                  "two\nlines", "a\rb",       "",
                                  "-A",         "'-A",        "''-A",
                                  "'A",         "'",          "''",
                                  "=1+1",       "+x",         "@x",
                                  "-3.5",       "\tx",        " padded ",
                                  "'=\"a\",b",  "-"}) {
    CAPTURE(field);
    const CsvTable table = CsvTable::parse("x,y\n" + escape_csv(field) + ",1\n", "t.csv");
    CHECK(table.at(0, 0) == field);
  }
}

TEST_CASE("csv: errors name the file and the line where the record begins") {
  CHECK(failure("a,b\n1,2\n3\n") == "t.csv, line 3: 1 fields, expected 2 as in the header");
  CHECK(failure("a,b\n\"x\ny\",2\n1,2,3\n").find("line 4") != std::string::npos);
  CHECK(failure("a,b\n1,\"open\n\n").find("line 2: a quoted field is not closed") !=
        std::string::npos);
  CHECK(failure("a,b\n\"x\"y,2\n").find("line 2") != std::string::npos);
  CHECK(failure("").find("empty") != std::string::npos);
  CHECK(failure("\n\n").find("empty") != std::string::npos);
}

TEST_CASE("csv: the separator is recognised by heading and rows, or said by the first line") {
  const auto parse = [](const std::string& text) { return CsvTable::parse(text, "t.csv"); };
  CHECK(parse("arch;acc;lat\nA;91,5;3\nB;90;2\n").at(0, 1) == "91,5");
  CHECK(parse("arch;acc\nA;91,5\n").separator() == ';');
  CHECK(parse("arch\tacc\nA, the first\t3\n").separator() == '\t');
  CHECK(parse("arch,runs\nA,1;2;3\nB,4;5;6\n").separator() == ',');
  CHECK(parse("\"a;b\",c\n1,2\n").separator() == ',');
  CHECK(parse("arch|acc\nA|91.5\n").separator() == '|');
  CHECK(parse("arch,acc\n|A~0|+|B~0|,91.5\n").separator() == ',');
  CHECK(parse("arch\n|A~0|+|B~0|\n").separator() == ',');
  CHECK(parse("arch\n8:8\n").columns().size() == 1);
  const CsvTable stated = parse("sep=;\narch;acc\nA,B;1\n");
  CHECK(stated.at(0, 0) == "A,B");
  CHECK(stated.line(0) == 3);
  CHECK(failure("sep=;\na;b\n1\n").find("t.csv, line 3: ") == 0);
  CHECK(parse("arch|acc\nA|1\n").at(0, 1) == "1");
  const std::string cells = "arch,acc\n|a~0|+|b~0|c~1|,1\n|a~0|+|c~0|b~1|,2\n";
  CHECK(parse(cells).separator() == ',');
}

TEST_CASE("csv: comments above the heading, names of rows and empty rows, as other tools write") {
  const auto parse = [](const std::string& text) { return CsvTable::parse(text, "t.csv"); };
  const CsvTable numpy = parse("# made by me\n# arch,acc\nA,1\nB,2\n");
  CHECK(numpy.columns() == std::vector<std::string>{"arch", "acc"});
  CHECK(numpy.line(1) == 4);
  CHECK(parse("# made by me\r\n#\r\narch,acc\r\nA,1\r\n").line(0) == 4);
  CHECK(parse("#params,acc\n1,2\n").columns().front() == "#params");
  CHECK(failure("# nothing else\n").find("t.csv, line 1: ") == std::string::npos);
  const CsvTable named = parse("arch,acc\n1,A,91\n2,B,90\n");
  CHECK(named.columns() == std::vector<std::string>{"", "arch", "acc"});
  CHECK(named.at(1, 1) == "B");
  CHECK(failure("arch,acc\n1,A,91\nB,90\n") ==
        "t.csv, line 3: 2 fields, expected 3 as in the first row");
  CHECK(failure("arch,acc\nA,91\n2,B,90\n").find("line 3: 3 fields, expected 2") !=
        std::string::npos);
  const CsvTable sheet = parse("arch,acc\nA,91\n,\n , \nB,90\n,\n");
  CHECK(sheet.rows() == 2);
  CHECK(sheet.line(1) == 5);
}

TEST_CASE("csv: a separator at the end of every row adds no column and shifts none") {
  const auto parse = [](const std::string& text) { return CsvTable::parse(text, "t.csv"); };
  const CsvTable table = parse("arch,acc,lat\nA,91.5,3,\nB,90,2,\n");
  CHECK(table.columns() == std::vector<std::string>{"arch", "acc", "lat"});
  REQUIRE(table.rows() == 2);
  CHECK(table.at(0, 0) == "A");
  CHECK(table.at(1, table.column("lat")) == "2");
  CHECK(table.line(1) == 3);
  CHECK(parse("arch;acc\r\nA;91,5;\r\n").at(0, 1) == "91,5");
  // One value in the last field: the first is a name of rows, as R writes them.
  const CsvTable named = parse("arch,acc\n1,A,\n2,B,90\n");
  CHECK(named.columns().front().empty());
  CHECK(named.at(1, named.column("acc")) == "90");
}

TEST_CASE("csv: a column is found in any case and with its unit, where only one can be meant") {
  const auto parse = [](const std::string& text) { return CsvTable::parse(text, "t.csv"); };
  const CsvTable table = parse("Architecture,acc (%),Lat [ms],lat(s),Acc2\nA,1,2,3,4\n");
  CHECK(table.column("architecture") == 0);
  CHECK(table.column("acc") == 1);
  CHECK(table.column("Lat [ms]") == 2);
  CHECK_THROWS_WITH_AS(table.column("lat"), doctest::Contains("unknown column 'lat'"), Error);
  CHECK(parse("acc,Acc\n1,2\n").column("Acc") == 1);
}

TEST_CASE("csv: padding, old line ends and other encodings do not matter") {
  const CsvTable table = CsvTable::parse(" arch , acc \r A , 1.5 \r \"B, b\" , 2\r", "t.csv");
  CHECK(table.columns() == std::vector<std::string>{"arch", "acc"});
  CHECK(table.at(0, 0) == "A");
  CHECK(table.at(1, 0) == "B, b");
  const std::string utf16(
      "\xFF\xFE"
      "a\0,\0b\0\n\0"
      "1\0,\0"
      "2\0",
      16);
  CHECK(CsvTable::parse(utf16, "t.csv").at(0, 1) == "2");
}

TEST_CASE("csv: a name given twice is an error with both places, names that are empty are not") {
  CHECK(failure("arch,acc,lat,acc\nA,1,2,3\n") ==
        "t.csv, line 1: the name 'acc' is given twice, to columns 2 and 4; rename one of them");
  CHECK(failure("a, a\n1,2\n").find("columns 1 and 2") != std::string::npos);
  CHECK(CsvTable::parse(",a,\n0,1,\n", "t.csv").rows() == 1);
}

TEST_CASE("csv: an unknown column is an error with the near miss") {
  const CsvTable table = CsvTable::parse("accuracy,params\n1,2\n", "t.csv");
  CHECK(table.column("params") == 1);
  CHECK_THROWS_WITH_AS(
      table.column("acuracy"),
      "t.csv: unknown column 'acuracy'; did you mean 'accuracy'? (known: accuracy, params)", Error);
}
