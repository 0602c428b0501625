#include <doctest/doctest.h>

#include <filesystem>

#include "db/importers/import_source.h"
#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"

namespace nas {
namespace {

namespace fs = std::filesystem;
using test::contains;
using test::error_of;

const std::string kTable = "arch,acc\nA,1\nB,2\n";
const std::string kMapping =
    "name = \"t\"\n[architecture]\nfields = \"arch\"\n[[column]]\nfield = \"acc\"\n";

using test::kTarEnd;
using test::tar_member;

class Place {
 public:
  fs::path write(const std::string& name, const std::string& bytes) {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    write_file_atomically(path, bytes);
    return path;
  }
  ImportResult import(const fs::path& path, std::string_view importer = "") {
    ImportRequest request = test::request_for(path);
    request.mapping = write("mapping/m.toml", kMapping).string();
    return import_file(request, importer, {});
  }
  ImportResult import(const std::string& name, const std::string& bytes) {
    return import(write(name, bytes));
  }

 private:
  TemporaryDirectory folder_;
};

TEST_CASE("archives: what was downloaded is read as it is, whatever its name says") {
  Place place;
  const std::string tar = tar_member("./data/", "", '5') + tar_member("./data/t.csv", kTable) +
                          tar_member("link", "", '2') + kTarEnd;
  struct Form {
    const char* name;
    std::string bytes;
  };
  for (const Form& form :
       {Form{"t.tar", tar},
        {"t.tar.gz", test::gzip(tar)},
        {"t.tgz", test::gzip(tar)},
        {"t.tar.bz2", test::bzip2(tar)},
        {"noname", tar},
        {"t.zip", test::zip_of("a/b/t.csv", kTable, 8)},
        {"t.csv.gz", test::gzip(kTable)},
        {"t.csv.bz2", test::bzip2(kTable)},
        {"t.json.gz", test::gzip(R"([{"arch":"A","acc":1},{"arch":"B","acc":2}])")}}) {
    CAPTURE(form.name);
    CHECK(place.import(form.name, form.bytes).benchmark.rows() == 2);
  }
  // One thing beside others, and folders in folders.
  place.write("d/d/README.md", "x");
  CHECK(
      place.import(place.write("d/d/t.csv", kTable).parent_path().parent_path()).benchmark.rows() ==
      2);
  place.write("e/one.csv", kTable);
  const fs::path two = place.write("e/two.csv", kTable);
  CHECK(contains(error_of([&] { place.import(two.parent_path()); }),
                 "holds several things to import: one.csv (table), two.csv (table)"));
}

TEST_CASE("archives: damage names archive and member, and nothing is written outside") {
  Place place;
  const auto error = [&](const std::string& name, const std::string& bytes) {
    return error_of([&] { place.import(name, bytes); });
  };
  const std::string member = tar_member("d/t.csv", "arch,acc\nA,x\n");
  const std::string wrong = error("w.tar", member + kTarEnd);
  CHECK(contains(wrong, "t.csv, line 2, column 'acc': 'x' is not a number"));
  CHECK(contains(error("o.tar", tar_member("../../evil.csv", kTable) + kTarEnd),
                 "o.tar, member '../../evil.csv': leads out of the archive"));
  CHECK(contains(error("s.tar", member + member + kTarEnd), "member 'd/t.csv': comes twice"));
  std::string damaged = member + kTarEnd;
  damaged[3] = 'X';
  CHECK(contains(error("h.tar", damaged), "h.tar"));
  CHECK(contains(error("n.zip", "not a zip"), "its name ends with .zip, but it is not"));
  CHECK(contains(error("p.csv.gz", test::gzip("version https://git-lfs.github.com/spec/v1\n")),
                 "Git LFS pointer"));
  CHECK(contains(error("book.xlsx", test::zip_of("x", "y", 0)), "a workbook"));
  CHECK(contains(
      error_of([&] { import_file(test::request_for(place.write("notes.txt", "hello")), "", {}); }),
      "with --importer NAME"));
  CHECK(contains(error("page.pth", "<html>"), "a web page"));
}

TEST_CASE("archives: cut at any byte, each is one line that names it") {
  Place place;
  const std::string tar = tar_member("d/t.csv", kTable) + kTarEnd;
  struct Form {
    const char* name;
    std::string bytes;
  };
  for (const Form& form : {Form{"t.tar", tar},
                           {"t.tar.gz", test::gzip(tar)},
                           {"t.tar.bz2", test::bzip2(tar)},
                           {"t.zip", test::zip_of("d/t.csv", kTable, 8)},
                           {"t.csv.gz", test::gzip(kTable)},
                           {"t.csv.bz2", test::bzip2(kTable)}}) {
    CAPTURE(form.name);
    const std::size_t step = form.bytes.size() > 600 ? 13 : 1;
    for (std::size_t size = 0; size < form.bytes.size(); size += step) {
      CAPTURE(size);
      const std::string error =
          error_of([&] { place.import(form.name, form.bytes.substr(0, size)); });
      CHECK(contains(error, "t."));
      CHECK(error.find('\n') == std::string::npos);
      CHECK_FALSE(contains(error, "/_/"));
    }
  }
}

}  // namespace
}  // namespace nas
