#include "core/problems/data_kinds.h"

#include <doctest/doctest.h>

#include <set>

#include "core/problems/images.h"
#include "core/util/error.h"

using namespace nas;

TEST_CASE("data kinds: every record is complete, and its own recipe is valid") {
  std::set<std::string> names;
  for (const DataKind& kind : data_kinds()) {
    CAPTURE(kind.info.name);
    CHECK(names.insert(kind.info.name).second);
    CHECK_FALSE(kind.info.layout.empty());
    CHECK_FALSE(kind.info.summary.empty());
    REQUIRE(kind.problem != nullptr);
    CHECK((kind.open != nullptr));
    CHECK_NOTHROW(parse_recipe(kind.info.recipe, std::span(&kind.problem, 1), "recipe"));
    CHECK(&data_kind(spelling(kind.info)) == &kind);
  }
}

TEST_CASE("problems: records are complete, and a metric of several is declared alike") {
  std::set<std::string_view> names;
  for (const ProblemRecord* record : problem_records()) {
    CAPTURE(record->name);
    CHECK(names.insert(record->name).second);
    CHECK_FALSE(record->summary.empty());
    CHECK_FALSE(record->samples.empty());
    CHECK(record->loss.empty() == record->fits_itself());
    CHECK_FALSE(record->metrics.empty());
    for (const MetricInfo& metric : record->metrics) {
      CAPTURE(metric.name);
      CHECK(metric.role == MetricRole::kQuality);
      CHECK_FALSE(metric.title.empty());
      CHECK_FALSE(metric.meaning.empty());
      for (const MetricInfo& other : problem_metrics()) {
        if (other.name != metric.name) continue;
        CHECK(other.unit == metric.unit);
        CHECK(other.maximize == metric.maximize);
      }
    }
  }
}

TEST_CASE("problems: fields of their own do not hide those of every recipe, and have defaults") {
  const OptionMap common = fields_to_map(recipe_fields(), Recipe{});
  for (const ProblemRecord* record : problem_records()) {
    CAPTURE(record->name);
    const OptionMap defaults = record->fields.resolve({});
    CHECK(defaults.size() == record->fields.docs().size());
    for (const FieldDoc& field : record->fields.docs()) {
      CAPTURE(field.name);
      CHECK_FALSE(field.meaning.empty());
      CHECK(defaults.at(field.name) == field.default_value);
      CHECK_FALSE(common.contains(field.name));
    }
    CHECK_THROWS_AS(record->fields.resolve({{"no_such_field", "1"}}), Error);
  }
}

TEST_CASE("data kinds: unknown kinds and paths without one are refused with what was meant") {
  CHECK_THROWS_WITH_AS(open_problem("mnst:/data"), doctest::Contains("did you mean 'mnist'"),
                       Error);
  CHECK_THROWS_WITH_AS(open_problem("/no/such/place"), doctest::Contains("write KIND:DIR"), Error);
  CHECK_THROWS_WITH_AS(open_problem("mnist"), doctest::Contains("write mnist:DIR"), Error);
  CHECK_THROWS_WITH_AS(open_problem("glyphs:/data"), doctest::Contains("reads no directory"),
                       Error);
  CHECK(find_data_kind("letters") == nullptr);
}
