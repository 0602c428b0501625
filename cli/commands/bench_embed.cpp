#include "app/predictors/embedding.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/plugin_tables.h"
#include "core/api/plugin_choice.h"
#include "core/util/error.h"

namespace nas::cli {
namespace {

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}

int run_embed(const Arguments& arguments, Context& context) {
  if (arguments.has("fields")) {
    context.print(options_table(autoencoder_fields()));
    return 0;
  }
  if (!arguments.has("BENCHMARK")) {
    throw Error(ErrorKind::kUsage, "missing BENCHMARK: the table whose rows are placed");
  }
  EmbeddingRequest request{.benchmark = *arguments.text("BENCHMARK"),
                           .column = arguments.value("column"),
                           .drawn = arguments.whole("drawn", 0, 10'000'000),
                           .replace = arguments.has("force")};
  for (const std::string& option : arguments.all("option")) add_option(request.options, option);
  const AutoencoderReport report = embed_benchmark(context.session(), request);
  const Reconstruction& held = report.validation;
  Table table = single_table("embedding");
  add_fact(table, "benchmark", request.benchmark);
  add_fact(table, "column", request.column);
  add_fact(table, "trained", static_cast<std::int64_t>(report.trained));
  add_fact(table, "held_out", static_cast<std::int64_t>(report.held_out), "held out");
  add_fact(table, "steps", report.steps);
  add_fact(table, "loss", report.losses.back());
  add_fact(table, "operation_accuracy", share(held.operations, held.vertices),
           "operations decoded");
  add_fact(table, "edge_accuracy", share(held.right_pairs, held.pairs), "edges decoded");
  if (held.flags > 0) {
    add_fact(table, "wire_accuracy", share(held.right_flags, held.flags), "wires decoded");
  }
  add_fact(table, "seconds", report.seconds, "processor seconds");
  context.print(table);
  return 0;
}

}  // namespace

const Command bench_embed{
    .noun = "bench",
    .verb = "embed",
    .summary = "place the rows of a benchmark by an auto-encoder of their graphs",
    .description =
        "Trains a variational auto-encoder on the graphs of the rows, without any label, and adds "
        "the point of each row as a vector to the benchmark: a feature for searchers of a cloud "
        "(features=autoencoder) and for predictors (--features autoencoder). Prints how much of "
        "the rows held out is decoded. Where operations are decoded badly (below .99) the points "
        "say little: train for more epochs, or where the rows are few on more architectures "
        "(--drawn).",
    .examples =
        "nasctl bench embed quantum_4q\n"
        "nasctl bench embed quantum_8q --option latent=32 --drawn 15000\n"
        "nasctl bench embed --fields",
    .positionals = {{.name = "BENCHMARK", .help = "name in the database", .required = false}},
    .options = {{.name = "option",
                 .value = "KEY=VALUE",
                 .help = "of the auto-encoder (--fields)",
                 .repeated = true},
                {.name = "drawn",
                 .value = "N",
                 .help = "learn also from N architectures drawn from the space",
                 .standard = std::to_string(EmbeddingRequest{}.drawn)},
                {.name = "column",
                 .value = "NAME",
                 .help = "name of the vector",
                 .standard = EmbeddingRequest{}.column},
                {.name = "fields", .value = "", .help = "print the options of the auto-encoder"},
                {.name = "force", .value = "", .help = "replace a vector of this name"}},
    .run = run_embed};

}  // namespace nas::cli
