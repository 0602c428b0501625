#include "cli/network_argument.h"

#include "app/study/winner.h"
#include "cli/context.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {

void refuse_network_options(const Arguments& arguments, std::string_view word) {
  // A and B of `arch diff` may be of both kinds: then the options are the other one's.
  for (const char* other : {"A", "B"}) {
    const auto text = arguments.text(other);
    if (text && !is_network_word(*text)) return;
  }
  for (const std::vector<OptionSpec>& options : {space_options(), network_options()}) {
    for (const OptionSpec& option : options) {
      if (!arguments.has(option.name)) continue;
      throw Error(ErrorKind::kUsage, "--" + std::string(option.name) + " has no effect: " +
                                         printable(word) + " is a network by itself");
    }
  }
}

namespace {

/// The text of a network names a task; a file states inputs and outputs only.
std::string network_text_of(const ArchGraph& graph) {
  std::vector<std::string> inputs, outputs;
  for (const NodeId input : graph.graph_inputs()) {
    inputs.push_back(to_string(graph.output_types(input)[0]));
  }
  for (const GraphOutput& output : graph.graph_outputs()) {
    outputs.push_back(output.name + ": " + to_string(graph.type(output.value)));
  }
  return join(inputs, ", ") + " -> " + join(outputs, ", ");
}

}  // namespace

GivenNetwork given_network(const Arguments& arguments, Context& context, std::string_view word,
                           bool with_weights) {
  GivenNetwork given;
  if (!is_network_word(word)) {
    given.named = named_architecture(arguments, context, word);
    given.text = given.named->text;
    given.shown = network_argument(arguments, *given.named);
    given.graph = given.named->space->build(given.named->architecture, given.shown.task);
    return given;
  }
  refuse_network_options(arguments, word);
  given.file = read_network_file(network_path(context.session(), word), with_weights);
  given.text = word;
  given.graph = given.file->graph;
  given.shown.heading = network_heading(given.text, *given.file);
  given.shown.text = network_text_of(given.graph);
  return given;
}

ArchGraph with_fitted_angles(Context& context, const GivenNetwork& given) {
  if (!given.named || !given.named->trial || !is_circuit(given.graph)) return given.graph;
  return fitted_graph(context.session(), given.named->trial->config, given.graph);
}

}  // namespace nas::cli
