#include "app/models/stored_model.h"
#include "app/session/kept_files.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"

namespace nas::cli {
namespace {

/// Writes the model file of --output or of --name, and returns what names the network from then on.
std::string keep(const Arguments& arguments, Context& context, FileNetwork network) {
  const bool force = arguments.has("force");
  if (const auto name = arguments.text("name")) {
    keep_model(context.session(), *name, std::move(network), force);
    return "model:" + *name;
  }
  const std::string output = *arguments.text("output");
  write_file_atomically(output, format_model_file(std::move(network)));
  return output;
}

int run_import(const Arguments& arguments, Context& context) {
  const std::string source = *arguments.text("FILE");
  if (!arguments.has("name") && !arguments.has("output")) {
    throw Error(ErrorKind::kUsage,
                "where to? --name NAME keeps the network in the database as model:NAME, --output "
                "FILE.safetensors writes a model file");
  }
  if (const auto output = arguments.text("output")) {
    form_of_file(*output, "safetensors", "--output");
    refuse_existing(*output, arguments.has("force"));
    refuse_kept_file(context.session(), *output);
  }
  FileNetwork network = read_network_file(source, true);
  require_weights(network);
  const GraphCost cost = graph_cost(network.graph);
  Table table{.kind = "import",
              .columns = {{"file", "", false, true},
                          {"form"},
                          {"nodes"},
                          {"params"},
                          {"macs"},
                          {"model", "", false, true}}};
  std::vector<Cell> row{source, network.form, static_cast<std::int64_t>(network.graph.size()),
                        cost.params, cost.macs};
  row.emplace_back(keep(arguments, context, std::move(network)));
  table.rows.push_back(std::move(row));
  table.single = true;
  context.print(table);
  return 0;
}

}  // namespace

const Command arch_import{
    .noun = "arch",
    .verb = "import",
    .summary = "a network of a file, into the database or as a model file",
    .description =
        "Reads graph and weights. With --name the database keeps them, and model:NAME is the "
        "network\n"
        "wherever one is asked for (nasctl model list). Operators that cannot be read are named, "
        "all in\n"
        "one error. Weights of an int8 model are dequantised: the result is the float network that "
        "it\n"
        "approximates.",
    .examples =
        "nasctl arch import mobilenet.onnx --name mobilenet\n"
        "nasctl arch latency model:mobilenet\n"
        "nasctl arch import model.onnx --output model.safetensors\n"
        "nasctl arch import model.tflite --output model.safetensors",
    .positionals = {{.name = "FILE",
                     .help = "an ONNX or .tflite file, or a model FILE.safetensors",
                     .completes = "file"}},
    .options = {{.name = "name",
                 .value = "NAME",
                 .help = "keep it in the database under this name",
                 .excludes = "output"},
                {.name = "output",
                 .value = "FILE.safetensors",
                 .help = "write a model file instead",
                 .completes = "new-file"},
                {.name = "force",
                 .value = "",
                 .help = "replace the model of --name or the file of --output"}},
    .run = run_import};

}  // namespace nas::cli
