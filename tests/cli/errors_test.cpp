#include <doctest/doctest.h>

#include <fstream>

#include "core/util/file.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// Runs nasctl, wants exit code 2 and one line that holds `part`.
void refuses(const std::filesystem::path& directory, const std::vector<std::string>& words,
             const std::string& part) {
  const Outcome outcome = nasctl(directory, words);
  CAPTURE(outcome.err);
  CHECK(is_one_line_error(outcome));
  CHECK(contains(outcome.err, part));
  CHECK(outcome.out.empty());
}

TEST_CASE("unknown names are one line with the near miss") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  refuses(path, {"serach", "run"}, "did you mean 'search'?");
  refuses(path, {"search", "rnu"}, "did you mean 'run'?");
  refuses(path, {"search"}, "needs a verb");
  refuses(path, {"search", "run", "--sapce", "x"}, "did you mean '--space'?");
  refuses(path, {"search", "run", "--space", "nasbench20"}, "did you mean 'nasbench201'?");
  refuses(path, {"search", "run", "--space", "darts", "--searcher", "evolutoin"},
          "did you mean 'evolution'?");
  refuses(path, {"search", "run", "--space", "darts", "--minimize", "mac"}, "did you mean 'macs'?");
  refuses(path, {"search", "run", "--space", "darts", "--preset", "shrot"},
          "did you mean 'short'?");
  refuses(path, {"search", "run", "--space", "darts", "--data", "glyphs", "--recipe", "epoch=3"},
          "did you mean 'epochs'?");
  refuses(path, {"data", "show", "glyph"}, "did you mean 'glyphs'?");
  refuses(path,
          {"arch", "show", "--space", "nasbench201",
           "|nor_conv_3x2~0|+|none~0|none~1|+|none~0|none~1|none~2|"},
          "did you mean 'nor_conv_3x3'?");
  refuses(path, {"space", "list", "--format", "jsn"}, "did you mean 'json'?");
  refuses(path, {"completion", "bahs"}, "did you mean 'bash'?");
  refuses(path, {"--versoin"}, "unknown option '--versoin'; did you mean '--version'?");
  refuses(path, {"--stroe=x.db", "db", "stats"}, "did you mean '--store'?");
  refuses(path, {"search", "--hlep"}, "did you mean '--help'?");
  refuses(path, {"arch", "show", "--space", "efficient_tdnn", "7.512.512.512.5.3.3.1536"},
          "did you mean '4'?");
  refuses(path, {"arch", "show", "--space", "efficient_tdnn", "2.500.512.512.5.3.3.1536"},
          "did you mean '512'?");
  refuses(path, {"search", "run", "--space", "darts", "--data", "glyphs", "--maximize", "acc"},
          "did you mean 'accuracy'?");
}

TEST_CASE("a name of a data set that stands for other data is refused") {
  const TemporaryDirectory directory;
  const auto run = [&](const std::vector<std::string>& words) {
    return nasctl(directory.path(), words);
  };
  REQUIRE(run({"data", "add", "small", "glyphs"}).code == 0);
  CHECK(run({"data", "add", "small", "glyphs"}).code == 0);  // the same again
  refuses(directory.path(), {"data", "add", "..", "glyphs"}, "cannot be the name of a data set");
  refuses(directory.path(), {"data", "add", "small", "folder:nowhere"},
          "data set 'small' stands for glyphs already; choose another name");
  // With --force the new data is looked at.
  const Outcome forced = run({"data", "add", "small", "folder:nowhere", "--force"});
  CHECK(forced.code == 2);
  CHECK_FALSE(contains(forced.err, "stands for"));
  CHECK(contains(run({"data", "list", "--json"}).out, "\"small\""));
}

TEST_CASE("wrong values say what was expected") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  refuses(path, {"search", "run", "--space", "darts", "--budget", "many"},
          "expected a whole number");
  refuses(path, {"search", "run", "--space", "darts", "--budget"}, "--budget");
  refuses(path, {"search", "run", "--space", "darts", "--constraint", "macs<"}, "macs<");
  refuses(path, {"arch", "show", "--space", "nasbench201", "index:15625"}, "15625");
  refuses(path, {"arch", "show", "--space", "nasbench201", "index:0", "--input", "3"}, "--input");
  refuses(path, {"arch", "show", "--space", "nasbench201", "index:0", "--input", "3,32"},
          "expected images [C, H, W]");
  refuses(path, {"arch", "show"}, "missing ARCHITECTURE");
  refuses(path, {"arch", "show", "index:0"}, "missing --space");
  refuses(path, {"search", "status", "x"}, "no results database");
}

TEST_CASE("foreign text reaches no terminal with its control characters") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const std::string evil = "e\x1b]0;owned\x07\xc2\x9b\xe2\x80\xae\xff.toml";
  const auto safe = [](const Outcome& outcome) {
    const std::string all = outcome.out + outcome.err;
    CAPTURE(all);
    CHECK(all.find_first_of("\x1b\x07\xff") == std::string::npos);
    CHECK_FALSE(contains(all, "\xc2\x9b"));
    CHECK_FALSE(contains(all, "\xe2\x80\xae"));
    CHECK(contains(all, "e?]0;owned"));
  };
  write(path / evil, "\"e\\u001b]0;owned\" = 1\n");
  safe(nasctl(path, {"search", "run", evil}));             // a path and a key of TOML
  safe(nasctl(path, {"search", "run", "absent" + evil}));  // a path alone
  safe(nasctl(path, {"db", "stats", "--store", evil}));    // a database
  safe(nasctl(path, {"space", "show", evil}));             // a name
  REQUIRE(nasctl(path, {"search", "run", "--space", "nasbench201", "--minimize", "params",
                        "--budget", "1", "--name", "n", "--store", "s.db"})
              .code == 0);
  const std::string query = "SELECT 'e\x1b]0;owned' AS 'e\x1b]0;owned'";
  for (const char* format : {"table", "csv"}) {
    safe(nasctl(path, {"db", "query", query, "--store", "s.db", "--format", format}));
  }
  safe(nasctl(path, {"db", "query", "SELECT \"e\x1b]0;owned\"\"\" FROM study", "--store", "s.db"}));
}

TEST_CASE("a malformed study file is file, line and reason") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  write(path / "a.toml", "name = \"x\"\nspace = [\n");
  refuses(path, {"search", "run", "a.toml"}, "a.toml:");
  write(path / "b.toml", "name = \"x\"\n\n[space]\nname = \"darts\"\n\n[budget]\ntrails = 4\n");
  refuses(path, {"search", "run", "b.toml"}, "b.toml:7");
  refuses(path, {"search", "run", "b.toml"}, "did you mean 'trials'?");
  refuses(path, {"search", "run", "absent.toml"}, "absent.toml");
}

TEST_CASE("damaged, foreign and newer databases are refused and left as they are") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  const std::vector<std::string> run = {"search",     "run",  "--space",  "nasbench201",
                                        "--minimize", "macs", "--budget", "2",
                                        "--name",     "n",    "--store",  "s.db"};
  REQUIRE(nasctl(path, run).code == 0);
  const std::string sound = read_file(path / "s.db");

  write(path / "cut.db", sound.substr(0, sound.size() / 2));
  write(path / "text.db",
        "this is not a database, but it is long enough to have a header of its own\n");
  CHECK(shell(path, "sqlite3 -version >/dev/null 2>&1 || true").code == 0);
  for (const char* file : {"cut.db", "text.db"}) {
    const std::string before = read_file(path / file);
    refuses(path, {"search", "list", "--store", file}, file);
    std::vector<std::string> again = run;
    again.back() = file;
    refuses(path, again, file);
    CHECK(read_file(path / file) == before);
  }

  // The schema version is the big-endian word at offset 60, the application's mark that at 68.
  std::string newer = sound;
  newer[60] = 0x7f;
  write(path / "newer.db", newer);
  refuses(path, {"search", "list", "--store", "newer.db"}, "newer");
  std::string foreign = sound;
  foreign[68] = static_cast<char>(foreign[68] ^ 0x55);
  write(path / "foreign.db", foreign);
  refuses(path, {"search", "list", "--store", "foreign.db"}, "foreign.db");
  refuses(path, {"search", "list", "--store", "no/such/dir/s.db"}, "no/such/dir/s.db");
}

TEST_CASE("a truncated CIFAR file names the file and the sizes") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  std::filesystem::create_directory(path / "c");
  const std::string record(3073, '\1');
  for (int i = 1; i <= 5; ++i) {
    write(path / "c" / ("data_batch_" + std::to_string(i) + ".bin"), record);
  }
  write(path / "c" / "test_batch.bin", record.substr(0, 3000));
  refuses(path, {"data", "show", "cifar10:c"}, "data_batch_1.bin: 30,730,000 bytes expected");
}

TEST_CASE("a loss that is not a number ends a training in one line") {
  const TemporaryDirectory directory;
  const Outcome outcome = nasctl(
      directory.path(), {"arch", "train", "--space", "nasbench201",
                         "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_"
                         "connect~1|skip_connect~2|",
                         "--data", "glyphs", "--preset", "smoke", "--recipe", "learning_rate=100",
                         "--recipe", "weight_decay=1", "--recipe", "epochs=3", "--quiet"});
  CAPTURE(outcome.err);
  CHECK(is_one_line_error(outcome));
  CHECK(contains(outcome.err, "loss is"));
  CHECK_FALSE(std::filesystem::exists(directory.path() / "searchlight.db"));
}

TEST_CASE("a closed pipe ends quietly, a full disk does not") {
  const TemporaryDirectory directory;
  const Outcome closed =
      shell(directory.path(),
            "$NASCTL space sample --space nats_size --count 20000 --format csv | head -1");
  CHECK(closed.code == 0);
  CHECK(closed.err.empty());
  CHECK(contains(closed.out, "architecture"));
  const Outcome full = shell(directory.path(), "$NASCTL space list > /dev/full");
  CHECK(is_one_line_error(full));
  CHECK(contains(full.err, "No space left on device"));
  const Outcome file = nasctl(directory.path(), {"arch", "export", "--space", "nasbench201",
                                                 "index:0", "--output", "no/dir/x.svg"});
  CHECK(is_one_line_error(file));
}

TEST_CASE("SQL can only read") {
  const TemporaryDirectory directory;
  const auto& path = directory.path();
  REQUIRE(nasctl(path, {"search", "run", "--space", "nasbench201", "--minimize", "macs", "--budget",
                        "3", "--name", "a'b\"; DROP TABLE trial; --", "--store", "s.db"})
              .code == 0);
  refuses(path, {"db", "query", "DELETE FROM trial", "--store", "s.db"}, "read");
  refuses(path, {"db", "query", "SELEC 1", "--store", "s.db"}, "syntax");
  const Outcome rows = nasctl(path, {"db", "query", "SELECT count(*) AS n FROM trial", "--store",
                                     "s.db", "--format", "csv"});
  CHECK(rows.out == "n\n3\n");
  CHECK(nasctl(path, {"db", "check", "--store", "s.db"}).code == 0);
}

}  // namespace
}  // namespace nas::test
