#include "predictors/registry.h"

namespace nas {

std::unique_ptr<Predictor> make_predictor(std::string_view name, const OptionMap& options) {
  return find_plugin(predictor_plugins(), "predictor", name).make(options);
}

}  // namespace nas
