#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "tests/db/importers/importer_testing.h"

// Tables as people's tools write them: the same two rows in every form.

namespace nas {
namespace {

using test::contains;
using test::error_of;

const std::string kMapping =
    "name = \"t\"\n[architecture]\nfields = \"arch\"\n"
    "[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\n"
    "[[column]]\nfield = \"lat\"\nmetric = \"latency_ms\"\nmaximize = false\n";

class Folder {
 public:
  ImportResult import(const std::string& name, const std::string& table,
                      const std::string& mapping = kMapping) {
    const auto path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    write_file_atomically(path, table);
    return import_path(path, mapping);
  }
  void add(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    write_file_atomically(folder_.path() / name, text);
  }
  ImportResult import_path(const std::filesystem::path& path,
                           const std::string& mapping = kMapping) {
    write_file_atomically(folder_.path() / "mapping.toml", mapping);
    ImportRequest request = test::request_for(path);
    request.mapping = (folder_.path() / "mapping.toml").string();
    return test::import_with("table", request);
  }
  std::filesystem::path path() const { return folder_.path(); }

 private:
  TemporaryDirectory folder_;
};

std::string all_notes(const ImportResult& result) {
  std::string text;
  for (const std::string& note : result.notes) text += note + "\n";
  return text;
}

void check_values(const ImportResult& result) {
  const Benchmark& benchmark = result.benchmark;
  REQUIRE(benchmark.rows() == 2);
  const std::size_t accuracy = benchmark.column("accuracy"),
                    latency = benchmark.column("latency_ms");
  const std::size_t a = benchmark.find("A").value(), b = benchmark.find("B").value();
  CHECK(benchmark.value(accuracy, a) == 91.5);
  CHECK(benchmark.value(accuracy, b) == 90);
  CHECK(benchmark.value(latency, a) == 3);
  CHECK(benchmark.value(latency, b) == 2);
}

TEST_CASE("table forms: separators, decimal marks, units and padding") {
  Folder folder;
  struct Form {
    const char *name, *text, *note;
  };
  for (const Form& form : {
           Form{"plain.csv", "arch,acc,lat\nA,91.5,3\nB,90,2\n", ""},
           {"semicolon.csv", "arch;acc;lat\nA;91,5;3\nB;90;2\n", "separated by ';'"},
           {"semicolon.csv", "arch;acc;lat\nA;91,5;3\nB;90;2\n", "decimal commas in column acc"},
           {"tabs.tsv", "arch\tacc\tlat\nA\t91.5\t3\nB\t90\t2\n", "separated by tabs"},
           {"quoted.csv", "arch,acc,lat\nA,\"91,5\",3\nB,\"90,0\",2\n", "decimal commas"},
           {"padded.csv", "  arch , acc ,lat \n A , 91.5, 3\nB,90 ,2\n", ""},
           {"units.csv", "arch,acc,lat\nA,91.5%,3ms\nB,90 %,2 ms\n", "'acc' is written in %"},
           {"seconds.csv", "arch,acc,lat\nA,91.5,0.003 s\nB,90,2ms\n", "stored in ms"},
           {"heading.csv", "arch,acc (%),Lat [s]\nA,91.5,0.003\nB,90,0.002\n",
            "'lat' is written in s, stored in ms"},
           {"trailing.csv", "arch,acc,lat\nA,91.5,3,\nB,90,2,\n", ""},
           {"pipes.txt.csv", "arch|acc|lat\nA|91.5|3\nB|90|2\n", "separated by '|'"},
           {"numpy.csv", "# arch,acc,lat\nA,9.15e+01,3.0e+00\nB,9.0e+01,2.0e+00\n", ""},
           {"row_names.csv", "\"arch\",\"acc\",\"lat\"\n\"1\",\"A\",91.5,3\n\"2\",\"B\",90,2\n",
            ""},
           {"sheet.csv", "arch,acc,lat\nA,91.5,3\nB,90,2\n,,\n,,\n", ""},
           {"blanks.csv", "arch,acc,lat\nA,\u00a091.5%,3\nB,90\u202f%,2\n", ""},
           {"mark.csv",
            "\xEF\xBB\xBF"
            "arch,acc,lat\r\nA,91.5,3\r\nB,90,2\r\n",
            ""},
       }) {
    CAPTURE(form.name);
    const ImportResult result = folder.import(form.name, form.text);
    check_values(result);
    CHECK(contains(all_notes(result), form.note));
  }
  const ImportResult percent = folder.import("u.csv", "arch,acc,lat\nA,91.5%,3ms\nB,90%,2ms\n");
  CHECK(percent.benchmark.columns()[0].unit == "%");
  const ImportResult groups = folder.import(
      "g.csv", "arch;acc;lat\nA;1 091,5;1'234\nB;\u22122\u202f000\u00a0000,25;12 345 678,5\n");
  CHECK(groups.benchmark.value(0, 0) == 1091.5);
  CHECK(groups.benchmark.value(0, 1) == -2000000.25);
  CHECK(groups.benchmark.value(1, 0) == 1234);
  CHECK(groups.benchmark.value(1, 1) == 12345678.5);
}

TEST_CASE("table forms: the unit in a heading is that of its cells, unless the mapping says one") {
  Folder folder;
  const auto value = [&](const std::string& heading, const std::string& cell,
                         const std::string& metric, const std::string& more = "") {
    const std::string mapping =
        "name = \"t\"\n[architecture]\nfields = \"arch\"\n[[column]]\nfield = \"" + heading +
        "\"\nmetric = \"" + metric + "\"\n" + more;
    return folder.import("t.csv", "arch," + heading + "\nA," + cell + "\n", mapping)
        .benchmark.value(0, 0);
  };
  CHECK(value("lat (us)", "1500", "latency_ms") == 1.5);
  CHECK(value("lat [s]", "3", "latency_ms") == 3000);
  CHECK(value("lat [s]", "3 ms", "latency_ms") == 3);
  CHECK(value("latency_s", "3", "latency_ms") == 3000);
  CHECK(value("Params (M)", "3.5", "params") == 3.5e6);
  CHECK(value("Params (M)", "3.5", "params_m") == 3.5);
  CHECK(value("layer(s)", "3", "layers") == 3);
  CHECK(value("lat [s]", "3", "latency_ms", "scale = 1000\n") == 3000);
  CHECK(value("lat [s]", "3", "latency_ms", "unit = \"ms\"\n") == 3);
  CHECK(contains(error_of([&] { value("lat (%)", "3", "latency_ms"); }), "is in %"));
}

TEST_CASE("table forms: an architecture in several lines of a cell is one text") {
  Folder folder;
  const std::string rows = "\"[[0 1]\n [0 0]]\",91.5,3\r\nB,90,2\r\n";
  const Benchmark benchmark = folder.import("t.csv", "arch,acc,lat\r\n" + rows).benchmark;
  CHECK(benchmark.text(0) == "[[0 1] [0 0]]");
  CHECK(benchmark.find("B").has_value());
}

TEST_CASE("table forms: every JSON that holds rows") {
  Folder folder;
  for (
      const char* text :
      {R"([{"arch":"A","acc":91.5,"lat":3},{"arch":"B","acc":90,"lat":2}])",
       R"({"A":{"acc":91.5,"lat":3},"B":{"acc":90,"lat":2}})",
       R"({"0":{"arch":"A","acc":91.5,"lat":3},"1":{"arch":"B","acc":90,"lat":2}})",
       R"({"arch":{"0":"A","1":"B"},"acc":{"0":91.5,"1":90},"lat":{"0":3,"1":2}})",
       R"({"arch":["A","B"],"acc":[91.5,90],"lat":[3,2]})",
       R"({"columns":["arch","acc","lat"],"index":[0,1],"data":[["A",91.5,3],["B",90,2]]})",
       R"({"columns":["acc","lat"],"index":["A","B"],"data":[[91.5,3],[90,2]]})",
       R"([["arch","acc","lat"],["A",91.5,3],["B",90,2]])",
       R"({"version":1,"results":[{"arch":"A","acc":91.5,"lat":3},{"arch":"B","acc":90,"lat":2}]})",
       R"({"version":1,"nets":{"A":{"acc":91.5,"lat":3},"B":{"acc":90,"lat":2}}})",
       R"({"nets":{"A":{"acc":91.5,"lat":3},"B":{"acc":90,"lat":2}}})",
       "{\"arch\":\"A\",\"acc\":91.5,\"lat\":3}\n{\"arch\":\"B\",\"acc\":90,\"lat\":2}\n"}) {
    CAPTURE(text);
    check_values(folder.import("t.json", text));
  }
}

TEST_CASE("table forms: a folder of one JSON file for each network, and nested members") {
  Folder folder;
  folder.add("runs/one/A.json", R"({"m": {"acc": 91.5}, "lat": 3})");
  folder.add("runs/B.json", R"({"m": {"acc": 90}, "lat": 2})");
  folder.add("runs/README.md", "read me");
  std::string mapping = kMapping;
  mapping.replace(mapping.find("\"acc\""), 5, "\"m.acc\"");
  const ImportResult result = folder.import_path(folder.path() / "runs", mapping);
  CHECK(result.benchmark.texts()[0] == "B");
  CHECK(result.benchmark.texts()[1] == "one/A");
  CHECK(result.benchmark.value(0, 1) == 91.5);
  CHECK(contains(all_notes(result), "1 other files are left out"));
  folder.add("runs/one/A.json", "{\"m\": {\"acc\": 91.5}, \"lat\": }");
  CHECK(contains(error_of([&] { folder.import_path(folder.path() / "runs", mapping); }),
                 "runs/one/A.json, line 1, column 29: "));
}

TEST_CASE("table forms: words that mean missing, and values that are infinite") {
  Folder folder;
  const ImportResult result = folder.import(
      "na.csv", "arch,acc,lat\nA,91.5,N/A\nB,None,-\nC,nan,NaN\nD,inf,-inf\nE,#DIV/0!,null\n");
  const Benchmark& benchmark = result.benchmark;
  for (const std::size_t row : {1U, 2U, 4U}) CHECK(std::isnan(benchmark.value(0, row)));
  for (const std::size_t row : {0U, 1U, 2U, 4U}) CHECK(std::isnan(benchmark.value(1, row)));
  CHECK(benchmark.value(0, 3) == -INFINITY);
  CHECK(benchmark.value(1, 3) == INFINITY);
  const ImportResult lines = folder.import(
      "nan.jsonl", "{\"arch\":\"A\",\"acc\":NaN,\"lat\":Infinity}\n{\"arch\":\"B\",\"acc\":90}\n");
  CHECK(std::isnan(lines.benchmark.value(0, 0)));
  CHECK(lines.benchmark.value(1, 0) == INFINITY);
  CHECK(std::isnan(lines.benchmark.value(1, 1)));
  CHECK(contains(all_notes(lines), "some rows lack, read as missing: lat (1)"));
}

TEST_CASE("table forms: the trials of an optimiser's data frame need a short mapping") {
  Folder folder;
  const ImportResult result = folder.import(
      "trials.csv",
      ",number,value,datetime_start,duration,params_width,state\n"
      "0,0,0.91,2024-01-02 10:00:00.000001,0 days 00:01:44.500000,16,COMPLETE\n"
      "1,1,,2024-01-02 10:01:45,0 days 00:00:01,2,FAIL\n"
      "2,2,0.88,2024-01-02 10:02:00,1 days 00:00:02,32,COMPLETE\n",
      "name = \"o\"\n[architecture]\nfields = \"number\"\n[filter]\nstate = \"COMPLETE\"\n"
      "[[column]]\nfield = \"value\"\n[[column]]\nfield = \"params_width\"\n"
      "[[column]]\nfield = \"duration\"\nmetric = \"seconds\"\nclock = true\n");
  REQUIRE(result.benchmark.rows() == 2);
  CHECK(result.benchmark.value(result.benchmark.column("seconds"), 0) == 104.5);
  CHECK(result.benchmark.value(result.benchmark.column("seconds"), 1) == 86402);
}

TEST_CASE("table forms: what could mean two things is refused with its place") {
  Folder folder;
  const auto error = [&](const std::string& text, const std::string& name = "t.csv") {
    return error_of([&] { folder.import(name, text); });
  };
  CHECK(contains(error("arch,acc,lat\nA,\"1,234\",3\n"),
                 "t.csv, line 2, column 'acc': '1,234' may be 1234 or 1.234; say decimal"));
  CHECK(contains(error("arch,acc,lat\nA,\"91,5\",3\nB,90.5,2\n"), "line 3, column 'acc': "));
  CHECK(contains(error("arch,acc,lat\nA,91.5%,3\nB,90,2\n"),
                 "line 3, column 'acc': '90' has no unit"));
  CHECK(contains(error("arch,acc,lat\nA,91.5,3 J\n"), "line 2, column 'lat': '3 J' is in J"));
  CHECK(contains(error("arch,acc,lat\nA,91.5,3 parsecs\n"), "is not a number"));
  CHECK(contains(error("arch,acc,lat\nA,0:01:02,3\n"), "say clock = true"));
  CHECK(contains(error("arch,acc,lat,acc\nA,1,2,3\n"), "given twice, to columns 2 and 4"));
  CHECK(contains(error("arch,acc,lat\nA,1\n"), "t.csv, line 2: 2 fields, expected 3"));
  CHECK(contains(error("arch,acc\nA,1\n"), "t.csv: unknown column 'lat'"));
  CHECK(contains(error("arch,acc,lat\nA,1,2\n,3,4\n"), "line 3: the architecture is missing"));
  for (const std::string two : {"1 2", "91 100", "91 100.5", "91.5 100.5"}) {
    CHECK(contains(error("arch,acc,lat\nA," + two + ",3\n"), "'" + two + "' is not a number"));
  }
  CHECK(contains(
      error("[{\"arch\":\"A\",\"acc\":1,\"lat\":2},\n{\"arch\":\"B\",\"acc\":1x}]", "t.json"),
      "t.json, line 2, column 20: "));
  CHECK(contains(error("[{\"arch\":\"A\",\"acc\":1,\"acc\":2}]", "t.json"), "given twice"));
  CHECK(contains(error("[{\"arch\":\"A\",\"acc\":1,\"lat\":2},\n 3]", "t.json"),
                 "t.json, line 2, column 2: expected an object, as the items before"));
  CHECK(contains(error(R"({"columns":"arch","data":[["A"]]})", "t.json"), "unknown column 'arch'"));
  CHECK(contains(error(R"({"columns":{"arch":0},"data":[["A"]]})", "t.json"), "t.json"));
  CHECK(contains(error(R"({"columns":["arch"],"index":[0],"data":[["A"],["B"]]})", "t.json"),
                 "1 keys in 'index' for 2 rows"));
  CHECK(contains(error("PK\x03\x04 content"), "t.csv: it is a workbook or a zip archive"));
  CHECK(contains(error("<!DOCTYPE html><html>"), "t.csv: it is a web page"));
  CHECK(contains(error("version https://git-lfs.github.com/spec/v1\nsize 12\n"), "Git LFS"));
  CHECK(contains(error("arch,acc,lat\nA,91\xB5,3\n"), "t.csv, line 2, column 5: byte 0xb5"));
  // Said in the mapping, the same table is read.
  const ImportResult thousands =
      folder.import("t.csv", "arch,acc,lat\nA,\"1,234\",3\n", "decimal = \".\"\n" + kMapping);
  CHECK(thousands.benchmark.value(0, 0) == 1234);
}

TEST_CASE("table forms: a table cut at any byte is rows that are whole, or one line of error") {
  Folder folder;
  const std::string csv = "arch;acc;lat\nA;91,5;3\nB;90;2\n";
  const std::string json = R"([{"arch":"A","acc":91.5,"lat":3},{"arch":"B","acc":90,"lat":2}])";
  for (std::size_t size = 0; size < csv.size(); ++size) {
    const std::string error = error_of([&] { folder.import("t.csv", csv.substr(0, size)); });
    CHECK(error.find('\n') == std::string::npos);
    if (size < 13) CHECK_FALSE(error.empty());
  }
  for (std::size_t size = 0; size < json.size(); ++size) {
    const std::string error = error_of([&] { folder.import("t.json", json.substr(0, size)); });
    CHECK(contains(error, "t.json"));
    CHECK(error.find('\n') == std::string::npos);
  }
}

}  // namespace
}  // namespace nas
