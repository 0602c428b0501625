#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/cli/program.h"

namespace nas::test {
namespace {

using Words = std::vector<std::string>;
using Json = nlohmann::json;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Place {
  TemporaryDirectory directory;
  Outcome run(const Words& words) const { return nasctl(directory.path(), words); }
  void write(const std::string& name, const std::string& text) const {
    write_file_atomically(directory.path() / name, text);
  }
  /// Rows of a query.
  Json query(const std::string& sql) const {
    return Json::parse(run({"db", "query", sql, "--json"}).out).at("rows");
  }
};

const Words kSmall = {"--space", "nasbench201", "--input", "3,8,8",         "--width",
                      "4",       "--depth",     "1",       "--despite-load"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Every operation of NAS-Bench-201 at any size; a convolution is dear.
constexpr const char* kTable =
    "key,latency_ms\nrelu_conv_bn *,0.5\nnb201_residual *,0.3\nconv2d *,0.1\navg_pool *,0.2\n"
    "batch_norm *,0.01\nrelu *,0.01\nadd *,0.01\nzero *,0\nidentity *,0\n"
    "global_avg_pool *,0.1\nlinear *,0.1\n";

}  // namespace

TEST_CASE("devices as records: added, listed, shown; a second setting names both, exit 2") {
  const Place place;
  const Outcome added = place.run({"device", "add", "host-t2", "--threads", "2", "--json"});
  CAPTURE(added.err);
  REQUIRE(added.code == 0);
  const std::string settings = Json::parse(added.out).at("settings");
  CHECK(settings.starts_with("batch=1,threads=2,precision=float32,runtime=libtorch "));
  CHECK(place.run({"device", "add", "host-t2", "--threads", "2"}).code == 0);
  const Outcome other = place.run({"device", "add", "host-t2", "--threads", "1"});
  CHECK(is_one_line_error(other));
  CHECK(contains(other.err, "batch=1,threads=2,"));
  CHECK(contains(other.err, "batch=1,threads=1,"));
  REQUIRE(place
              .run({"device", "add", "note10", "--machine", "Galaxy Note 10", "--runtime",
                    "TF-Lite", "--batch", "1"})
              .code == 0);
  const Outcome listed = place.run({"device", "list"});
  CHECK(contains(listed.out, "host-t2"));
  CHECK(contains(listed.out, "this machine"));
  CHECK(contains(listed.out, "Galaxy Note 10"));
  const Outcome shown = place.run({"device", "show", "note10"});
  CHECK(shown.code == 0);
  CHECK(contains(shown.err, "neither the database nor a benchmark has a value"));
  CHECK(is_one_line_error(place.run({"device", "add", "host"})));
  CHECK(contains(place.run({"device", "add", "stm32f746"}).err, "is a microcontroller"));
  CHECK(is_one_line_error(place.run({"device", "add", "x", "--runtime", "TF-Lite"})));
  CHECK(is_one_line_error(
      place.run({"device", "add", "x", "--machine", "", "--runtime", "TF-Lite"})));
  CHECK(is_one_line_error(place.run({"device", "add", "x", "--kind", "npu"})));
  CHECK(is_one_line_error(
      place.run({"device", "add", "x", "--kind", "table", "--machine", "board"})));
  CHECK(is_one_line_error(
      place.run(with({"device", "measure", "index:0", "--device", "note10"}, kSmall))));
}

TEST_CASE("networks are measured here, kept, and not measured again; two machines are two hosts") {
  const Place place;
  const Words words = with({"device", "measure", "index:0", "index:7", "--json"}, kSmall);
  const Outcome first = place.run(words);
  CAPTURE(first.err);
  REQUIRE(first.code == 0);
  const Json row = Json::parse(first.out).at("rows").at(1);
  CHECK(row.at("quartile_low_ms") <= row.at("latency_ms"));
  CHECK(row.at("latency_ms") <= row.at("quartile_high_ms"));
  const Outcome again = place.run(words);
  CHECK(contains(again.out, "measured before"));
  CHECK(place.query("SELECT latency_ms FROM latency").size() == 2);
  const Outcome low = place.run(
      with({"device", "measure", "index:0", "--precision", "bfloat16", "--batch", "2"}, kSmall));
  CHECK(low.code == 0);
  const Outcome elsewhere =
      shell(place.directory.path(), "SEARCHLIGHT_MACHINE=lab-9 $NASCTL " + join(words, " "));
  CHECK(elsewhere.code == 0);
  CHECK_FALSE(contains(elsewhere.out, "measured before"));
  const Json hosts = place.query(
      "SELECT DISTINCT machine, precision FROM latency WHERE device = 'host' ORDER BY machine");
  REQUIRE(hosts.size() == 3);
  CHECK(contains(place.run({"device", "show", "host", "--json"}).out, "latency_ms, measured"));
}

TEST_CASE("device measure: what has no effect is refused, and exit 1 where nothing was measured") {
  const Place place;
  for (const Words& words : std::vector<Words>{{"--threads", "4"},
                                               {"--batch", "8"},
                                               {"--input", "3,8,8"},
                                               {"--precision", "bfloat16"}}) {
    const Outcome outcome = place.run(with({"device", "measure"}, words));
    CHECK(is_one_line_error(outcome));
    CHECK(contains(outcome.err, "has no effect without"));
  }
  CHECK(is_one_line_error(place.run(
      with({"device", "measure", "index:0", "--caches", "cold", "--threads", "2"}, kSmall))));
  const Outcome option = place.run({"device", "measure", "--suggest", "2", "--space", "nasbench201",
                                    "--space-option", "nodes=4"});
  CHECK(contains(option.err, "--space-option has no effect with --suggest"));
  // Its pools have no place in one pixel.
  const Outcome failed = place.run({"device", "measure", "index:0", "--space", "nasbench201",
                                    "--input", "3,1,1", "--despite-load"});
  CAPTURE(failed.err);
  CHECK(failed.code == 1);
  CHECK(contains(failed.err, "1 could not be measured"));
  const Outcome few = place.run({"device", "measure", "--random", "500", "--space", "cifar_resnet",
                                 "--input", "80,300", "--despite-load"});
  CAPTURE(few.err);
  CHECK(contains(few.err, " of 500 networks: "));
}

TEST_CASE("a busy machine is not measured unless the user says so") {
  const Place place;
  const Outcome busy =
      shell(place.directory.path(),
            "timeout 30 bash -c 'while :; do :; done' & $NASCTL device measure --space nasbench201 "
            "index:0 --input 3,8,8; code=$?; kill $!; exit $code");
  CHECK(busy.code == 2);
  CHECK(contains(busy.err, "this machine is busy: "));
  CHECK(contains(busy.err, "--despite-load"));
}

TEST_CASE("a search on a device of this machine measures; the value says device and source") {
  const Place place;
  REQUIRE(place.run({"device", "add", "t2", "--threads", "2", "--batch", "2"}).code == 0);
  const Outcome searched = place.run({"search", "run", "--space", "cifar_resnet", "--minimize",
                                      "latency_ms@t2", "--budget", "2", "--name", "s", "-q"});
  CAPTURE(searched.err);
  REQUIRE(searched.code == 0);
  const Json rows = place.query("SELECT device, threads, batch, source FROM latency");
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].at("device") == "t2");
  CHECK(rows[0].at("threads") == 2);
  CHECK(rows[0].at("source") == "measured");
  const Outcome status = place.run({"search", "status", "s", "--config"});
  CHECK(contains(status.out, "latency_ms@t2 = measured:t2"));
  const Outcome unknown = place.run(
      {"search", "run", "--space", "cifar_resnet", "--minimize", "latency_ms@t3", "--budget", "2"});
  CHECK(is_one_line_error(unknown));
}

TEST_CASE("a device elsewhere: nothing known is an error, its table is taken, limits are kept") {
  const Place place;
  REQUIRE(place.run({"device", "add", "board", "--machine", "board 7", "--batch", "1"}).code == 0);
  const auto search = [&place](const std::string& limit) {
    return place.run({"search", "run", "--space", "nasbench201", "--maximize", "macs",
                      "--constraint", "latency_ms<" + limit + "@board", "--budget", "8", "--name",
                      "s" + limit, "--no-winner"});
  };
  const Outcome nothing = search("9");
  CHECK(is_one_line_error(nothing));
  CHECK(contains(nothing.err, "has no measurement of latency_ms"));
  place.write("board.csv", kTable);
  const Outcome imported = place.run({"device", "import", "board", "board.csv"});
  CAPTURE(imported.err);
  REQUIRE(imported.code == 0);
  const Outcome searched = search("20");
  CAPTURE(searched.err);
  CHECK(searched.code == 0);
  CHECK(place.query("SELECT DISTINCT source FROM latency WHERE device = 'board'")[0].at("source") ==
        "predicted");
  // Below the fastest network: the closest, exit 1.
  const Outcome impossible = search("0.01");
  CHECK(impossible.code == 1);
  CHECK(contains(impossible.out, "latency_ms@board"));
  for (const Words& words : std::vector<Words>{{"--architecture", "key"},
                                               {"--metric", "energy_mj"},
                                               {"--input", "3,8,8"},
                                               {"--space", "nasbench201"}}) {
    CHECK(contains(place.run(with({"device", "import", "board", "board.csv"}, words)).err,
                   words[0] + " has no effect: the file is a look-up table"));
  }
  CHECK(contains(place.run({"device", "import", "board", "board.csv"}).err, "nothing to do"));
  place.write("other.csv", std::string(kTable) + "quantum *,1\n");
  CHECK(is_one_line_error(place.run({"device", "import", "board", "other.csv"})));
  CHECK(place.run({"device", "import", "board", "other.csv", "--force"}).code == 0);
  CHECK(contains(place.run({"device", "import", "host", "board.csv"}).err,
                 "searches measure latency_ms@host, which is this machine"));
  place.write("devices/board.csv", kTable);
  const Outcome edited = place.run({"device", "show", "board"});
  CHECK(edited.code == 2);
  CHECK(contains(edited.err, "was changed since it was imported"));
  place.write("bad.csv", "key,latency_ms\nconv2d *,0.5\nadd *,-1\n");
  const Outcome bad = place.run({"device", "import", "board", "bad.csv"});
  CHECK(is_one_line_error(bad));
  CHECK(contains(bad.err, "bad.csv, line 3: latency_ms = '-1'"));
}

TEST_CASE("what a table said of the winner on this machine is measured at the end") {
  const Place place;
  place.write("host.csv", kTable);
  const Words words = {
      "search",   "run", "--space", "nasbench201", "--minimize", "latency_ms@host",
      "--budget", "4",   "--name",  "s",           "--origin",   "latency_ms@host=lookup:host.csv"};
  const Outcome searched = place.run(words);
  CAPTURE(searched.err);
  REQUIRE(searched.code == 0);
  CHECK(contains(searched.err, "latency_ms@host of the winner (trial "));
  CHECK(contains(searched.err, " ms by lookup:host.csv, "));
  CHECK(contains(searched.err, " the measured "));
  CHECK(contains(place.run(words).err, "ms measured before"));
  CHECK(place.query("SELECT latency_ms FROM latency WHERE source = 'measured'").size() == 1);
}

TEST_CASE("the look-up table of this machine: made, used, and not replaced unasked") {
  const Place place;
  const Words words = {"device",    "measure", "--lut",    "nasbench201", "--input",
                       "3,8,8",     "--width", "4",        "--depth",     "1",
                       "--repeats", "1",       "--output", "t.csv",       "--despite-load"};
  const Outcome made = place.run(with(words, {"--json"}));
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(Json::parse(made.out).at("entries") > 20);
  CHECK(contains(made.err, "--origin latency_ms@host=lookup:t.csv"));
  const Outcome used =
      place.run({"arch", "latency", "--space", "nasbench201", "index:0", "--input", "3,8,8",
                 "--width", "4", "--depth", "1", "--lookup", "t.csv", "--layers"});
  CAPTURE(used.err);
  CHECK(used.code == 0);
  CHECK(is_one_line_error(place.run(words)));
  const Outcome missing =
      place.run({"arch", "latency", "--space", "nasbench201", "index:0", "--input", "3,16,16",
                 "--width", "4", "--depth", "1", "--lookup", "t.csv"});
  CHECK(is_one_line_error(missing));
  CHECK(contains(missing.err, "has no entry 'conv2d 3x16x16"));
}

}  // namespace nas::test
