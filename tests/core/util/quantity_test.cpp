#include "core/util/quantity.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

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

TEST_CASE("a real number may be infinite or missing, and may have a suffix") {
  CHECK(parse_real("-inf") == -std::numeric_limits<double>::infinity());
  CHECK(std::isnan(parse_real("nan").value()));
  CHECK(parse_real("2.5k") == 2500);
  CHECK_FALSE(parse_real("1e308k"));
  CHECK_FALSE(parse_real("many"));
}

TEST_CASE("a whole number may have a suffix, a fraction that vanishes, or an exponent") {
  CHECK(parse_whole("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_whole("1.5M") == 1'500'000);
  CHECK(parse_whole("4.35M") == 4'350'000);
  CHECK(parse_whole("0.1k") == 100);
  CHECK(parse_whole("-2k") == -2000);
  CHECK(parse_whole("1e6") == 1'000'000);
  CHECK(parse_whole("3.0") == 3);
  for (const char* text : {"", "k", "1.5", "0.0001k", "1.00000000001k", "1e300", "1e9G", "inf",
                           "nan", "9223372036854775808", "1e-9"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_whole(text));
  }
}
