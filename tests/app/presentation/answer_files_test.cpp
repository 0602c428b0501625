#include "app/presentation/answer_files.h"

#include <doctest/doctest.h>

#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

}  // namespace

TEST_CASE("files of an answer are all written, or the folder is as it was") {
  const TemporaryDirectory place;
  const auto folder = place.path() / "report";
  const std::vector<AnswerFile> files = {{"a.csv", "1"}, {"b.md", "2"}};
  CHECK(write_files(folder, files) ==
        std::vector<std::filesystem::path>{folder / "a.csv", folder / "b.md"});
  CHECK(read_file(folder / "b.md") == "2");
  CHECK(files_in(folder) == 2);

  // A file that cannot be written, as on a full disk: no other one changes.
  const std::vector<AnswerFile> broken = {{"a.csv", "new"}, {"none/b.md", "new"}};
  CHECK_THROWS_AS(write_files(folder, broken), Error);
  CHECK(read_file(folder / "a.csv") == "1");
  CHECK(files_in(folder) == 2);
  CHECK_THROWS_AS(write_files(place.path() / "new", broken), Error);
  CHECK_FALSE(std::filesystem::exists(place.path() / "new"));
}
