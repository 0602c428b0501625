#include "app/reports/smoke.h"

#include <doctest/doctest.h>

#include <ctime>

#include "app/study/study.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

constexpr const char* kSignature =
    "searchlight-smoke 1\n"
    "# a comment\n"
    "accuracy_tolerance=8\n"
    "trial=0 outcome=complete params=100 macs=2000 accuracy=50.5 architecture=|a~0|\n"
    "trial=1 outcome=infeasible params=300 macs=9000 architecture=|b~0|\n";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("signatures agree within the tolerance and only there") {
  CHECK(compare_signatures(kSignature, kSignature).empty());
  CHECK(compare_signatures(kSignature, replaced(kSignature, "50.5", "57.5")).empty());
  CHECK(compare_signatures(kSignature, replaced(kSignature, "50.5", "59")) ==
        std::vector<std::string>{"trial 0: accuracy is 59, expected 50.5 within 8"});
  CHECK(compare_signatures(kSignature, replaced(kSignature, "params=300", "params=301")) ==
        std::vector<std::string>{"trial 1: params is 301, expected 300"});
  CHECK(compare_signatures(kSignature, replaced(kSignature, "|b~0|", "|c~0|")).size() == 1);
  CHECK(compare_signatures(kSignature, replaced(kSignature, "trial=1", "trial=2")) ==
        std::vector<std::string>{"trial 1 is missing", "trial 2 is unexpected"});
  CHECK(compare_signatures(kSignature, replaced(kSignature, " accuracy=50.5", "")).size() == 1);
}

TEST_CASE("what is not a signature is refused with its line") {
  CHECK(contains(error_of([] { compare_signatures("hello", kSignature); }), "line 1"));
  CHECK(contains(error_of([] { check_signature("hello"); }), "line 1"));
  check_signature(kSignature);
  CHECK(contains(error_of([] { compare_signatures("searchlight-smoke 1\nwords\n", kSignature); }),
                 "line 2"));
}

TEST_CASE("acceptance: the smoke search agrees with its stored signature in under a minute") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const std::clock_t start = std::clock();
  const StudyReport report = run_study(session, smoke_config());
  // Time of the processor, so that other load does not count.
  CHECK(static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < 60);
  CHECK(report.failed == 0);
  const std::string actual = smoke_signature(session, "smoke");
  const std::string expected = read_file("tests/smoke.signature");
  const std::vector<std::string> lines = compare_signatures(expected, actual);
  INFO(join(lines, "\n"));
  CHECK(lines.empty());
}
