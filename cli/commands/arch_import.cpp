#include "app/models/network_file.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/ir/cost.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"

namespace nas::cli {
namespace {

int run_import(const Arguments& arguments, Context& context) {
  const std::string source = *arguments.text("FILE"), output = *arguments.text("output");
  form_of_file(output, "safetensors", "--output");
  refuse_existing(output, arguments.has("force"));
  FileNetwork network = read_network_file(source, true);
  for (const auto& [key, value] : network.metadata) network.weights.metadata[key] = value;
  const GraphCost cost = graph_cost(network.graph);
  write_file_atomically(output, format_model_file(network.graph, network.weights));
  Table table{.kind = "import",
              .columns = {{"file", "", false, true},
                          {"form"},
                          {"nodes"},
                          {"params"},
                          {"macs"},
                          {"model", "", false, true}}};
  table.rows.push_back({source, network.form, static_cast<std::int64_t>(network.graph.size()),
                        cost.params, cost.macs, output});
  table.single = true;
  context.print(table);
  return 0;
}

}  // namespace

const Command arch_import{
    .noun = "arch",
    .verb = "import",
    .summary = "a network of an ONNX or .tflite file as a model file",
    .description =
        "Reads graph and weights; the model file is what `nasctl arch evaluate` tests and other "
        "commands\n"
        "take for a network. Operators that cannot be read are named, all in one error. Weights of "
        "an int8\n"
        "model are dequantised: the result is the float network that it approximates.",
    .examples =
        "nasctl arch import model.onnx --output model.safetensors\n"
        "nasctl arch import model.tflite --output model.safetensors",
    .positionals = {{.name = "FILE", .help = "an ONNX or .tflite file", .completes = "file"}},
    .options = {{.name = "output",
                 .value = "FILE.safetensors",
                 .help = "the model file",
                 .completes = "new-file",
                 .required = true},
                {.name = "force", .value = "", .help = "replace the file of --output"}},
    .run = run_import};

}  // namespace nas::cli
