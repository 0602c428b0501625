#include "cli/model_argument.h"

#include "cli/architecture_argument.h"
#include "core/api/plugin_choice.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr std::span<const Field<QuantisationOptions>> kFields = kQuantisationFields;

/// "how it is quantised: correct-bias=false, equalise=false, ...": every value with its default.
std::string calibration_help() {
  std::string text = "how it is quantised:";
  for (const auto& [name, value] : fields_to_map(kFields, QuantisationOptions{})) {
    text += (text.back() == ':' ? " " : ", ") + name + "=" + value;
  }
  return text;
}
}  // namespace

std::filesystem::path model_of_trial(const Arguments& arguments, Context& context,
                                     std::string_view word, std::string_view what,
                                     std::string_view then) {
  const NamedArchitecture named = named_architecture(arguments, context, std::string(word));
  const TrialRow& trial = named.trial->row;
  std::filesystem::path found;
  for (const ModelRow& model : context.session().reader().models(trial.architecture_id)) {
    std::error_code ignored;
    if (model.trial_id == trial.id && std::filesystem::exists(model.path, ignored)) {
      found = model.path;
    }
  }
  if (found.empty()) {
    throw Error(ErrorKind::kUsage,
                std::string(what) +
                    ": the store knows no model of this trial whose file is there; train one with "
                    "`nasctl arch train " +
                    printable(word) + " --data KIND:DIR --output M.safetensors` " +
                    std::string(then));
  }
  return found;
}

std::filesystem::path model_argument(const Arguments& arguments, Context& context,
                                     std::string_view word) {
  if (word.starts_with("trial:")) {
    return model_of_trial(arguments, context, word, printable(word), "and give that file");
  }
  return word;
}

OptionSpec calibration_option(std::string_view needs) {
  static const std::string kHelp = calibration_help();  // records of commands are made before main
  return {.name = "calibration",
          .value = "NAME=VALUE",
          .help = kHelp,
          .repeated = true,
          .needs = needs};
}

QuantisationOptions calibration_argument(const Arguments& arguments) {
  OptionMap options;
  for (const std::string& option : arguments.all("calibration")) add_option(options, option);
  return parse_fields(kFields, options, "--calibration");
}

}  // namespace nas::cli
