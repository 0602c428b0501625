// ProxylessNAS by the latency of a look-up table, from the command line.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

struct Folder {
  TemporaryDirectory directory;

  std::string table(const std::string& more = "add *,0.25\nlinear *,0.5\n") const {
    const auto path = directory.path() / "toy.csv";
    write_file_atomically(path,
                          "key,latency_ms\nmbconv *,1\nconv2d *,0.5\nbatch_norm *,0\nrelu6 *,0\n"
                          "global_avg_pool *,0\n" +
                              more);
    return "latency_ms@toy=lookup:" + path.string();
  }
  Outcome search(const std::string& origin, const std::vector<std::string>& more) const {
    std::vector<std::string> words{"search",     "run",          "--space",    "proxylessnas",
                                   "--searcher", "proxylessnas", "--minimize", "latency_ms@toy",
                                   "--origin",   origin,         "--budget",   "2"};
    words.insert(words.end(), more.begin(), more.end());
    return nasctl(directory.path(), words);
  }
};

const std::vector<std::string> kTableAlone{"--searcher-option", "loss=cost", "--searcher-option",
                                           "epochs=20"};

std::vector<std::string> with(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE_FIXTURE(Folder, "a search by the latency of a table alone needs no data") {
  const Outcome found = search(table(), with(kTableAlone, {"--name", "fast", "--json"}));
  REQUIRE_MESSAGE(found.code == 0, found.err);
  CHECK(has(found.out, "Z Z Z"));
  const Outcome curve = nasctl(directory.path(), {"search", "status", "fast", "--curve"});
  CHECK(has(curve.out, "expected_latency_ms"));
}

TEST_CASE_FIXTURE(Folder, "a latency that no network has: the nearest one, exit 1") {
  const Outcome none =
      search(table(), with(kTableAlone, {"--constraint", "latency_ms<3@toy", "--name", "none"}));
  CHECK(none.code == 1);
  CHECK(has(none.err, "the nearest is trial 0"));
}

TEST_CASE_FIXTURE(Folder, "a missing entry, options without effect and missing data are named") {
  const Outcome missing = search(table("linear *,0.5\n"), kTableAlone);
  CHECK(is_one_line_error(missing));
  CHECK(has(missing.err, "no entry 'add"));
  const Outcome idle = search(table(), with(kTableAlone, {"--searcher-option", "paths=3"}));
  CHECK(is_one_line_error(idle));
  CHECK(has(idle.err, "paths = 3 has no effect with gates = full_v2"));
  const Outcome no_data = search(table(), {});
  CHECK(is_one_line_error(no_data));
  CHECK(has(no_data.err, "needs a data set"));
}

}  // namespace nas::test
