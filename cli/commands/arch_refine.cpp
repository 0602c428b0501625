#include "app/models/network_file.h"
#include "app/predictors/network_refine.h"
#include "cli/commands.h"
#include "cli/network_argument.h"
#include "core/onnx/export_graph.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr int kInterrupted = 130;

Table front_table(const RefineReport& report) {
  Table table{.kind = "refined networks",
              .columns = {{"network"},
                          {"prediction", "predicted " + report.target},
                          {"macs", "MACs"},
                          {"params"},
                          {"changes"}}};
  const auto add = [&table](const std::string& name, const RefinedNetwork& network) {
    table.rows.push_back({name, network.prediction, network.macs, graph_cost(network.graph).params,
                          static_cast<std::int64_t>(network.changes.size())});
  };
  add("given", report.start);
  for (std::size_t i = 0; i < report.front.size(); ++i) {
    add(std::to_string(i + 1), report.front[i]);
  }
  return table;
}

void write(const std::string& path, const RefinedNetwork& network, const RefineReport& report,
           const std::string& origin, Context& context) {
  std::string changes;
  for (const std::string& change : network.changes) {
    changes += (changes.empty() ? "" : "; ") + change;
  }
  const TensorFile weights = initial_weights(network.graph);
  OnnxChoice choice;
  choice.metadata = {{"refined_from", origin},
                     {"changes", changes},
                     {"predicted", format_double(network.prediction) + " " + report.target}};
  write_file_atomically(path, format_onnx_file(network.graph, &weights, choice));
  context.note("wrote " + path + ", network 1; the weights are untrained");
}

int run_refine(const Arguments& arguments, Context& context) {
  const auto output = arguments.text("output");
  if (output) {
    form_of_file(*output, "onnx", "--output");
    refuse_existing(*output, arguments.has("force"));
  }
  const GivenNetwork given = given_network(arguments, context, *arguments.text("ARCHITECTURE"));
  RefineRequest request;
  request.predictor = *arguments.text("predictor");
  request.tries = arguments.whole("tries", 1, 100'000'000);
  request.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, 1'000'000'000));
  const RefineReport report = refine_network(context.session(), given.graph, request);
  context.print(front_table(report));
  context.note(format_count(report.tries) + " tries, of which " + format_count(report.impossible) +
               " fit no network and " + format_count(report.known) +
               " gave one that was judged before");
  const bool complete = report.tries == request.tries;
  if (!complete) {
    context.note("interrupted before " + format_count(request.tries) +
                 " tries: above is what was found until then");
  }
  if (report.front.empty()) {
    context.note("no network is predicted to be better with as many MACs; try more (--tries)");
    return complete ? 1 : kInterrupted;
  }
  for (const std::string& change : report.front.front().changes) context.note("  " + change);
  if (output) write(*output, report.front.front(), report, given.text, context);
  return complete ? 0 : kInterrupted;
}

}  // namespace

const Command arch_refine{
    .noun = "arch",
    .verb = "refine",
    .summary = "change single nodes of a network until a predictor likes it better, for fewer MACs",
    .description =
        "Local search on the graph, which may leave every search space: one node at a time gets "
        "another\n"
        "operation, kernel or number of channels, and what does not fit together is refused by "
        "shape\n"
        "inference. Kept is what is predicted to be as good with as many MACs at most. The "
        "predictor is one\n"
        "that judges any network (nasctl predictor fit --plugin gennape). A prediction is not a "
        "measurement:\ntrain the result before you trust it. An interruption ends it with what was "
        "found until then. Exit\ncode 1: nothing better was found.",
    .examples =
        "nasctl predictor fit unseen --kind accuracy --across --plugin gennape --bench nb201 \\\n"
        "    --source nb101 --target accuracy:dataset=cifar10,split=test,epochs=200,statistic=mean "
        "--train 50\n"
        "nasctl arch refine --space nasbench201 index:1462 --predictor unseen --output better.onnx",
    .positionals = {{.name = "ARCHITECTURE", .help = kNetworkHelp, .completes = "model-file"}},
    .options = joined(
        joined({{.name = "predictor",
                 .value = "NAME",
                 .help = "fitted predictor",
                 .completes = "predictor",
                 .required = true},
                {.name = "tries", .value = "N", .help = "changes to try", .standard = "1000"},
                {.name = "seed", .value = "N", .help = "seed", .standard = "0"},
                {.name = "output",
                 .value = "FILE.onnx",
                 .help = "the best one, with untrained weights",
                 .completes = "new-file"},
                {.name = "force",
                 .value = "",
                 .help = "replace the file of --output",
                 .needs = "output"}},
               space_options()),
        network_options()),
    .run = run_refine};

}  // namespace nas::cli
