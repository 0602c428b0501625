#include "app/fitted/predictor_import.h"

#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

int run_import(const Arguments& arguments, Context& context) {
  const PredictorRow row =
      import_predictor(context.session(), {.name = *arguments.text("NAME"),
                                           .plugin = parse_plugin_choice(*arguments.text("plugin")),
                                           .space = *arguments.text("space"),
                                           .target = *arguments.text("target"),
                                           .file = *arguments.text("FILE"),
                                           .part = arguments.text("part").value_or(""),
                                           .replace = arguments.has("replace")});
  Table table{.kind = "imported_predictor",
              .columns = {{"name", "", false, true},
                          {"plugin"},
                          {"space"},
                          {"target", "", true},
                          {"file", "", false, true}}};
  table.rows.push_back({row.name, row.plugin, row.space, row.target, row.path});
  table.single = true;
  context.print(table);
  return 0;
}

}  // namespace

const Command predictor_import{
    .noun = "predictor",
    .verb = "import",
    .summary = "keep a predictor that others have fitted and published",
    .description =
        "A FILE.json lists tensors by name, shape and place in FILE.f32le, as exports of PyTorch "
        "do; "
        "a CSV list has the columns predictor, tensor, rows and cols, and a CSV file of numbers "
        "for "
        "each tensor beside it. "
        "Afterwards it is used like one that was fitted here: predictor apply, and as the origin "
        "of "
        "a metric in search run.",
    .examples =
        "nasctl predictor import eer48 predictor_eer_48_coarse.json --plugin bn_mlp \\\n"
        "  --space efficient_tdnn --target eer\n"
        "nasctl predictor import ofa tensors.csv --part mbv3_w1.2 --plugin ofa_mlp \\\n"
        "  --space ofa_mobilenetv3:grid=coarse --target accuracy\n"
        "nasctl search run --space efficient_tdnn --searcher genetic --budget 10000 \\\n"
        "  --minimize eer --origin eer=predictor:eer48",
    .positionals = {{.name = "NAME", .help = "of the new predictor"},
                    {.name = "FILE",
                     .help = "list of its tensors, JSON or CSV",
                     .completes = "file"}},
    .options = {{.name = "plugin",
                 .value = "PLUGIN",
                 .help = "that reads its tensors (predictor list --plugins)",
                 .required = true},
                {.name = "space",
                 .value = "NAME",
                 .help = "space of the architectures that it sees, with options as NAME:KEY=VALUE",
                 .completes = "space",
                 .required = true},
                {.name = "target",
                 .value = "METRIC",
                 .help = "what it predicts: eer, accuracy",
                 .required = true},
                {.name = "part",
                 .value = "NAME",
                 .help = "the one of several predictors in a CSV list"},
                {.name = "replace", .value = "", .help = "replace a predictor of this name"}},
    .run = run_import};

}  // namespace nas::cli
