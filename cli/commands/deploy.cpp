#include "app/deploy/deployment.h"
#include "app/deploy/network_program.h"
#include "app/models/stored_model.h"
#include "app/session/data_spec.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "cli/model_argument.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// The file that holds the network: the one that is named, or a trial's model.
std::filesystem::path network_file(const Arguments& arguments, Context& context,
                                   const std::string& word) {
  if (is_network_word(word) || word.starts_with("trial:")) {
    return model_argument(arguments, context, word);
  }
  throw Error(ErrorKind::kUsage,
              printable(word) +
                  ": what is deployed has trained weights; expected "
                  "trial:STUDY/N, model:NAME, FILE.safetensors, FILE.onnx or FILE.tflite");
}

/// --data, else what the study of the trial was trained on.
std::string data_of(const Arguments& arguments, Context& context, const std::string& word) {
  if (const auto data = arguments.text("data")) return with_size(arguments, *data);
  if (!word.starts_with("trial:")) return "";
  return with_size(arguments, named_architecture(arguments, context, word).trial->config.data);
}

Table answer(const Deployment& deployment, const std::filesystem::path& folder) {
  Table table{.kind = "deployment",
              .columns = {{"network", "", false, true},
                          {"steps"},
                          {"macs"},
                          {"arena_bytes"},
                          {"optimal"},
                          {"flash_bytes"},
                          {"folder", "", false, true}}};
  table.rows.push_back({deployment.title,
                        static_cast<std::int64_t>(deployment.program.steps.size()), deployment.macs,
                        deployment.plan.arena.bytes,
                        std::string(deployment.plan.arena.optimal() ? "yes" : "no"),
                        static_cast<std::int64_t>(deployment.tflite.size()), folder.string()});
  table.single = true;
  return table;
}

int run_deploy(const Arguments& arguments, Context& context) {
  const std::string word = *arguments.text("NETWORK");
  const std::filesystem::path folder = *arguments.text("output");
  require_folder_name(folder, "--output", "the files of the deployment");
  refuse_existing_deployment(folder, arguments.has("force"));
  const QuantisationOptions options = calibration_argument(arguments);
  const std::filesystem::path file = network_file(arguments, context, word);
  const std::optional<NetworkProgram> finished = int8_file(file);
  for (const char* option : {"data", "size", "calibration"}) {
    if (!finished || !arguments.has(option)) continue;
    throw Error(ErrorKind::kUsage, "--" + std::string(option) + " has no effect: " +
                                       printable(file.string()) + " is in int8 already");
  }
  const std::string data = finished ? "" : data_of(arguments, context, word);
  std::optional<CalibrationData> calibration;
  if (!data.empty()) {
    calibration.emplace(context.session().problem(data),
                        data_kind(data_spec(context.session(), data)));
    context.note("calibrating on " + std::to_string(options.samples) + " training samples of " +
                 calibration->problem->data().id);
  }
  const NetworkProgram network = finished ? *finished : quantised_file(file, calibration, options);
  context.note("planning memory and running test vectors");
  Deployment deployment = deployment_of(word, network.program, network.samples);
  deployment.notes = network.notes;
  for (const std::string& note : network.notes) context.note(note);
  write_deployment(folder, deployment_files(deployment));
  context.print(answer(deployment, folder));
  context.note("wrote " + folder.string() + "; its README.md says what to do next");
  return 0;
}

}  // namespace

const Command deploy{
    .noun = "deploy",
    .verb = "",
    .summary = "a trained network in int8, ready to flash: .tflite, C array, memory plan, tests",
    .description =
        "Writes a folder: model.tflite, the same as a C array with its header, the memory plan "
        "(offsets,\n"
        "arena, order of steps), test vectors with the bytes that the device must answer, and a "
        "page that\n"
        "says what to do next (docs/microcontrollers.md). A network of real numbers is quantised "
        "on\n"
        "training samples of --data, a trial's on the data of its study. A .tflite file in int8 "
        "stays as\n"
        "it is and gets a plan.",
    .examples =
        "nasctl deploy trial:first/12 --target mcu --output winner\n"
        "nasctl deploy winner.safetensors --target mcu --data cifar10:DIR --output winner\n"
        "nasctl deploy winner.safetensors --target mcu --data mnist:DIR --calibration "
        "range=percentile --output winner\n"
        "nasctl deploy model.tflite --target mcu --output model",
    .positionals = {{.name = "NETWORK", .help = kModelHelp, .completes = "model-file"}},
    .options = {{.name = "target",
                 .value = "TARGET",
                 .help = "what runs it: mcu is TensorFlow Lite Micro",
                 .choices = "mcu",
                 .required = true},
                {.name = "output",
                 .value = "DIR",
                 .help = "the folder, which is made",
                 .completes = "dir",
                 .required = true},
                {.name = "force", .value = "", .help = "replace the files of an older deployment"},
                {.name = "data",
                 .value = "KIND:DIR",
                 .help = "data whose training samples say how large numbers become (default: of "
                         "the trial's study)"},
                size_option(),
                calibration_option()},
    .run = run_deploy};

}  // namespace nas::cli
