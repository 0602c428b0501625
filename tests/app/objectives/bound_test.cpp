#include "app/objectives/bound.h"

#include <doctest/doctest.h>

#include <string>

#include "core/util/error.h"

using namespace nas;

namespace {

double bound_in(const char* text, const char* unit) {
  return parse_bound(text, "condition").in(unit);
}

std::string refusal(const char* text, const char* unit) {
  try {
    bound_in(text, unit);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("a bound counts in the unit of its column, whatever it was written in") {
  CHECK(bound_in("params<3M", "M") == 3);
  CHECK(bound_in("params<3", "M") == 3);
  CHECK(bound_in("params<3M", "") == 3e6);
  CHECK(bound_in("params<500K", "M") == 0.5);
  CHECK(bound_in("params < 500 k", "") == 500e3);
  CHECK(bound_in("latency_ms<3ms", "ms") == 3);
  CHECK(bound_in("latency_ms<3ms@pixel3", "s") == doctest::Approx(0.003));
  CHECK(bound_in("accuracy>=94.3%", "%") == 94.3);
  CHECK(bound_in("activation_bytes<64k", "B") == 64e3);
  CHECK(bound_in("x == 3", "of its own") == 3);
}

TEST_CASE("a bound in a unit that the column cannot have is refused") {
  CHECK(refusal("accuracy<3ms", "%") == "'accuracy' is in %; write the number without 'ms'");
  CHECK(refusal("synflow<3%", "") == "'synflow' has no unit; write the number without '%'");
}

TEST_CASE("a sign written the wrong way round is named") {
  CHECK(refusal("accuracy => 94", "%").find("'=>' is not a comparison") != std::string::npos);
  CHECK(refusal("accuracy = 94", "%").find("== or !=") != std::string::npos);
}
