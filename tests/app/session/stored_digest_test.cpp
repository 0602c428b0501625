#include "app/session/stored_digest.h"

#include <doctest/doctest.h>

#include <fstream>

#include "app/session/candidate.h"
#include "app/session/session.h"
#include "core/util/file.h"
#include "db/sqlite_connection.h"

using namespace nas;

namespace {

namespace fs = std::filesystem;

/// A database as released version `version` left it; `change` is SQL.
fs::path make_from_dump(const fs::path& directory, int version, const std::string& change) {
  const fs::path path = directory / "old.db";
  std::ofstream(path, std::ios::binary).close();
  SqliteConnection connection({path, Access::kWrite, {}});
  connection.run_script(
      read_file(fs::path(NAS_DB_FIXTURES) / ("schema_v" + std::to_string(version) + ".sql")));
  connection.run_script(change);
  return path;
}

/// Today's digest of a text, by a space with these options.
std::string digest_today(Session& session, const std::string& space, const OptionMap& options,
                         const std::string& text) {
  const SearchSpace& found = session.space({space, options});
  return to_hex(identify(found, found.parse(text)).digest);
}

QueryResult rows_of(Session& session) {
  return session.writer().query(
      "SELECT space.name, architecture.text, digest, network.text FROM architecture "
      "JOIN space ON space.id = space_id JOIN trial ON trial.architecture_id = architecture.id "
      "LEFT JOIN network ON network.id = network_id ORDER BY architecture.id",
      100);
}

const std::string kCell =
    "|nor_conv_3x3~0|+|none~0|nor_conv_1x1~1|+|nor_conv_1x1~0|avg_pool_3x3~1|avg_pool_3x3~2|";

}  // namespace

TEST_CASE("digests of databases of older versions become those that this version computes") {
  for (const int version : {1, 2}) {
    CAPTURE(version);
    const TemporaryDirectory directory;
    const fs::path path = make_from_dump(
        directory.path(), version, "UPDATE architecture SET text = '" + kCell + "' WHERE id = 1");
    Session session({.store = path, .progress = nullptr, .stop = {}});
    const QueryResult rows = rows_of(session);
    CHECK(rows.rows[0][2] == digest_today(session, "nasbench201", {}, kCell));
    // '|conv~1|' is no cell: nobody can say what it computes.
    CHECK(rows.rows[1][2] == "00000000000000010000000000000001");
  }
}

TEST_CASE("digests of version 4 keep apart what an option of the space tells apart") {
  const TemporaryDirectory directory;
  const fs::path path = make_from_dump(directory.path(), 4, "");
  Session session({.store = path, .progress = nullptr, .stop = {}});
  const QueryResult rows = rows_of(session);
  REQUIRE(rows.rows.size() == 13);
  for (std::size_t i = 3; i < rows.rows.size(); ++i) {  // the first three are no cells
    const auto& row = rows.rows[i];
    const bool wide = row[3].value().find("width_multiplier=1.2") != std::string::npos;
    const OptionMap options = wide ? OptionMap{{"width_multiplier", "1.2"}} : OptionMap{};
    CHECK(row[2] == digest_today(session, row[0].value(), options, row[1].value()));
  }
  // Rows 8 and 10 are one text, built with two multipliers; rows 5 and 6 compute the same.
  CHECK(rows.rows[7][1] == rows.rows[9][1]);
  CHECK(rows.rows[7][2] != rows.rows[9][2]);
  CHECK(rows.rows[4][1] != rows.rows[5][1]);
  CHECK(rows.rows[4][2] == rows.rows[5][2]);
}

TEST_CASE("a stored architecture of another space, version or notation has no digest") {
  const DigestOf digest_of = stored_digests();
  CHECK(digest_of({"nasbench201", "1", "", kCell}).has_value());
  CHECK_FALSE(digest_of({"nasbench201", "2", "", kCell}).has_value());
  CHECK_FALSE(digest_of({"elsewhere", "1", "", kCell}).has_value());
  CHECK_FALSE(digest_of({"nasbench201", "1", "", "|conv~0|"}).has_value());
  CHECK_FALSE(digest_of({"nasbench201", "1", "; space.depth=3", kCell}).has_value());
  CHECK_FALSE(digest_of({"ofa_mobilenetv3", "1", "; space.", "r=232"}).has_value());
}
