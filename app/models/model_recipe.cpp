#include "app/models/model_recipe.h"

#include "app/models/network_file.h"

namespace nas {

Recipe recipe_of_model(const std::filesystem::path& model, const ProblemRecord& problem) {
  const auto metadata = network_metadata(model);
  const auto text = metadata.find("fidelity");
  return text == metadata.end() ? Recipe{} : recipe_of(parse_fidelity(text->second), problem);
}

}  // namespace nas
