#include <doctest/doctest.h>

#include <bit>
#include <string>

#include "tests/db/importers/byte_writers.h"
#include "tests/db/importers/importer_testing.h"

// The official file has gigabytes; these are records of the same form.

namespace nas {
namespace {

using namespace std::string_literals;
using test::base64;
using test::contains;
using test::error_of;
using test::little_endian;
using test::varint;

std::string field(int number, double value) {
  return std::string(1, static_cast<char>(number * 8 + 1)) +
         little_endian(std::bit_cast<std::uint64_t>(value), 8);
}

std::string evaluation(double epoch, double seconds, double train, double valid, double test) {
  const std::string message =
      field(1, epoch) + field(2, seconds) + field(3, train) + field(4, valid) + field(5, test);
  return "\x0a" + std::string(1, static_cast<char>(message.size())) + message;
}

/// One training of the cell with only an edge from input to output.
std::string training(const std::string& hash, double valid, double test, std::uint64_t params) {
  const std::string metrics = evaluation(0, 0, 0.1, 0.1, 0.1) + evaluation(54, 50, 0.8, 0.7, 0.6) +
                              evaluation(108, 100, 0.9, valid, test) + "\x10" + varint(params);
  const std::string payload =
      "[\"" + hash + "\", 108, \"0100\", \"input,output\", \"" + base64(metrics) + "\"]";
  return test::tf_record(payload);
}

const std::string kHash = "043721b9c7fe8c5fad811d47d83132ec";  // of the cell of two vertices
constexpr std::uint64_t kParams = 882570;

ImportResult import(const std::string& bytes, bool force) {
  const TemporaryDirectory folder;
  write_file_atomically(folder.path() / "nasbench.tfrecord", bytes);
  ImportRequest request = test::request_for(folder.path() / "nasbench.tfrecord");
  CHECK(importer_for(request.path).name == "nasbench101_tfrecord");
  request.force = force;
  return test::import_with("nasbench101_tfrecord", request);
}

TEST_CASE("nasbench101: three runs of one cell, their mean, and its own hash and parameters") {
  const ImportResult result =
      import(training(kHash, 0.8, 0.75, kParams) + training(kHash, 0.82, 0.76, kParams) +
                 training(kHash, 0.84, 0.77, kParams),
             true);
  const Benchmark& benchmark = result.benchmark;
  REQUIRE(benchmark.rows() == 1);
  CHECK(benchmark.text(0) == "2:1:");
  const auto value = [&](std::string_view column) {
    return benchmark.value(benchmark.column(column), 0);
  };
  CHECK(value("accuracy:split=test,epochs=108,statistic=mean") == doctest::Approx(76));
  CHECK(value("accuracy:split=valid,epochs=108,statistic=run=2") == doctest::Approx(82));
  CHECK(value("training_seconds:epochs=108,statistic=run=3") == 100);
  CHECK(value("params") == kParams);
  for (const SelfCheck& check : result.checks) {
    CAPTURE(check.what);
    CHECK(check.ok == (check.what != "rows"));  // a sample, so forced
  }
}

TEST_CASE("nasbench101: wrong row counts, hashes, parameters and missing runs are found") {
  const std::string runs = training(kHash, 0.8, 0.7, kParams) + training(kHash, 0.8, 0.7, kParams);
  const std::string error = error_of([&] { import(runs, false); });
  CHECK(contains(error, "rows: expected 423,624, got 1"));
  CHECK(contains(error, "cells with three runs of 108 epochs: expected 1, got 0"));
  const std::string other(32, 'a');
  CHECK(contains(error_of([&] { import(training(other, 0.8, 0.7, kParams), false); }),
                 "hashes that differ from the recomputed ones: expected 0, got 1"));
  CHECK(contains(error_of([&] { import(training(kHash, 0.8, 0.7, 5), false); }),
                 "params recomputed through space nasbench101"));
}

TEST_CASE("nasbench101: truncated files, wrong checksums and other records name their place") {
  const std::string good = training(kHash, 0.8, 0.7, kParams);
  CHECK(contains(error_of([&] { import(good + good.substr(0, 100), true); }), "record 2"));
  std::string wrong = good;
  wrong[40] = static_cast<char>(wrong[40] ^ 1);
  CHECK(contains(error_of([&] { import(wrong, true); }), "the checksum of the payload is wrong"));
  const std::string payload = "{\"not\": \"a record\"}";
  CHECK(contains(error_of([&] { import(test::tf_record(payload), true); }),
                 "record 1: expected [hash, epochs, adjacency, operations, metrics]"));
}

}  // namespace
}  // namespace nas
