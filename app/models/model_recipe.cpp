#include "app/models/model_recipe.h"

#include <algorithm>
#include <string>
#include <vector>

#include "app/models/network_file.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

std::vector<std::string> names_of(const ProblemRecord& problem) {
  std::vector<std::string> names;
  for (const FieldDoc& field : problem.fields.docs()) names.push_back(field.name);
  return names;
}

std::string fidelity_of_model(const std::filesystem::path& model) {
  const auto metadata = network_metadata(model);
  const auto text = metadata.find("fidelity");
  return text == metadata.end() ? "" : text->second;
}

}  // namespace

Recipe recipe_of_model(const std::filesystem::path& model, const ProblemRecord& problem) {
  const std::string fidelity = fidelity_of_model(model);
  return fidelity.empty() ? Recipe{} : recipe_of(parse_fidelity(fidelity), problem);
}

Recipe recipe_of_model(const std::filesystem::path& model, const DataKind& kind,
                       const OptionMap& stated) {
  const std::vector<std::string> own = names_of(*kind.problem);
  const auto is_own = [&](const std::string& name) {
    return std::find(own.begin(), own.end(), name) != own.end();
  };
  const std::string fidelity = fidelity_of_model(model);
  Recipe recipe;
  if (!fidelity.empty()) recipe = recipe_of(parse_fidelity(fidelity), *kind.problem);
  for (const auto& [name, value] : kind.info.recipe) {
    if (fidelity.empty() && is_own(name)) recipe.problem[name] = value;
  }
  for (const auto& [name, value] : stated) {
    if (!is_own(name)) {
      throw Error(ErrorKind::kUsage,
                  "--recipe: " + (own.empty() ? "'" + printable(name) + "' changes nothing here"
                                              : unknown_name("key", name, own)));
    }
    recipe.problem[name] = value;
  }
  return recipe;
}

}  // namespace nas
