#include "app/study/constraint.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/app/study/study_testing.h"

using namespace nas;
using nas::test::contains;
using nas::test::error_of;

TEST_CASE("constraints are read with suffixes, exponents, blanks and devices") {
  const Constraint latency = parse_constraint("latency_ms<4@host");
  CHECK(latency.metric == MetricKey{"latency_ms", "host"});
  CHECK(latency.relation == Relation::kLess);
  CHECK(latency.bound == 4);
  CHECK(to_string(parse_constraint(" latency_ms@host < 4 ")) == "latency_ms@host < 4");
  CHECK(parse_constraint("macs<=50e6").bound == 50e6);
  CHECK(parse_constraint("params<1M").bound == 1e6);
  CHECK(parse_constraint("params<2.5k").bound == 2500);
  CHECK(parse_constraint("macs<1.5G").bound == 1.5e9);
  CHECK(parse_constraint("accuracy>=90").relation == Relation::kGreaterEqual);
  CHECK(parse_constraint("peak_memory_bytes<1M").metric.name == "activation_bytes");
}

TEST_CASE("the text of a constraint reads back as the same constraint") {
  for (const char* text : {"latency_ms<0.1@host", "macs<=50e6", "params>1M", "accuracy>=90.125"}) {
    const Constraint once = parse_constraint(text);
    const Constraint twice = parse_constraint(to_string(once));
    CHECK(once.metric == twice.metric);
    CHECK(once.relation == twice.relation);
    CHECK(once.bound == twice.bound);
  }
}

TEST_CASE("constraints that cannot be meant are refused with what to write") {
  CHECK(contains(error_of([] { parse_constraint("parms<1M"); }), "did you mean 'params'"));
  CHECK(contains(error_of([] { parse_constraint("params=5"); }), "exactly"));
  CHECK(contains(error_of([] { parse_constraint("params"); }), "no comparison"));
  CHECK(contains(error_of([] { parse_constraint("params<many"); }), "'many' is not a number"));
  CHECK(contains(error_of([] { parse_constraint("params<inf"); }), "not a finite number"));
  CHECK(contains(error_of([] { parse_constraint("params<nan"); }), "not a number"));
  CHECK(contains(error_of([] { parse_constraint("<5"); }), "has no name before '<'"));
  CHECK(
      contains(error_of([] { parse_constraint("params<5@host"); }), "does not depend on a device"));
  CHECK(contains(error_of([] { parse_constraint("latency_ms@host<5@host"); }), "two devices"));
  // The product overflows.
  CHECK(contains(error_of([] { parse_constraint("params>=-1e308k"); }), "not a number"));
}

TEST_CASE("a bound that overflows with its suffix is refused") {
  for (const char* text : {"params>=-1e308k", "params<1e306M", "latency_ms<1e300G@host"}) {
    CHECK(contains(error_of([text] { parse_constraint(text); }), text));
  }
}

TEST_CASE("the excess is relative to the bound and zero exactly when the constraint holds") {
  const Constraint below = parse_constraint("params<100");
  CHECK(below.excess(99) == 0);
  CHECK(below.excess(100) > 0);  // strict
  CHECK(below.excess(150) == doctest::Approx(0.5));
  CHECK(parse_constraint("params<=100").excess(100) == 0);
  const Constraint above = parse_constraint("accuracy>80");
  CHECK(above.excess(60) == doctest::Approx(0.25));
  CHECK(above.excess(81) == 0);
  CHECK(below.excess(std::numeric_limits<double>::quiet_NaN()) == 1);
  CHECK(below.excess(std::numeric_limits<double>::infinity()) == 1e6);
  CHECK(parse_constraint("params<0").excess(3) == 3);
}

TEST_CASE("objectives take the metric's direction unless a word says otherwise") {
  CHECK(to_string(parse_objective("accuracy")) == "maximize accuracy");
  CHECK(to_string(parse_objective("params")) == "minimize params");
  CHECK(to_string(parse_objective("maximize  params")) == "maximize params");
  CHECK(to_string(parse_objective("latency_ms")) == "minimize latency_ms@host");
  CHECK(to_string(parse_objective("maximise accuracy")) == "maximize accuracy");
  CHECK(contains(error_of([] { parse_objective(" "); }), "empty"));
}

TEST_CASE("merits are turned so that larger is better, and missing values give none") {
  const std::vector<Objective> objectives{{"accuracy", true}, {"params", false}};
  MetricValues values{{{"accuracy", ""}, 90}};
  CHECK_FALSE(merits(objectives, values).has_value());
  values[{"params", ""}] = 1000;
  CHECK(*merits(objectives, values) == std::vector<double>{90, -1000});
}
