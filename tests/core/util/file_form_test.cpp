#include "core/util/file_form.h"

#include <doctest/doctest.h>

#include <functional>

#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
namespace {

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

TEST_CASE(
    "the ending of a file decides its form, in capitals too, and an unknown one names the known") {
  CHECK(form_of_file("a/cell.SVG", "svg|dot", "--output") == "svg");
  CHECK(form_of_file("x.y.dot", "svg|dot", "--output") == "dot");
  CHECK(refusal([] { form_of_file("cell.png", "svg|dot", "--output"); }) ==
        "--output cell.png: unknown ending '.png'; one of .svg, .dot");
  CHECK(refusal([] { form_of_file("cell", "svg", "--curve"); }) ==
        "--curve cell: the file needs an ending; write .svg");
  CHECK(refusal([] { form_of_file("dir.svg/cell", "svg|dot", "--output"); }).size() > 0);
  CHECK(refusal([] { form_of_file("a.\x1b[31m", "svg", "--output"); }).find('\x1b') ==
        std::string::npos);
}

TEST_CASE("a folder under the name of a file is refused unless it is there") {
  const TemporaryDirectory directory;
  require_folder_name(directory.path() / "report", "--output", "files");
  require_folder_name(directory.path() / "v1.2", "--output", "files");
  CHECK(refusal([&] { require_folder_name("report.PDF", "--output", "report.md"); }) ==
        "--output report.PDF: this is the name of a folder, which gets report.md; name one "
        "without '.pdf'");
  std::filesystem::create_directory(directory.path() / "mine.csv");
  require_folder_name(directory.path() / "mine.csv", "--output", "files");
}

}  // namespace
}  // namespace nas
