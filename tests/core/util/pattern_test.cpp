#include "core/util/pattern.h"

#include <doctest/doctest.h>

TEST_CASE("patterns: a star stands for any text, also none; everything else for itself") {
  using nas::matches_pattern;
  CHECK(matches_pattern("abc", "abc"));
  CHECK_FALSE(matches_pattern("abc", "abcd"));
  CHECK(matches_pattern("*", ""));
  CHECK(matches_pattern("a*c", "ac"));
  CHECK(matches_pattern("*kernel", "block_1/kernel"));
  CHECK_FALSE(matches_pattern("*kernel", "block_1/kernels"));
  CHECK(matches_pattern("a*b*c", "a1b2b3c"));
  CHECK_FALSE(matches_pattern("a*b*c", "a1c"));
  CHECK(matches_pattern("**", "x"));
  CHECK_FALSE(matches_pattern("", "x"));
}
