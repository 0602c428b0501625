#include "app/reports/architecture_heading.h"
#include "app/reports/cell_svg.h"
#include "app/study/winner.h"
#include "cli/commands.h"
#include "cli/network_argument.h"
#include "cli/onnx_export.h"
#include "core/ir/draw/layout.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/simplify.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/draw_circuit.h"
#include "core/quantum/qasm.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// --as, else what the file's ending says, else text.
std::string chosen_form(const Arguments& arguments) {
  const auto form = arguments.text("as");
  const auto output = arguments.text("output");
  if (!output) return form.value_or("text");
  if (known_form(*output, "tflite")) {
    throw Error(ErrorKind::kUsage, "--output " + printable(*output) +
                                       ": a .tflite file needs scales from data; `nasctl deploy "
                                       "ARCHITECTURE --target mcu --output DIR` makes one");
  }
  constexpr std::string_view kEndings = "svg|dot|json|graph|text|txt|onnx|qasm";
  if (form == kNetworkTextForm && known_form(*output, "text|txt")) return *form;
  const auto named = form ? known_form(*output, kEndings)
                          : std::optional(form_of_file(*output, kEndings, "--output"));
  const std::string by_ending = !named                                 ? *form
                                : *named == "txt" || *named == "graph" ? "text"
                                                                       : *named;
  if (form == "qasm3" && by_ending == "qasm") return *form;
  if (form && *form != by_ending) {
    throw Error(ErrorKind::kUsage, "--as " + *form + " and --output " + printable(*output) +
                                       " name different forms: give one of them");
  }
  return by_ending;
}

LayoutOptions layout_options(const Arguments& arguments, const ArchGraph& graph) {
  LayoutOptions options{.fold_above = kReadableBoxes};
  if (arguments.has("whole")) options.fold_above = graph.size();
  if (arguments.has("folded")) options.fold_above = std::min(kReadableBoxes, graph.size() / 2);
  return options;
}

std::string drawn(const Arguments& arguments, const GivenNetwork& given) {
  const ArchGraph shown = arguments.has("simplified") ? simplified(given.graph) : given.graph;
  const LayoutOptions layout = layout_options(arguments, shown);
  if (!given.named && is_circuit(given.graph) && !arguments.has("whole")) {
    return draw_circuit_svg(to_circuit(given.graph), given.text);
  }
  if (!given.named) {
    if (arguments.has("cell")) {
      throw Error(ErrorKind::kUsage,
                  "--cell: " + printable(given.text) + " is of no space, so no cells are known");
    }
    return to_svg(shown, layout, file_heading(given.text, given.graph, given.shown.heading));
  }
  const NamedArchitecture& named = *given.named;
  if (is_circuit(given.graph) && !arguments.has("whole")) {
    return draw_circuit_svg(to_circuit(given.graph), named.text);
  }
  const SvgHeading heading =
      architecture_heading(*named.space, named.text, given.graph, given.shown.heading);
  if (arguments.has("cell")) return cells_svg(*named.space, named.architecture, heading);
  return to_svg(shown, layout, heading);
}

std::string qasm_of(const ArchGraph& graph, const std::string& form) {
  const Circuit circuit = to_circuit(graph);
  return form == "qasm3" ? to_qasm3(circuit) : to_qasm2(circuit);
}

std::string exported(const Arguments& arguments, const GivenNetwork& given,
                     const std::string& form) {
  if (form == "svg") return drawn(arguments, given);
  if (form == kNetworkTextForm) return network_text_content(arguments, given);
  if (form.starts_with("qasm")) return qasm_of(given.graph, form);
  const ArchGraph shown = arguments.has("simplified") ? simplified(given.graph) : given.graph;
  if (form == "json") return to_json(shown);
  return form == "dot" ? to_dot(shown) : to_text(shown);
}

/// Options that say how another form is made.
void refuse_other_forms(const Arguments& arguments, const std::string& form) {
  for (const char* view : {"cell", "folded", "whole"}) {
    if (form == "svg" || !arguments.has(view)) continue;
    throw Error(ErrorKind::kUsage, "--" + std::string(view) + " has no effect on the form '" +
                                       form +
                                       "': it is a view of a drawing (--as svg, or --output "
                                       "FILE.svg)");
  }
  if (form != kNetworkTextForm && arguments.has("text-mode")) {
    throw Error(ErrorKind::kUsage, "--text-mode has no effect on the form '" + form +
                                       "': it is of texts of ONNX-Net (--as onnx-net)");
  }
  for (const OptionSpec& option : onnx_options()) {
    if (form == "onnx" || !arguments.has(option.name)) continue;
    throw Error(ErrorKind::kUsage, "--" + std::string(option.name) +
                                       " has no effect on the form '" + form +
                                       "': it is of ONNX files (--output FILE.onnx)");
  }
}

int run_export(const Arguments& arguments, Context& context) {
  const std::string form = chosen_form(arguments);
  context.require_own_form("a graph in the form of --as (" + form + ")");
  refuse_other_forms(arguments, form);
  const auto output = arguments.text("output");
  if (form == "onnx" && !output) {
    throw Error(ErrorKind::kUsage, "--as onnx: an ONNX file is not text; name it with --output");
  }
  if (output) refuse_existing(*output, arguments.has("force"));
  const bool onnx = form == "onnx";
  GivenNetwork given = given_network(arguments, context, *arguments.text("ARCHITECTURE"), onnx);
  given.graph = with_fitted_angles(context, given);
  const std::string content =
      onnx ? onnx_content(arguments, context, given) : exported(arguments, given, form);
  if (output) {
    write_file_atomically(*output, content);
    context.note("wrote " + *output + ", " + given.shown.heading);
  } else {
    context.print(content);
  }
  return 0;
}

}  // namespace

const Command arch_export{
    .noun = "arch",
    .verb = "export",
    .summary = "the graph as an ONNX file, text, JSON or DOT, or a drawing of it",
    .description =
        "The file's ending decides the form: .onnx, .svg, .dot, .json, .graph, .qasm. A "
        "drawing shows the cell\n"
        "(--cell), the network with its parts folded until it fits a page (the default), or all of "
        "it\n"
        "(--whole). An ONNX file holds the network for inference, with trained weights where "
        "--weights\n"
        "names them (docs/onnx.md). --as onnx-net is the text that language models read: of an "
        "ONNX\n"
        "file as it stands, of others as exported in opset 13.",
    .examples =
        "nasctl arch export --space darts PC_DARTS_cifar --cell --output cell.svg\n"
        "nasctl arch export --space nasbench201 index:0 --output network.svg\n"
        "nasctl arch export --space nasbench201 index:0 --as text | less\n"
        "nasctl arch export trial:first/12 --weights trial:first/12 --output winner.onnx "
        "--fold-batch-norm\n"
        "nasctl arch export model.onnx --output model.svg\n"
        "nasctl arch export model.onnx --as onnx-net --text-mode faithful",
    .positionals = {{.name = "ARCHITECTURE", .help = kNetworkHelp, .completes = "model-file"}},
    .options = joined(
        joined({{.name = "as",
                 .value = "FORM",
                 .help = "form (default: by the file's ending, else text)",
                 .choices = "text|json|dot|svg|onnx|onnx-net|qasm|qasm3"},
                {.name = "text-mode",
                 .value = "MODE",
                 .help = "of --as onnx-net: a mode of the authors' code; faithful, which leaves "
                         "nothing out; run_length, the short one that predictors read",
                 .choices = kNetworkTexts,
                 .standard = "chain_slim"},
                {.name = "output",
                 .value = "FILE",
                 .help = "a file in place of stdout",
                 .completes = "new-file"},
                {.name = "force",
                 .value = "",
                 .help = "replace the file of --output",
                 .needs = "output"},
                {.name = "cell",
                 .value = "",
                 .help = "draw the cell",
                 .excludes = "folded|whole|simplified"},
                {.name = "folded",
                 .value = "",
                 .help = "draw the network with parts folded, also a small one",
                 .excludes = "whole"},
                {.name = "whole", .value = "", .help = "draw every operation of the network"},
                {.name = "simplified",
                 .value = "",
                 .help = "without dead operations, identities and zero branches"}},
               joined(onnx_options(), space_options())),
        network_options()),
    .run = run_export};

}  // namespace nas::cli
