#include "cli/model_argument.h"

#include "app/models/stored_model.h"
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

std::filesystem::path model_argument(const Arguments& arguments, Context& context,
                                     std::string_view word) {
  if (word.starts_with("trial:")) {
    const NamedArchitecture named = named_architecture(arguments, context, std::string(word));
    return model_of_trial(context.session(), named.trial->row, word);
  }
  if (is_network_word(word)) return network_path(context.session(), word);
  throw Error(ErrorKind::kUsage,
              "'" + printable(word) + "' is not a model; expected " + std::string(kModelHelp));
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
  QuantisationOptions parsed = parse_fields(kFields, options, "--calibration");
  if (options.contains("percentile") && parsed.range != "percentile") {
    throw Error(ErrorKind::kUsage,
                "--calibration percentile has no effect without --calibration range=percentile");
  }
  return parsed;
}

}  // namespace nas::cli
