#include "app/fitted/predictor_import.h"

#include "app/fitted/predictor_store.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/csv_tensors.h"
#include "predictors/flat_tensors.h"
#include "predictors/registry.h"

namespace nas {
namespace {

PredictorState read_tensors(const PredictorImport& request) {
  if (request.file.extension() == ".csv") return read_csv_tensors(request.file, request.part);
  if (!request.part.empty()) {
    throw Error(ErrorKind::kUsage, request.file.string() +
                                       ": only a CSV list holds several predictors; leave the part "
                                       "out");
  }
  return read_flat_tensors(request.file);
}

}  // namespace

PredictorRow import_predictor(Session& session, const PredictorImport& request) {
  check_new_predictor(session, request.name, request.replace);
  if (trim(request.target).empty()) {
    throw Error(ErrorKind::kUsage, "say what the predictor predicts, such as 'eer'");
  }
  const PluginChoice choice = parse_plugin_choice(request.space);
  const SearchSpace& space = session.space(choice);
  PredictorFile file{.name = request.name,
                     .plugin = request.plugin,
                     .space = choice.name,
                     .space_version = space.info().version,
                     .benchmark = "",
                     .target = request.target,
                     .features = {},
                     .state = read_tensors(request)};
  const auto& plugin = find_plugin(predictor_plugins(), "predictor", request.plugin.name);
  file.plugin.options = plugin.resolve(request.plugin.options);
  const std::unique_ptr<Predictor> predictor = plugin.make(file.plugin.options);
  try {
    predictor->restore(file.state);
    Rng rng({.seed = 0, .purpose = Purpose::kSample});
    predictor->predict(space, {{sample(space, rng)}, {}, {}});
  } catch (const Error& error) {
    throw error.with_context(request.file.string());
  }
  file.state = predictor->save();  // without what the plug-in does not read
  return keep_predictor(session, file, "{}");
}

}  // namespace nas
