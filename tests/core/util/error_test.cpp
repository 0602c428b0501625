#include "core/util/error.h"

#include <doctest/doctest.h>

#include <string>

using namespace nas;

TEST_CASE("error: context goes in front and keeps the kind") {
  const Error error(ErrorKind::kData, "line 3 is short");
  const Error outer = error.with_context("table.csv");
  CHECK(std::string(outer.what()) == "table.csv: line 3 is short");
  CHECK(outer.kind() == ErrorKind::kData);
}

TEST_CASE("error: a broken invariant names file, condition and detail") {
  try {
    NAS_CHECK(1 + 1 == 3, "arithmetic works");
    FAIL("no error");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(error.kind() == ErrorKind::kInternal);
    CHECK(text.find("error_test.cpp") != std::string::npos);
    CHECK(text.find("1 + 1 == 3") != std::string::npos);
    CHECK(text.find("arithmetic works") != std::string::npos);
  }
}
