#include <functional>
#include <future>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/index_check.h"
#include "db/migrations.h"
#include "db/reference_check.h"
#include "db/sqlite_store_impl.h"

namespace nas {

namespace {

using Problems = std::vector<std::string>;

// More lines of one kind help nobody.
constexpr std::size_t kMostOfAKind = 20;

// A step that fails on a damaged file is itself a finding.
void run_step(Problems& problems, const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    problems.emplace_back(error.what());
  }
}

void collect(Problems& problems, SqliteConnection& connection, std::string_view sql) {
  Rows rows = connection.select(sql);
  for (std::size_t lines = 0; lines < kMostOfAKind && rows.next(); ++lines) {
    if (rows.text(0) != "ok") problems.push_back(printable(rows.text(0)));
  }
}

void check_schema(Problems& problems, SqliteConnection& connection) {
  const SchemaText found = schema_of(connection);
  const SchemaText expected = expected_schema(schema_migrations());
  for (const auto& [name, sql] : expected) {
    const auto entry = found.find(name);
    if (entry == found.end()) {
      problems.push_back("schema: " + name + " is missing");
    } else if (entry->second != sql) {
      problems.push_back("schema: " + name + " is not defined as expected");
    }
  }
  for (const auto& [name, sql] : found) {
    if (!expected.contains(name))
      problems.push_back("schema: " + printable(name) + " is not part of Searchlight");
  }
}

// The bulk of the work, on a connection of its own beside the other steps.
Problems structure_problems(const ConnectionTarget& target) {
  Problems problems;
  run_step(problems, [&] {
    ConnectionTarget reading = target;
    if (reading.access == Access::kWrite) reading.access = Access::kWatch;
    SqliteConnection connection(reading);
    const UntilStopped until_stopped(connection);
    collect(problems, connection, "PRAGMA quick_check(20)");
  });
  return problems;
}

}  // namespace

std::vector<std::string> SqliteStore::check() const {
  SqliteConnection& connection = file_;
  std::future<Problems> structure =
      std::async(std::launch::async, structure_problems, connection.target());
  const Transaction snapshot(connection, Transaction::Kind::kRead);
  const UntilStopped until_stopped(connection);
  Problems others;
  run_step(others, [&] {
    for (std::string& problem : reference_problems(connection, kMostOfAKind)) {
      others.push_back(std::move(problem));
    }
  });
  run_step(others, [&] { check_schema(others, connection); });
  run_step(others, [&] {
    for (std::string& problem : index_problems(connection)) others.push_back(std::move(problem));
  });
  for (std::string& problem : row_problems()) others.push_back(std::move(problem));
  Problems problems = structure.get();
  problems.insert(problems.end(), others.begin(), others.end());
  // A step that was cut short has found nothing.
  if (connection.target().options.stop.stop_requested())
    throw Error(ErrorKind::kUsage, "check: interrupted");
  return problems;
}

}  // namespace nas
