#include "app/lookup/architecture_lookup.h"
#include "app/lookup/equal_rows.h"

#include <doctest/doctest.h>

#include <cctype>
#include <functional>

#include "app/lookup/benchmark_query.h"
#include "app/lookup/place_words.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/app/benchmarks/benchmark_testing.h"

namespace nas::test {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Benchmark table_of(const std::string& name, const std::string& space,
                   std::vector<std::string> texts) {
  Benchmark benchmark(BenchmarkInfo{.name = name, .space = space, .space_version = "1"});
  std::vector<double> values;
  for (std::size_t i = 0; i < texts.size(); ++i) values.push_back(90 + static_cast<double>(i));
  benchmark.set_rows(std::move(texts));
  benchmark.add_column({.metric = "accuracy"}, std::move(values));
  return benchmark;
}

struct Asked {
  std::size_t row;
  bool same_text;
  std::string note;
};

/// The row of a text, which must be there.
Asked ask(ArchitectureLookup& lookup, const Benchmark& benchmark, const std::string& text) {
  CAPTURE(text);
  const RowOfText answer = lookup.row(benchmark, text);
  REQUIRE(answer.found.has_value());
  return {answer.found->row, answer.found->same_text, answer.note};
}

const PluginChoice k101{"nasbench101", {}};
constexpr const char* kBranches = "0110000100010000:input,conv1x1-bn-relu,maxpool3x3,output";
constexpr const char* kSwapped = "0110000100010000:input,maxpool3x3,conv1x1-bn-relu,output";

TEST_CASE("lookup: one cell of NAS-Bench-101 under every spelling, and by its hash") {
  BenchmarkFixture fixture;
  ArchitectureLookup lookup(fixture.session);
  const NamedByText cell = lookup.architecture(kBranches, k101);
  const Benchmark table = table_of("cells", "nasbench101", {"3:5:2", cell.text});
  const Asked same = ask(lookup, table, " " + cell.text + "\n");
  CHECK(same.row == 1);
  CHECK(same.same_text);
  CHECK(same.note.empty());

  const std::string spelled =
      "{'module_adjacency': array([[0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]), "
      "'module_operations': ['input', 'conv1x1-bn-relu', 'maxpool3x3', 'output']}";
  CHECK(ask(lookup, table, spelled).same_text);
  CHECK(has(ask(lookup, table, spelled).note, "read as matrix_and_operations"));

  const std::string dead =
      "{'matrix': [[0,1,1,1,0], [0,0,0,0,0], [0,0,0,0,1], [0,0,0,0,1], [0,0,0,0,0]], 'ops': "
      "['input','conv3x3-bn-relu','conv1x1-bn-relu','maxpool3x3','output']}";
  for (const std::string& text : {std::string(kSwapped), dead}) {
    const Asked other = ask(lookup, table, text);
    CHECK(other.row == 1);
    CHECK_FALSE(other.same_text);
    CHECK(has(other.note, "row 1, " + cell.text + ": the same function in another text"));
  }
  // A table may hold the dead vertices itself.
  const Benchmark drawn =
      table_of("drawn", "nasbench101", {lookup.architecture(dead, k101).text, "3:5:2"});
  CHECK(ask(lookup, drawn, kBranches).row == 0);
  CHECK(ask(lookup, drawn, kSwapped).row == 0);

  std::string hash = *published_hash(*cell.space, cell.architecture);
  CHECK(hash.size() == 32);
  CHECK(ask(lookup, table, hash).row == 1);
  CHECK(has(ask(lookup, table, hash).note, "hash " + hash + " is row 1"));
  for (char& c : hash) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK(ask(lookup, table, hash).row == 1);
  CHECK_FALSE(lookup.row(table, "00000000000000000000000000000000").found);
  CHECK_FALSE(lookup.row(table, "3:5:1").found);
}

TEST_CASE("lookup: what has no effect in the other spaces does not hide a row") {
  BenchmarkFixture fixture;
  const auto check = [&](const char* space, const std::string& row, const std::string& equal,
                         const std::string& different) {
    CAPTURE(std::string(space));
    ArchitectureLookup lookup(fixture.session);
    const Benchmark table = table_of("table", space, {row});
    const Asked asked = ask(lookup, table, equal);
    CHECK(asked.row == 0);
    CHECK_FALSE(asked.same_text);
    CHECK(has(asked.note, "the same function"));
    CHECK_FALSE(lookup.row(table, different).found);
  };
  check("ofa_mobilenetv3",
        "r=224;d=2,2,2,2,2;k=3,3,5,5,3,3,5,5,3,3,5,5,3,3,5,5,3,3,5,5;"
        "e=3,3,4,4,3,3,4,4,3,3,4,4,3,3,4,4,3,3,4,4",
        "{'ks': [3,3,7,7,3,3,7,7,3,3,7,7,3,3,7,7,3,3,7,7], 'e': [3,3,6,6,3,3,6,6,3,3,6,6,3,3,6,6,"
        "3,3,6,6], 'd': [2,2,2,2,2], 'r': [224]}",
        "r=224;d=2,2,2,2,2;k=3,3,3,3,3,3,3,3,3,5;e=3,3,3,3,3,3,3,3,3,3");
  check("nasbench201", "|skip_connect~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|",
        "|none~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|skip_connect~2|",
        "|none~0|+|nor_conv_1x1~0|none~1|+|none~0|none~1|skip_connect~2|");
  check("transnas_micro", "64-41414-3_12_310", "(3, 0, 3, 3, 1, 0)", "(2, 0, 3, 3, 1, 0)");
}

TEST_CASE("lookup: rows, numbers, trials' spellings and files name an architecture") {
  BenchmarkFixture fixture;
  fixture.session.writer().put_benchmark(five_cells("cells"));
  ArchitectureLookup lookup(fixture.session);
  const Benchmark table = five_cells("cells");
  const PluginChoice space{"nasbench201", {}};
  const auto text = [&](std::string_view word) { return lookup.architecture(word, space).text; };
  CHECK(text("index:0") == table.text(0));
  CHECK(text("index:284") == table.text(2));
  CHECK(text("284") == table.text(2));
  CHECK(text("13,714") == text("index:13714"));
  CHECK(text("index:13,714") == text("index:13714"));
  CHECK(text("INDEX:13_714") == text("index:13714"));
  CHECK(text("index=284") == table.text(2));
  CHECK(text("row:cells/3") == table.text(3));
  CHECK(lookup.architecture("row:cells/3", std::nullopt).text == table.text(3));
  CHECK(lookup.architecture("row:3", space, "cells").text == table.text(3));
  for (const char* row : {"row:4", "#4", "row:cells/4"}) {
    CHECK(lookup.row(table, row).found == FoundRow{4, true});
  }
  CHECK(lookup.row(table, "index:284").found == FoundRow{2, true});
  const std::filesystem::path file = fixture.directory.path() / "cell.txt";
  write_file_atomically(file, "\n'" + table.text(1) + "',\n");
  CHECK(text("@" + file.string()) == table.text(1));
  CHECK(lookup.row(table, "@" + file.string()).found == FoundRow{1, true});
  CHECK(text("# the best of seed 2\n" + table.text(1)) == table.text(1));
  // As editors of other systems save it.
  write_file_atomically(file, "\xef\xbb\xbf# a cell\r\n" + table.text(1) + "\r\n");
  CHECK(text("@" + file.string()) == table.text(1));

  const auto error = [&](std::string_view word) { return error_of([&] { text(word); }); };
  CHECK(has(error("index:x"), "expected a number after 'index:'"));
  CHECK(has(error("index:15625"), "past the end"));
  CHECK(has(error("row:3"), "which benchmark is not said; write row:BENCHMARK/N"));
  CHECK(has(error("row:cell/3"), "did you mean 'cells'"));
  CHECK(has(error("row:cells/5"), "expected row:0 to row:4"));
  CHECK(has(error("@/no/such/file"), "/no/such/file"));
  write_file_atomically(file, "# cells\n" + table.text(1) + "\n\n" + table.text(2) + "\n");
  CHECK(
      has(error("@" + file.string()), "holds 2 architectures, one per line; @FILE stands for one"));
  CHECK(has(error_of([&] { lookup.row(table, "@" + file.string()); }), "holds 2 architectures"));
  write_file_atomically(file, "<!DOCTYPE html><html></html>");
  CHECK(has(error("@" + file.string()), "web page"));
  CHECK(has(error("0123456789abcdef0123456789abcdef"), "a hash alone does not say"));
  CHECK(has(error("|nor_conv_3x4~0|"), "did you mean 'nor_conv_3x3'"));
  CHECK(has(error("nonsense"), "nasctl space show nasbench201"));
  CHECK(has(error_of([&] {
              lookup.architecture("index:3", PluginChoice{"darts", {}});
            }),
            "has no published order"));
}

TEST_CASE("lookup: the space may be left out where one alone reads the text") {
  BenchmarkFixture fixture;
  ArchitectureLookup lookup(fixture.session);
  const auto space = [&](std::string_view text) {
    return lookup.architecture(text, std::nullopt).space->info().name;
  };
  CHECK(space("DARTS_V2") == "darts");
  CHECK(space("8:8:8:8:8") == "nats_size");
  CHECK(space("64-41414-3_32_132") == "transnas_micro");
  CHECK(space("64-1242-basic") == "transnas_macro");
  CHECK(space("(4, 3, 3, 0, 0, 0)") == "nasbench201");
  CHECK(space("22212202") == "nasbench_macro");
  CHECK(space(kBranches) == "nasbench101");
  const auto error = [&](std::string_view text) {
    return error_of([&] { lookup.architecture(text, std::nullopt); });
  };
  CHECK(has(error("(1, 2, 3, 0, 1, 2)"), "nasbench201, transnas_micro"));
  CHECK(has(error("(1, 2, 3, 0, 1, 2)"), "--space NAME"));
  CHECK(has(error("357"), "--space NAME"));
  CHECK(has(error("index:3"), "--space NAME"));
  CHECK(has(error("nonsense"), "--space NAME"));
}

TEST_CASE("lookup: a table of none of our spaces is asked by its own texts and rows") {
  BenchmarkFixture fixture;
  ArchitectureLookup lookup(fixture.session);
  const Benchmark table = table_of("runs", "", {"run-a", "run-b"});
  CHECK(lookup.row(table, "run-b").found == FoundRow{1, true});
  CHECK(lookup.row(table, "row:1").found == FoundRow{1, true});
  CHECK_FALSE(lookup.row(table, "run-c").found);
}

TEST_CASE("lookup: a query says which row answers and that it is another text") {
  BenchmarkFixture fixture;
  ArchitectureLookup lookup(fixture.session);
  const NamedByText branches = lookup.architecture(kBranches, k101);
  fixture.session.writer().put_benchmark(
      table_of("cells", "nasbench101", {"3:5:2", branches.text}));
  const QueryAnswer answer =
      query_benchmark(fixture.session, "cells", {.architectures = {"3:5:2", kSwapped, "3:5:0"}});
  CHECK(answer.absent == std::vector<std::string>{"3:5:0"});
  REQUIRE(answer.table.rows.size() == 2);
  CHECK(answer.table.columns[1].name == "match");
  CHECK(std::get<std::string>(answer.table.rows[0][1]) == "same text");
  CHECK(std::get<std::string>(answer.table.rows[1][1]) == "same function");
  REQUIRE(answer.notes.size() == 1);
  CHECK(has(answer.notes[0], "is row 1, " + branches.text));

  const std::vector<EqualRow> equal =
      equal_rows(fixture.session, *branches.space, branches.architecture);
  REQUIRE(equal.size() == 1);
  CHECK(equal[0].benchmark == "cells");
  CHECK(equal[0].found == FoundRow{1, true});
}

}  // namespace
}  // namespace nas::test
