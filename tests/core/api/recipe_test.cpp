#include "core/api/recipe.h"

#include <doctest/doctest.h>

#include <set>

#include "core/util/error.h"

using namespace nas;

TEST_CASE("recipe: the table covers every field of the struct") {
  // A field missing in the table would make two different recipes look like one fidelity.
  const OptionMap names = fields_to_map(recipe_fields(), Recipe{});
  CHECK(names.size() == recipe_fields().size());
  std::size_t bytes = 0;
  for (const FieldDoc& field : describe_fields(recipe_fields())) {
    CHECK_FALSE(field.meaning.empty());
    if (field.type == "int" || field.type == "real") bytes += 8;
    if (field.type == "bool") bytes += 8;  // each flag of Recipe stands between wider members
    if (field.type == "text") bytes += sizeof(std::string);
  }
  CHECK(bytes == sizeof(Recipe) - sizeof(Recipe::problem));
}

TEST_CASE("recipe: presets are valid, and 'full' is the published one of NAS-Bench-201") {
  for (const char* name : {"smoke", "short", "full"}) {
    CAPTURE(name);
    CHECK(validate_fields(recipe_fields(), recipe_preset(name)).empty());
  }
  const Recipe full = recipe_preset("full");
  CHECK(full.epochs == 200);
  CHECK(full.batch == 256);
  CHECK(full.optimizer == "sgd");
  CHECK(full.nesterov);
  CHECK(full.momentum == 0.9);
  CHECK(full.learning_rate == 0.1);
  CHECK(full.final_learning_rate == 0);
  CHECK(full.schedule == "cosine");
  CHECK(full.weight_decay == 5e-4);
  CHECK(full.train_samples == 0);
  CHECK(full.width == 0);
  CHECK(full.depth == 0);
  const Recipe smoke = recipe_preset("smoke");
  CHECK(smoke.epochs == 1);
  CHECK(smoke.train_samples <= 512);
  CHECK_THROWS_WITH_AS(recipe_preset("ful"),
                       "unknown recipe 'ful'; did you mean 'full'? (known: smoke, short, full)",
                       Error);
}

namespace {

struct Own {
  std::int64_t crop_padding = 4;  // of the first release
  double tempo = 1;               // later
};
constexpr Field<Own> kOwn[] = {{"crop_padding", &Own::crop_padding, "crop", "", 0, 9},
                               {.name = "tempo",
                                .member = &Own::tempo,
                                .meaning = "speed",
                                .min = 0.5,
                                .max = 2,
                                .before = "1"}};

constexpr ProblemRecord kProblem{
    .name = "test",
    .summary = "a problem of this test",
    .samples = "samples",
    .loss = "cross_entropy",
    .metrics = {},
    .fields = own_fields<Own, kOwn>(),
};
constexpr const ProblemRecord* kProblems[] = {&kProblem};

}  // namespace

TEST_CASE("recipe: any change of data or of any field changes the fidelity, equal ones agree") {
  std::set<std::string> texts{fidelity_text(kProblem, "digits", Recipe{})};
  CHECK(fidelity_text(kProblem, "digits", Recipe{}) == *texts.begin());
  texts.insert(fidelity_text(kProblem, "mnist", Recipe{}));
  std::vector<FieldDoc> fields = describe_fields(recipe_fields());
  for (FieldDoc& field : kProblem.fields.docs()) fields.push_back(std::move(field));
  for (const FieldDoc& field : fields) {
    std::string other = field.type == "int" ? "2" : "0.125";
    if (field.type == "bool") other = field.default_value == "true" ? "false" : "true";
    if (field.name == "optimizer") other = "adam";
    if (field.name == "schedule") other = "step";
    if (field.name == "precision") other = "bfloat16";
    if (field.name == "skeleton") other = "imagenet";
    if (field.name == "tempo") other = "1.5";
    CAPTURE(field.name);
    const Recipe recipe = parse_recipe({{field.name, other}}, kProblems, "recipe");
    const std::string text = fidelity_text(kProblem, "digits", recipe);
    CHECK(texts.insert(text).second);
    // And it says all that it takes to train once more.
    const Fidelity said = parse_fidelity(text);
    CHECK(said.data_id == "digits");
    CHECK(recipe_options(recipe_of(said, kProblem)) == recipe_options(recipe));
  }
  CHECK(texts.size() == fields.size() + 2);
}

TEST_CASE("recipe: a field that came later is named only where it is not at what held before") {
  const std::string usual = fidelity_text(kProblem, "digits", Recipe{});
  CHECK(usual.find("crop_padding=4") != std::string::npos);
  for (const char* later : {"tempo", "decay_norm", "cycles"}) {
    CHECK(usual.find(later) == std::string::npos);
  }
  Recipe recipe;
  recipe.decay_norm = false;
  recipe.problem["tempo"] = "0.9";
  const std::string text = fidelity_text(kProblem, "digits", recipe);
  CHECK(text.find("; weight_decay=5e-04; decay_norm=false; schedule=") != std::string::npos);
  // A problem's own fields stand where those of images have always stood.
  CHECK(text.find("; auxiliary_weight=0; crop_padding=4; tempo=0.9; validation_fraction=") !=
        std::string::npos);
}

TEST_CASE("recipe: options are of the recipe or of a problem, whatever else is refused") {
  const Recipe recipe = parse_recipe({{"epochs", "3"}, {"tempo", "2"}}, kProblems, "recipe");
  CHECK(recipe.epochs == 3);
  CHECK(recipe.problem == OptionMap{{"crop_padding", "4"}, {"tempo", "2"}});
  CHECK_THROWS_WITH_AS(parse_recipe({{"tempa", "2"}}, kProblems, "recipe"),
                       doctest::Contains("did you mean 'tempo'"), Error);
  CHECK_THROWS_WITH_AS(parse_recipe({{"tempo", "3"}}, kProblems, "recipe"),
                       doctest::Contains("tempo = 3, must be in [0.5, 2]"), Error);
  CHECK_THROWS_WITH_AS(parse_recipe({{"tempo", "2"}}, {}, "recipe"),
                       doctest::Contains("unknown option 'tempo'"), Error);
}

TEST_CASE("recipe: the fidelity starts with the data set and names every field") {
  const std::string text = fidelity_text(kProblem, "cifar10:valid", recipe_preset("full"));
  CHECK(text.find("cifar10:valid; epochs=200; batch=256; optimizer=sgd; learning_rate=0.1;") == 0);
  CHECK(text.find("; seed=777;") != std::string::npos);
}

TEST_CASE("recipe: what held before a field existed is written as the field writes it") {
  // Otherwise the comparison in `settled_text` never holds, and old fidelities are orphans.
  for (const Field<Recipe>& field : recipe_fields()) {
    if (!field.before) continue;
    CAPTURE(field.name);
    const OptionMap old{{std::string(field.name), std::string(*field.before)}};
    const Recipe recipe = parse_fields(recipe_fields(), old, "recipe");
    CHECK(fields_to_map(recipe_fields(), recipe).at(std::string(field.name)) == *field.before);
  }
}
