#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Imports a table of one row.
void import_row(const TemporaryDirectory& directory, const std::string& name,
                const std::string& space, const std::string& architecture) {
  const std::filesystem::path table = directory.path() / (name + ".csv");
  const std::filesystem::path mapping = directory.path() / (name + ".toml");
  write_file_atomically(table, "arch,acc\n\"" + architecture + "\",71.5\n");
  write_file_atomically(mapping, "name = \"" + name + "\"\nspace = \"" + space +
                                     "\"\n[architecture]\nfields = \"arch\"\n[[column]]\nfield = "
                                     "\"acc\"\nmetric = \"accuracy\"\n");
  const Outcome outcome = nasctl(
      directory.path(), {"bench", "import", table.string(), "--mapping", mapping.string(), "-q"});
  REQUIRE_MESSAGE(outcome.code == 0, outcome.err);
}

}  // namespace

TEST_CASE("an architecture is found under any spelling, and the answer says how") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  import_row(directory, "cells", "nasbench101",
             "{'matrix': [[0,1,1,0],[0,0,0,1],[0,0,0,1],[0,0,0,0]], 'ops': "
             "['input','maxpool3x3','conv1x1-bn-relu','output']}");
  import_row(directory, "nets", "ofa_mobilenetv3",
             "r=192;d=2,2,2,2,2;k=3,3,5,5,3,3,5,5,3,3,5,5,3,3,5,5,3,3,5,5;"
             "e=3,3,4,4,3,3,4,4,3,3,4,4,3,3,4,4,3,3,4,4");

  const Outcome shown = run({"arch", "show", "row:cells/0", "--json"});
  REQUIRE(shown.code == 0);
  CHECK(has(shown.out, "row_in_cells"));
  std::string hash;  // 32 hexadecimal digits in a row
  for (std::size_t i = std::min(shown.out.find("\"hash\""), shown.out.size()) + 6;
       hash.size() < 32 && i < shown.out.size(); ++i) {
    const bool hex = std::string_view("0123456789abcdef").find(shown.out[i]) != std::string::npos;
    hash = hex ? hash + shown.out[i] : "";
  }
  REQUIRE(hash.size() == 32);

  const Outcome answer = run(
      {"bench", "query", "cells", hash,
       "([[0,1,1,0,1],[0,0,0,1,0],[0,0,0,1,0],[0,0,0,0,0],[0,0,0,0,0]], ['input','conv1x1-bn-relu',"
       "'maxpool3x3','output','conv3x3-bn-relu'])",
       "--format", "csv"});
  CAPTURE(answer.err);
  CHECK(answer.code == 0);
  CHECK(has(answer.out, "0,same function,71.5,"));
  CHECK(has(answer.err, "hash " + hash + " is row 0"));
  CHECK(has(answer.err, "the same function"));
  CHECK(run({"bench", "query", "cells", "3:5:0"}).code == 1);

  const Outcome unused =
      run({"bench", "query", "nets", "{'ks': [3]  , 'e': [3], 'd': [2, 2, 2, 2, 2]}"});
  CHECK(is_one_line_error(unused));
  CHECK(has(run({"bench", "query", "nets",
                 "r=192;d=2,2,2,2,2;k=3,3,3,3,3,3,3,3,3,3;e=3,3,3,3,3,3,3,3,3,3"})
                .err,
            "is row 0"));

  const Outcome none = run({"arch", "show", "Genotype(normal=[('none', 0)]*8, reduce=[])"});
  CHECK(is_one_line_error(none));
  CHECK(is_one_line_error(run({"arch", "show", "(1, 2, 3, 0, 1, 2)"})));
  const Outcome notations = run({"space", "show", "darts"});
  CHECK(has(notations.out, "naslib_darts"));
  CHECK(has(notations.out, "nb301"));
}

}  // namespace nas::test
