#include "app/session/session.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

#include "core/util/file.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using nas::test::contains;
using nas::test::error_of;

TEST_CASE("a session creates no store until something is written") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "store.db";
  Session session({.store = path, .progress = nullptr, .stop = {}});
  CHECK(contains(error_of([&] { session.reader(); }), "run a search first"));
  CHECK_FALSE(std::filesystem::exists(path));
  session.writer();
  CHECK(std::filesystem::exists(path));
  CHECK(session.reader().studies().empty());
  CHECK(session.models_directory() == directory.path() / "models");
}

TEST_CASE("a file that is not a store is refused and not changed") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "notes.txt";
  std::ofstream(path) << "just some notes that somebody wrote\n";
  Session session({.store = path, .progress = nullptr, .stop = {}});
  CHECK_FALSE(error_of([&] { session.reader(); }).empty());
  CHECK_FALSE(error_of([&] { session.writer(); }).empty());
  CHECK(read_file(path) == "just some notes that somebody wrote\n");
}

TEST_CASE("a session that reads before it writes leaves no log beside its database") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "store.db";
  Session({.store = path, .progress = nullptr, .stop = {}}).writer();
  {
    Session session({.store = path, .progress = nullptr, .stop = {}});
    CHECK(session.reader().studies().empty());
    session.writer().add_dataset({.name = "letters", .spec = "glyphs"});
    CHECK(std::filesystem::exists(path.string() + "-wal"));
  }
  CHECK_FALSE(std::filesystem::exists(path.string() + "-wal"));
  CHECK_FALSE(std::filesystem::exists(path.string() + "-shm"));
  CHECK(Session({.store = path, .progress = nullptr, .stop = {}}).reader().datasets().size() == 1);
}

TEST_CASE("the store is named by option, then by environment") {
  setenv("SEARCHLIGHT_STORE", "/tmp/from-environment.db", 1);
  CHECK(Session().store_address().text() == "/tmp/from-environment.db");
  const StoreAddress named = StoreAddress::parse("x.db");
  CHECK(Session({.store = named, .progress = nullptr, .stop = {}}).store_address() == named);
  unsetenv("SEARCHLIGHT_STORE");
  CHECK(Session().store_address().text() == "searchlight.db");
}

TEST_CASE("a mistyped data set gets the name of an added one, and a new name may be near another") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  session.add_dataset("letters", "glyphs", false);
  CHECK(contains(error_of([&] { session.problem("leters"); }), "did you mean 'letters'?"));
  CHECK_NOTHROW(session.add_dataset("letters2", "glyphs", false));
}

TEST_CASE("plug-ins are looked up with near misses and options are checked") {
  Session session;
  CHECK(contains(error_of([&] { session.space({"nasbench20l", {}}); }), "nasbench201"));
  CHECK(contains(error_of([&] {
                   session.searcher({"evolution", {{"populaton", "3"}}});
                 }),
                 "population"));
  CHECK(&session.space({"nasbench201", {}}) == &session.space({"nasbench201", {}}));
}

TEST_CASE("a plug-in choice is a name with options") {
  const PluginChoice choice = parse_plugin_choice("evolution:population=20, tournament = 5");
  CHECK(choice.name == "evolution");
  CHECK(choice.options == OptionMap{{"population", "20"}, {"tournament", "5"}});
  CHECK(parse_plugin_choice("random") == PluginChoice{"random", {}});
  CHECK(contains(error_of([] { parse_plugin_choice("a:b"); }), "NAME=VALUE"));
  CHECK(parse_plugin_choice("a:b=1,b=1") == PluginChoice{"a", {{"b", "1"}}});
  CHECK(contains(error_of([] { parse_plugin_choice("a:b=1,c=3,b=2"); }),
                 "b is given twice: 1 and 2"));
}

TEST_CASE("the environment says version, libraries and processor") {
  Session session;
  const Environment& environment = session.environment();
  CHECK(environment.version.starts_with("0."));
  CHECK(contains(environment.libraries, "libtorch"));
  CHECK(environment.threads >= 1);
}
