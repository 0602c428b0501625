#include "core/util/quantity.h"

#include <doctest/doctest.h>

using namespace nas;

TEST_CASE("quantities take a suffix and never overflow into infinity") {
  CHECK(parse_quantity("2.5k") == 2500);
  CHECK(parse_quantity("1M") == 1e6);
  CHECK(parse_quantity("-3G") == -3e9);
  CHECK(parse_quantity("50e6") == 50e6);
  for (const char* bad : {"", "k", "1e308k", "-1e308k", "1e306M", "inf", "nan", "infk", "1kk", "1K",
                          "1 k", "1e400"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_quantity(bad));
  }
}
