#pragma once

#include <cstdint>
#include <string>

#include "tests/db/postgres_server.h"

namespace nas::benchmark {

/// Makes a store on a server of one study, all of it done, ten times as large by SQL alone, where
/// its workers would take hours: nine copies of every trial with its values, its place in the queue
/// and an architecture of its own. Indexes are made anew afterwards, so they are denser than those
/// that have grown row by row. Requires that the trials are numbered 0 to `trials` - 1.
void make_tenfold(const test::PostgresServer& server, const std::string& database,
                  std::int64_t trials);

}  // namespace nas::benchmark
