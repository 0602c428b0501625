#include "app/study/study_config.h"

#include <doctest/doctest.h>

#include "app/explorer/explorer_study.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using nas::test::contains;
using nas::test::error_of;

namespace {

std::string toml_error(std::string_view toml) {
  return error_of([toml] { parse_study_config(toml, "study.toml"); });
}

}  // namespace

TEST_CASE("a study file is read with all its parts") {
  const StudyConfig config = parse_study_config(R"(
name = "first"
data = "glyphs"
objectives = ["accuracy", "minimize params"]
constraints = ["macs<=50e6"]
workers = 2
seed = 7
[budget]
trials = 40
seconds = 90
[space]
name = "nasbench201"
[searcher]
name = "evolution"
population = 12
[recipe]
preset = "smoke"
learning_rate = 0.05
[final]
enabled = false
[latency]
batch = 4
)",
                                                "study.toml");
  CHECK(config.name == "first");
  CHECK(config.objectives.size() == 2);
  CHECK(config.budget_trials == 40);
  CHECK(config.budget_seconds == 90);
  CHECK(config.searcher.options.at("population") == "12");
  CHECK(config.recipe.options.at("learning_rate") == "0.05");
  CHECK_FALSE(config.train_winner);
  CHECK(config.latency_batch == 4);
}

TEST_CASE("errors of a study file name file, line and the near miss") {
  CHECK(toml_error("seed = 1\nworkrs = 2\n").starts_with("study.toml:2: "));
  CHECK(contains(toml_error("seed = 1\nworkrs = 2\n"), "did you mean 'workers'"));
  CHECK(toml_error("[budget]\n\ntrails = 3\n").starts_with("study.toml:3: "));
  CHECK(contains(toml_error("[searcher]\nname = 'evolution'\npopulaton = 3\n"),
                 "did you mean 'population'"));
  CHECK(
      toml_error("[searcher]\nname = 'evolution'\npopulaton = 3\n").starts_with("study.toml:3: "));
  CHECK(toml_error("\n[space]\nname = 'nasbench21'\n").starts_with("study.toml:3: "));
  CHECK(toml_error("objectives = [\n 'accuracy',\n 'acuracy']\n").starts_with("study.toml:3: "));
  CHECK(toml_error("seed = = 1").starts_with("study.toml:1: not valid TOML"));
  CHECK(toml_error("seed = 1\nseed = 2\n").starts_with("study.toml:2: not valid TOML"));
  CHECK(contains(toml_error("workers = 'two'\n"), "must be a whole number"));
  CHECK(contains(toml_error("seed = -1\n"), "must be >= 0"));
  CHECK(contains(toml_error("budget = 5\n"), "write [budget]"));
  CHECK(contains(toml_error("[recipe]\nepochs = -3\n"), "epochs"));
  CHECK(contains(toml_error("[recipe]\npreset = 'shrt'\n"), "did you mean 'short'"));
}

TEST_CASE("hostile study files end in one error line") {
  for (const std::string& text :
       {std::string(100'000, '['), std::string("a = ") + std::string(50'000, '['),
        std::string("seed = 1e999"), std::string("\xff\xfe"), std::string("x = \0", 5),
        "name = \"" + std::string(1'000'000, 'x')}) {
    CHECK_FALSE(toml_error(text).empty());
  }
}

TEST_CASE("a resolved configuration is complete and reads back as itself") {
  StudyConfig config = test::cheap_config(30, 2);
  config.name = "tricky \"name\" \\ with\nnew line \x01 and umlaut \xc3\xa4";
  config.constraints = {"params<1M"};
  config.seed = 123456789;
  const StudyConfig resolved = resolve(config);
  CHECK(resolved.searcher.options.size() >= 3);
  CHECK(resolved.constraints[0] == "params < 1000000");
  CHECK_FALSE(resolved.train_winner);  // nothing to train on
  CHECK(resolve(resolved) == resolved);
  const std::string toml = to_toml(resolved);
  const StudyConfig again = parse_study_config(toml, "again");
  CHECK(again == resolved);
  CHECK(to_toml(again) == toml);
  // Nothing chosen yet, as a form has it.
  CHECK(to_toml(parse_study_config(to_toml(StudyConfig{}), "t")) == to_toml(StudyConfig{}));
}

TEST_CASE("option texts survive TOML whatever they look like") {
  StudyConfig config = resolve(test::cheap_config(5, 1));
  for (const char* text : {"0.10", "1e-3", "007", "inf", "true", "0x10", "", "a\tb", "1_000"}) {
    config.recipe.options["skeleton"] = text;
    CHECK(parse_study_config(to_toml(config), "t").recipe.options.at("skeleton") == text);
  }
}

TEST_CASE("resolve reports all problems in one line") {
  StudyConfig config = test::cheap_config(0, 0);
  config.space.name = "nasbench20";
  config.constraints = {"params<many"};
  const std::string text = error_of([&] { resolve(config); });
  CHECK(contains(text, "nasbench201"));
  CHECK(contains(text, "'many'"));
  CHECK(contains(text, "budget trials = 0"));
  CHECK(contains(text, "workers = 0"));
  CHECK_FALSE(contains(text, "\n"));
}

TEST_CASE("accuracy without data is refused, and a repeated objective too") {
  StudyConfig config = test::cheap_config(5, 1);
  config.objectives = {};
  CHECK(contains(error_of([&] { resolve(config); }), "needs a data set"));
  config.objectives = {"params", "minimize params"};
  CHECK(contains(error_of([&] { resolve(config); }), "named twice"));
}

TEST_CASE("the winner is trained on all images unless the file says otherwise") {
  StudyConfig config = test::cheap_config(5, 1);
  config.data = "glyphs";
  CHECK(make_recipe(resolve(config).final_recipe).validation_fraction == 0);
  config.final_recipe.options["validation_fraction"] = "0.25";
  CHECK(make_recipe(resolve(config).final_recipe).validation_fraction == 0.25);
}

TEST_CASE("differences name the setting and both values") {
  const StudyConfig a = resolve(test::cheap_config(5, 1));
  StudyConfig b = a;
  CHECK(differences(a, b).empty());
  b.seed = 3;
  b.searcher.options["population"] = "99";
  const std::vector<std::string> lines = differences(a, b);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0] == "searcher.population: 6 -> 99");
  CHECK(lines[1] == "seed: 0 -> 3");
}

TEST_CASE("the explorer reads space options and constraints from what a study recorded") {
  StudyConfig config;
  config.space = {"ofa_mobilenetv3", {{"width_multiplier", "1.2"}}};
  config.objectives = {"params"};
  config.constraints = {"latency_ms<4@host", "macs<=50e6", "activation_bytes > 90.5", "params>=1k"};
  StudySpec spec;
  spec.config = to_toml(resolve(config));
  const RecordedConfig recorded = recorded_config(spec);
  CHECK(recorded.space_options == resolve(config).space.options);
  CHECK(recorded.space_options.at("width_multiplier") == "1.2");
  std::vector<std::string> texts;
  for (const Constraint& constraint : recorded.constraints) texts.push_back(to_string(constraint));
  CHECK(texts == resolve(config).constraints);
  CHECK(recorded.constraints.at(0).metric.text() == "latency_ms@host");
}

TEST_CASE("a configuration of other making shows no constraints and no options") {
  std::string deep = "a";
  for (int i = 0; i < 100'000; ++i) deep += ".a";
  for (const std::string& text :
       {std::string(), std::string("not toml ["), "[" + deep + "]",
        "x = {y = \"\"\"\n\"\"\", " + deep + " = 1}", deep + " = 1",
        std::string("space = 3\nconstraints = \"x < 1\""),
        std::string("constraints = [1, \"accuracy\", \"< 4\", \"params < many\"]")}) {
    StudySpec spec;
    spec.config = text;
    CHECK(recorded_config(spec).space_options.empty());
    CHECK(recorded_config(spec).constraints.empty());
  }
}

TEST_CASE("a study file with a password in it is refused, and the password not repeated") {
  for (const char* line : {"store = \"postgresql://ada:hunter2@db/nas\"",
                           "# postgres://db/nas?user=ada&password=hunter2"}) {
    const std::string error = error_of(
        [&] { parse_study_config("name = \"a\"\n" + std::string(line) + "\n", "study.toml"); });
    CHECK(contains(error, "study.toml:2: holds an address with a password"));
    CHECK_FALSE(contains(error, "hunter"));
  }
  CHECK(contains(
      error_of([] { parse_study_config("store = \"postgresql://db/nas\"\n", "study.toml"); }),
      "unknown key 'store'"));
}
