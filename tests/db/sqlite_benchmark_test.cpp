#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/hash.h"
#include "core/util/rng.h"
#include "db/benchmark_blob.h"
#include "db/sqlite_connection.h"
#include "db/sqlite_store.h"
#include "tests/db/child_process.h"

namespace nas::test {

namespace {

class Fixture {
 public:
  Fixture() {
    store_ = open_sqlite_store(path(), OpenMode::kCreate);
    Benchmark benchmark({.name = "table"});
    benchmark.set_rows({"a", "b"});
    benchmark.add_column({.metric = "accuracy"}, {1, 2});
    benchmark.add_column({.metric = "curve", .width = 3}, {1, 2, 3, 4, 5, 6});
    store_->put_benchmark(benchmark);
  }
  std::filesystem::path path() const { return directory_.path() / "r.db"; }
  Store& store() { return *store_; }
  void run(const std::string& sql) {
    SqliteConnection connection({path(), Access::kWrite, {}});
    connection.run_script(sql);
  }
  void close() { store_.reset(); }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

}  // namespace

TEST_CASE("a damaged column or text is refused at opening and named by check") {
  struct Damage {
    const char* sql;
    const char* message;
  };
  for (const Damage& damage : {
           Damage{"UPDATE benchmark_column SET data = x'00' WHERE metric = 'accuracy'", "checksum"},
           Damage{"UPDATE benchmark_column SET crc32 = 0 WHERE metric = 'curve'", "checksum"},
           Damage{"UPDATE benchmark_column SET encoding = 'shuffled-zlib' WHERE metric = "
                  "'accuracy'",
                  "does not decompress to 16 bytes"},
           Damage{"UPDATE benchmark_column SET width = 2 WHERE metric = 'curve'",
                  "does not decompress to 32 bytes"},
           Damage{"UPDATE benchmark SET rows = 3", "holds 2 architectures, expected 3"},
           Damage{"UPDATE benchmark_text SET texts = x'61'", "checksum"},
           Damage{"DELETE FROM benchmark_text", "its architectures are missing"},
       }) {
    CAPTURE(damage.sql);
    Fixture fixture;
    fixture.run(damage.sql);
    const std::string message = error_of(
        [&] { fixture.store().open_benchmark("table", std::vector<std::string>{"curve"}); });
    CHECK(message.find("benchmark 'table' is damaged") != std::string::npos);
    CHECK(message.find(damage.message) != std::string::npos);
    CHECK(message.find("import it again") != std::string::npos);
    const std::vector<std::string> problems = fixture.store().check();
    REQUIRE_FALSE(problems.empty());
    CHECK(problems[0] == message);
  }
}

TEST_CASE("opening and listing benchmarks changes no byte of the file") {
  Fixture fixture;
  fixture.close();
  const std::string before = sha256_file(fixture.path());
  {
    const auto store = open_sqlite_store(fixture.path(), OpenMode::kReadOnly);
    CHECK(store->open_benchmark("table", std::vector<std::string>{"curve"})->rows() == 2);
    CHECK(store->benchmarks().size() == 1);
    CHECK_THROWS_WITH_AS(store->remove_benchmark("table"), doctest::Contains("for reading only"),
                         Error);
    CHECK_THROWS_AS(store->put_benchmark(Benchmark({.name = "x"})), Error);
    CHECK_THROWS_AS(store->put_predictor({.name = "x", .plugin = "gp"}), Error);
  }
  CHECK(sha256_file(fixture.path()) == before);
}

TEST_CASE("the layout of blobs is the documented one") {
  // 1.0 is 3f f0 00.., 2.0 is 40 00 00.., the lowest byte first.
  const std::vector<double> values = {1, 2};
  const StoredBlob plain = encode_values(values, false);
  CHECK(plain.encoding == "float64");
  CHECK(plain.bytes == std::string("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\x40", 16));
  CHECK(checksum("123456789") == 0xcbf43926);  // the check value of CRC-32
  const StoredBlob packed = encode_values(std::vector<double>(1000, 0.25), true);
  CHECK(packed.bytes.size() < 200);
  CHECK(decode_values(packed.encoding, packed.bytes, 1000)[999] == 0.25);
  CHECK_THROWS_AS(decode_values(packed.encoding, packed.bytes, 1001), Error);
  CHECK_THROWS_AS(decode_values(packed.encoding, packed.bytes, 999), Error);
  CHECK_THROWS_AS(decode_values("float32", plain.bytes, 2), Error);
  CHECK(encode_texts(std::vector<std::string>{"a", ""}) == "a\n\n");
  CHECK(decode_texts("a\n\n", 2) == std::vector<std::string>{"a", ""});
  CHECK_THROWS_AS(decode_texts("a\nb", 2), Error);
}

namespace {

/// Every value of it is `version`, so that a mixture of two is seen.
Benchmark versioned(int version) {
  constexpr std::size_t kRows = 20000;
  Benchmark benchmark(BenchmarkInfo{.name = "big", .source = std::to_string(version)});
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < kRows; ++row) texts.push_back("a" + std::to_string(row));
  benchmark.set_rows(std::move(texts));
  for (const char* metric : {"accuracy", "loss", "params"}) {
    // Fractions that do not compress: the file must grow while it is written.
    std::vector<double> values(kRows);
    for (std::size_t row = 0; row < kRows; ++row) {
      values[row] = version + 0.5 * static_cast<double>(row * 2654435761U % 65521) / 65521;
    }
    benchmark.add_column({.metric = metric}, std::move(values));
  }
  return benchmark;
}

void check_whole(Store& store) {
  const auto benchmark = store.open_benchmark("big");
  const double version = std::stod(benchmark->info().source);
  CHECK(benchmark->rows() == 20000);
  REQUIRE(benchmark->columns().size() == 3);
  for (std::size_t column = 0; column < 3; ++column) {
    for (const double value : benchmark->values(column)) {
      if (value < version || value >= version + 1) FAIL("a column of another version");
    }
  }
  CHECK(store.check().empty());
}

}  // namespace

TEST_CASE("a benchmark whose writer is killed is there whole, as before or as after") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "r.db";
  open_sqlite_store(path, OpenMode::kCreate)->put_benchmark(versioned(0));
  Rng rng(RngKey{.seed = 5, .purpose = Purpose::kTest});
  for (int round = 0; round < 6; ++round) {
    ChildProcess writer([&] {
      const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
      for (int version = 1;; ++version) store->put_benchmark(versioned(version));
      return 0;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + rng.below(150)));
    writer.kill();
    check_whole(*open_sqlite_store(path, OpenMode::kReadWrite));
  }
}

TEST_CASE("a benchmark that does not fit on the disk leaves the one before it") {
  const TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "r.db";
  open_sqlite_store(path, OpenMode::kCreate)->put_benchmark(versioned(0));
  ChildProcess writer([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 17, 1 << 17};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
    const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
    return error_of([&] { store->put_benchmark(versioned(1)); }).empty() ? 1 : 0;
  });
  CHECK(writer.wait() == 0);
  const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
  check_whole(*store);
  CHECK(store->open_benchmark("big")->info().source == "0");
}

}  // namespace nas::test
