#include "app/predictors/embedding.h"

#include <doctest/doctest.h>

#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/app/benchmarks/benchmark_testing.h"

namespace nas::test {

TEST_CASE("embed: drawn architectures are learned from, and every row still has its own point") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = &no_progress(), .stop = {}});
  const Benchmark five = five_cells("cells");
  session.writer().put_benchmark(five);
  EmbeddingRequest request{.benchmark = "cells",
                           .column = "alone",
                           .options = {{"latent", "3"}, {"hidden", "8"}, {"epochs", "1"}}};
  CHECK(embed_benchmark(session, request).trained == 5);
  request.column = "more";
  request.drawn = 20;
  const AutoencoderReport report = embed_benchmark(session, request);
  CHECK(report.trained == 23);
  CHECK(report.held_out == 2);
  const auto table = session.reader().open_benchmark("cells", std::vector<std::string>{"more"});
  const std::size_t column = table->column("more");
  REQUIRE(table->columns()[column].width == 3);
  REQUIRE(table->values(column).size() == 15);
  CHECK(table->columns()[column].origin.find("23 rows and drawn architectures") !=
        std::string::npos);
  for (std::size_t row = 1; row < 5; ++row) {
    CHECK(table->values(column)[3 * row] != table->values(column)[0]);
  }
  CHECK_THROWS_WITH_AS(embed_benchmark(session, request), doctest::Contains("already"), Error);
}

}  // namespace nas::test
