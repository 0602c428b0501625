#include "app/models/stored_model.h"
#include "cli/commands.h"
#include "cli/confirmation.h"
#include "cli/context.h"

namespace nas::cli {
namespace {

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "models",
              .columns = {{"model", "", false, true},
                          {"input"},
                          {"nodes"},
                          {"params"},
                          {"macs"},
                          {"bytes"},
                          {"form"},
                          {"source", "", true},
                          {.name = "file", .spare = true}},
              .caption = "a network is model:NAME wherever one is asked for"};
  for (const ArtifactRow& row : stored_models(context.session())) {
    const StoredModelFacts facts = facts_of(row);
    table.rows.push_back({row.name, facts.input, facts.nodes, facts.params, facts.macs, row.bytes,
                          facts.form, facts.source, row.path});
  }
  if (table.rows.empty()) {
    table.caption = "no networks yet; nasctl arch import FILE.onnx --name NAME keeps one";
  }
  context.print(table);
  return 0;
}

int run_remove(const Arguments& arguments, Context& context) {
  const std::string name = *arguments.text("NAME");
  const ArtifactRow row = known_model(context.session(), name);
  if (!confirmed(arguments, "remove model '" + name + "' with its file " + row.path)) {
    context.note("nothing was removed");
    return 1;
  }
  remove_model(context.session(), name);
  context.note("removed model '" + name + "' and " + row.path);
  return 0;
}

}  // namespace

const Command model_list{.noun = "model",
                         .verb = "list",
                         .summary = "imported networks that the database keeps",
                         .examples = "nasctl model list",
                         .run = run_list};

const Command model_remove{
    .noun = "model",
    .verb = "remove",
    .summary = "forget an imported network and remove its file",
    .description = "Asks at a terminal; elsewhere --yes is needed. Exit code 1: the answer was no.",
    .examples = "nasctl model remove mobilenet --yes",
    .positionals = {{.name = "NAME", .help = "name of the network", .completes = "model"}},
    .options = {kYes},
    .run = run_remove};

}  // namespace nas::cli
