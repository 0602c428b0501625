#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "core/util/text.h"
#include "db/importers/mapping.h"
#include "db/importers/notation.h"
#include "tests/db/importers/importer_testing.h"
#include "tests/test_data.h"

namespace nas {
namespace {

using test::contains;
using test::error_of;

const char* const kCell0 =
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_"
    "connect~2|";

std::string convert(std::string_view space, std::string_view notation, std::string_view text) {
  const std::string_view fields[] = {text};
  return canonical_text(notation, {{}, fields}, test::space_of(space));
}

/// A table and a mapping in a folder of their own.
class TableFiles {
 public:
  ImportResult import(const std::string& table, const std::string& mapping,
                      const std::string& name = "table.csv", bool force = false) {
    write_file_atomically(folder_.path() / name, table);
    write_file_atomically(folder_.path() / "mapping.toml", mapping);
    ImportRequest request = test::request_for(folder_.path() / name);
    request.mapping = (folder_.path() / "mapping.toml").string();
    request.force = force;
    return test::import_with("table", request);
  }

 private:
  TemporaryDirectory folder_;
};

const std::string kPlain =
    "name = \"small\"\n[architecture]\nfields = \"arch\"\n"
    "[[column]]\nfield = \"acc\"\nmetric = \"accuracy\"\ndataset = \"cifar10\"\n";

TEST_CASE("notations: cell 0 of NAS-Bench-201 in the digits of NASLib and of the sheet") {
  CHECK(convert("nasbench201", "naslib_nb201", "433000") == kCell0);
  CHECK(convert("nasbench201", "naslib_nb201", "(4, 3, 3, 0, 0, 0)") == kCell0);
  CHECK(convert("nasbench201", "nasbench201_digits", "421211") == kCell0);
}

TEST_CASE("notations: TransNAS strings from tuples") {
  CHECK(convert("transnas_micro", "transnas_micro", "(0, 1, 2, 3, 0, 1)") == "64-41414-0_12_301");
  CHECK(convert("transnas_macro", "transnas_macro", "(1, 2, 4, 2, 0, 0)") == "64-1242-basic");
}

TEST_CASE("notations: text that is not in the notation is refused") {
  for (const char* text : {"43300", "4330000", "433005", "(4, 3, 3, 0, 0, x)", ""}) {
    CHECK_THROWS_AS(convert("nasbench201", "naslib_nb201", text), Error);
  }
  CHECK_THROWS_AS(convert("transnas_macro", "transnas_macro", "(1, 2, 5, 2)"), Error);
  CHECK_THROWS_AS(convert("nasbench101", "naslib_nb101", "(0, 1, 1)"), Error);
  CHECK(contains(error_of([] { convert("nasbench201", "naslib_nb20", "433000"); }),
                 "did you mean 'naslib_nb201'"));
}

TEST_CASE("table: rows in any notation of the space are recognised, also in several fields") {
  TableFiles files;
  const std::string mapping =
      "name = \"m\"\nspace = \"SPACE\"\n[architecture]\nfields = FIELDS\n"
      "[[column]]\nfield = \"acc\"\n";
  const auto import = [&](const std::string& space, const std::string& fields,
                          const std::string& table) {
    std::string text = mapping;
    text.replace(text.find("SPACE"), 5, space).replace(text.find("FIELDS"), 6, fields);
    return files.import(table, text);
  };
  const ImportResult cells = import("nasbench201", "\"arch\"",
                                    "arch,acc\n\"(4, 3, 3, 0, 0, 0)\",1\n\"Structure(4 nodes "
                                    "with |none~0|+|none~0|none~1|+|none~0|none~1|none~2|)\",2\n");
  CHECK(cells.benchmark.text(0) == kCell0);
  CHECK(cells.benchmark.text(1) == "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|");
  const ImportResult settings = import(
      "ofa_mobilenetv3", "[\"ks\", \"e\", \"d\", \"resolution\"]",
      "resolution,d,ks,e,acc\n160,2 2 2 2 2,3-3-5-3-3-3-3-3-3-7,\"4,3,3,3,3,3,3,3,3,6\",1\n");
  CHECK(contains(settings.benchmark.text(0), "r=160;d=2,2,2,2,2;k=3,3,3,3,5,3,3,3,"));
  const ImportResult matrices =
      import("nasbench101", "[\"module_adjacency\", \"module_operations\"]",
             "module_adjacency,module_operations,acc\n\"[[0, 1, 0], [0, 0, 1], [0, 0, 0]]\","
             "\"['input', 'maxpool3x3', 'output']\",1\n");
  CHECK(matrices.benchmark.text(0) == "3:5:2");
  const ImportResult parts =
      import("nasbench101", "[\"v\", \"bits\", \"ops\"]\nnotation = \"joined\"",
             "v,bits,ops,acc\n3,5,2,1\n");
  CHECK(parts.benchmark.text(0) == "3:5:2");
  CHECK(contains(error_of([&] { import("nasbench201", "\"arch\"", "arch,acc\n433000,1\n"); }),
                 "line 2: nasbench201: '433000' has several meanings; write naslib_nb201:433000 or "
                 "nasbench201_digits:433000"));
  CHECK(contains(error_of([&] {
                   import("nasbench201", "\"arch\"\nnotation = \"naslib_nb20\"", "arch,acc\nx,1\n");
                 }),
                 "mapping.toml:5: unknown notation of space 'nasbench201' 'naslib_nb20'; did you "
                 "mean 'naslib_nb201'"));
}

TEST_CASE("table: missing values are NaN and failed ones the worst infinity") {
  TableFiles files;
  const ImportResult result = files.import("arch,acc\na,1.5\nb,\nc,-1\n", kPlain + "failed = -1\n");
  const std::size_t column = result.benchmark.column("accuracy");
  CHECK(result.benchmark.value(column, 0) == 1.5);
  CHECK(std::isnan(result.benchmark.value(column, 1)));
  CHECK(result.benchmark.value(column, 2) == -INFINITY);
  CHECK(result.notes.size() == 2);
}

TEST_CASE("table: JSON lines give the same benchmark as CSV") {
  TableFiles files;
  const ImportResult result = files.import(
      "{\"arch\": \"a\", \"acc\": 1.5}\n{\"arch\": \"b\", \"acc\": null}\n", kPlain, "table.jsonl");
  REQUIRE(result.benchmark.rows() == 2);
  CHECK(result.benchmark.value(0, 0) == 1.5);
  CHECK(std::isnan(result.benchmark.value(0, 1)));
}

TEST_CASE("table: a pivot makes one column a data set, repeated lines a wide one") {
  TableFiles files;
  const std::string mapping =
      "name = \"m\"\n[architecture]\nfields = \"arch\"\nduplicates = \"wide\"\n"
      "[pivot]\nfield = \"task\"\nnames = {cifar10 = \"cifar10-valid\"}\n"
      "[[column]]\nfield = \"acc\"\n";
  const ImportResult result =
      files.import("task,arch,acc\ncifar10,a,1\nsvhn,a,2\ncifar10,a,3\nsvhn,b,4\n", mapping);
  const Benchmark& benchmark = result.benchmark;
  const std::size_t first = benchmark.column("acc:dataset=cifar10-valid");
  CHECK(benchmark.columns()[first].width == 2);
  CHECK(benchmark.values(first)[0] == 1);
  CHECK(benchmark.values(first)[1] == 3);
  CHECK(std::isnan(benchmark.values(first)[2]));
  CHECK(benchmark.values(benchmark.column("acc:dataset=svhn"))[2] == 4);
}

TEST_CASE("table: filters, clocks, scales and lists") {
  TableFiles files;
  const std::string mapping =
      "name = \"m\"\n[architecture]\nfields = \"arch\"\n[filter]\nkind = \"x\"\n"
      "[[column]]\nfield = \"time\"\nmetric = \"training_seconds\"\nclock = true\n"
      "[[column]]\nfield = \"size\"\nscale = 1e6\n"
      "[[column]]\nfield = \"runs\"\nlist = \";\"\nparts = [\"run-1\", \"run-2\"]\n";
  const ImportResult result = files.import(
      "kind,arch,time,size,runs\nx,a,1:44:56,0.5,7;8\ny,b,,,\nx,c,0:00:01,2,9\n", mapping);
  const Benchmark& benchmark = result.benchmark;
  REQUIRE(benchmark.rows() == 2);
  CHECK(benchmark.value(benchmark.column("training_seconds"), 0) == 6296);
  CHECK(benchmark.value(benchmark.column("size"), 0) == 500000);
  CHECK(benchmark.value(benchmark.column("runs:statistic=run-2"), 0) == 8);
  CHECK(std::isnan(benchmark.value(benchmark.column("runs:statistic=run-2"), 1)));
}

TEST_CASE("table: faults say file, line and column") {
  TableFiles files;
  const auto error = [&](const std::string& table) {
    return error_of([&] { files.import(table, kPlain); });
  };
  CHECK(
      contains(error("arch,acc\na,x1\n"), "table.csv, line 2, column 'acc': 'x1' is not a number"));
  CHECK(contains(error("arch,acc\na,1\na,2\n"), "table.csv, line 3: architecture a comes twice"));
  CHECK(contains(error("arch,ac\na,1\n"), "did you mean 'ac'"));
  CHECK(contains(error_of([&] { files.import("{\"arch\": \"a\"}\n{]\n", kPlain, "t.jsonl"); }),
                 "t.jsonl, line 2, column 2: expected a key in quotes"));
}

TEST_CASE("table: a failed self-check is an error, or a note when forced") {
  TableFiles files;
  const std::string table = "arch,acc\na,1\nb,2\n";
  const std::string mapping =
      "rows = 3\n" + kPlain + "[[best]]\ncolumn = \"accuracy\"\nvalue = 5\n";
  const std::string error = error_of([&] { files.import(table, mapping); });
  CHECK(contains(error, "rows: expected 3, got 2"));
  CHECK(contains(error, "best accuracy: expected 5, got 2"));
  const ImportResult forced = files.import(table, mapping, "table.csv", true);
  REQUIRE(forced.checks.size() == 2);
  CHECK_FALSE(forced.checks[0].ok);
  CHECK(contains(forced.notes.back(), "self-checks failed"));
}

TEST_CASE("table: a mixed-up edge order is caught by the recomputed parameters") {
  // Two cells: one is its own mirror in both edge orders, the other is not.
  TableFiles files;
  const std::string mapping =
      "name = \"m\"\nspace = \"nasbench201\"\n[architecture]\nfields = \"ops\"\n"
      "notation = \"NOTATION\"\n[[column]]\nfield = \"params\"\n"
      "[[structure]]\ncolumn = \"params\"\n";
  const std::string table = "ops,params\n433000,129306\n220420,802426\n";
  const auto with = [&](const std::string& notation) {
    std::string text = mapping;
    text.replace(text.find("NOTATION"), 8, notation);
    return text;
  };
  CHECK(files.import(table, with("naslib_nb201")).checks.at(0).ok);
  const std::string error = error_of([&] { files.import(table, with("nasbench201_digits")); });
  CHECK(contains(error, "params recomputed through space nasbench201"));
}

TEST_CASE("mapping: unknown keys, values and notations are refused with line and near miss") {
  const auto error = [](const std::string& toml) {
    return error_of([&] { parse_mapping(toml, "m.toml"); });
  };
  CHECK(contains(error("nam = \"x\"\n"), "m.toml:1: unknown key 'nam'; did you mean 'name'"));
  CHECK(contains(error("name = \"x\"\n"), "[architecture] is missing"));
  CHECK(contains(error("name = \"x\"\n[architecture]\nfields = \"a\"\nnotation = \"nativ\"\n"),
                 "m.toml:4: unknown notation 'nativ'; did you mean 'native'"));
  CHECK(contains(error("name = \"x\"\n[architecture]\nfields = \"a\"\n"), "no [[column]]"));
  CHECK(contains(error(kPlain + "metrik = \"x\"\n"), "unknown key 'metrik'"));
  CHECK(contains(error(kPlain + "epochs = \"many\"\n"), "'epochs' must be a whole number"));
  CHECK(contains(error("name = = 1\n"), "m.toml:1: "));
}

TEST_CASE("mapping: every built-in one is read, and meant for files of its own") {
  // Their columns tell these two apart: both were published under one name.
  const std::set<std::string> shared{"latency.csv.gz"};
  std::map<std::string, std::string> owners;
  for (const BuiltinMapping& builtin : builtin_mappings()) {
    CAPTURE(builtin.name);
    const Mapping mapping = parse_mapping(builtin.text, builtin.name);
    CHECK(mapping.name == builtin.name);
    CHECK_FALSE(mapping.files.empty());
    for (const std::string& file : mapping.files) {
      if (!shared.contains(file)) CHECK(owners.emplace(file, mapping.name).second);
    }
  }
}

}  // namespace
}  // namespace nas
