#include <algorithm>

#include "app/reports/report.h"
#include "app/session/data_spec.h"
#include "app/session/kept_files.h"
#include "app/study/winner.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/data_argument.h"
#include "cli/model_argument.h"
#include "cli/network_argument.h"
#include "cli/plugin_tables.h"
#include "cli/training_argument.h"
#include "core/problems/data_kinds.h"
#include "core/runtime/checkpoint.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// The sizes of the trial's network, unless the user asks for others: they are what was judged.
void take_network(const NamedArchitecture& named, RecipeChoice& recipe) {
  if (!named.trial || named.trial->row.network.empty()) return;
  const Task task = trial_network(*named.space, named.trial->config, named.trial->row).task;
  recipe.options.emplace("width", std::to_string(task.width));
  recipe.options.emplace("depth", std::to_string(task.depth));
  recipe.options.emplace("skeleton", task.skeleton);
}

/// A column for every metric, empty where nothing was judged: "validation_accuracy"; and for what
/// a judge says beside one, its interval or its normalised form: "test_eer_as_norm".
void add_values(Table& table, std::vector<Cell>& row, const std::string& prefix,
                std::span<const MetricInfo> metrics, const std::vector<NamedValue>& values) {
  for (const MetricInfo& metric : metrics) {
    table.columns.push_back({prefix + std::string(metric.name)});
    const auto found = std::find_if(values.begin(), values.end(), [&](const NamedValue& value) {
      return value.name == metric.name;
    });
    row.emplace_back();
    if (found != values.end()) row.back() = found->value;
    for (const NamedValue& value : values) {
      if (!value.name.starts_with(std::string(metric.name) + "_")) continue;
      // "energy_error" is a metric of its own.
      if (std::ranges::find(metrics, value.name, &MetricInfo::name) != metrics.end()) continue;
      table.columns.push_back({prefix + value.name});
      row.emplace_back(value.value);
    }
  }
}

/// Of a circuit whose angles were fitted.
Table fit_table(const std::string& trained, const TrainOutcome& outcome) {
  Table table{.kind = "fit", .columns = {{"architecture", "", true}}};
  std::vector<Cell> row{trained};
  add_values(table, row, "", outcome.problem->metrics, outcome.report.validation);
  table.columns.push_back({"params"});
  row.emplace_back(outcome.params);
  table.columns.push_back({"circuit", "", false, true});
  row.emplace_back(outcome.path.string());
  table.columns.push_back({"sha256", "", true});
  row.emplace_back(outcome.sha256);
  table.rows.push_back(std::move(row));
  if (!outcome.network.empty()) {
    add_for_programs(table, "network", outcome.network);
    table.heading = "circuit: " + describe_task(outcome.network);
  }
  table.single = true;
  return table;
}

Table training_table(const std::string& trained, const TrainOutcome& outcome) {
  const TrainReport& report = outcome.report;
  const std::span<const MetricInfo> metrics = outcome.problem->metrics;
  if (outcome.problem->fits_itself()) return fit_table(trained, outcome);
  Table table{.kind = "training", .columns = {{"architecture", "", true}, {"epochs"}}};
  std::vector<Cell> row{trained, report.epochs_done};
  for (const NamedValue& value : report.train) {
    table.columns.push_back({train_name(value.name)});
    row.emplace_back(value.value);
  }
  add_values(table, row, "validation_", metrics, report.validation);
  add_values(table, row, std::string(kTestPrefix), metrics, report.test);
  const auto add = [&](Column column, Cell value) {
    table.columns.push_back(std::move(column));
    row.push_back(std::move(value));
  };
  add({"params"}, outcome.params);
  add({"macs"}, outcome.macs);
  add({std::string(outcome.problem->samples) + "_per_second"}, report.samples_per_second);
  add({"model", "", false, true}, outcome.path.string());
  add({"sha256", "", true}, outcome.sha256);
  table.rows.push_back(std::move(row));
  if (!outcome.network.empty()) {
    add_for_programs(table, "network", outcome.network);
    table.heading = "network: " + describe_task(outcome.network);
  }
  table.single = true;
  return table;
}

/// A network of no space has its size already.
void refuse_sizes(const RecipeChoice& recipe, std::string_view word) {
  for (const char* size : {"width", "depth", "skeleton"}) {
    if (!recipe.options.contains(size)) continue;
    throw Error(ErrorKind::kUsage, std::string("--recipe ") + size + " has no effect: " +
                                       printable(word) + " is a network by itself");
  }
}

/// What is trained, with the weights that the training starts from. Returns its name.
std::string take_subject(const Arguments& arguments, Context& context, RecipeChoice& recipe,
                         TrainRequest& request) {
  const std::string word = *arguments.text("ARCHITECTURE");
  std::string trained = word;
  if (is_network_word(word)) {
    refuse_network_options(arguments, word);
    refuse_sizes(recipe, word);
    request.network = network_path(context.session(), word);
    if (has_weights(request.network)) request.weights = request.network;
    if (!is_network_file(word)) request.stem = word.substr(word.find(':') + 1);
  } else {
    const NamedArchitecture named = named_architecture(arguments, context, word);
    request.space = named.choice;
    request.architecture = named.text;
    take_network(named, recipe);
    trained = named.text;
  }
  if (const auto weights = arguments.text("weights")) {
    request.weights = *weights == "initial" ? std::filesystem::path()
                                            : model_argument(arguments, context, *weights);
  }
  return trained;
}

int run_train(const Arguments& arguments, Context& context) {
  if (const auto curve = arguments.text("curve")) form_of_file(*curve, "svg", "--curve");
  TrainRequest request;
  RecipeChoice recipe = recipe_argument(arguments);
  const std::string trained = take_subject(arguments, context, recipe, request);
  request.data = training_data(arguments);
  const DataKind* kind = find_data_kind(data_spec(context.session(), request.data));
  if (const auto output = arguments.text("output")) {
    const std::string_view ending = kind == nullptr ? "" : model_ending(*kind->problem).substr(1);
    form_of_file(*output, ending.empty() ? "safetensors" : ending, "--output");
    refuse_kept_file(context.session(), *output, "models");
  }
  if (kind != nullptr) refuse_without_effect(recipe_argument(arguments).options, "--recipe", *kind);
  request.recipe = make_recipe(recipe, "--recipe", kind);
  request.output = arguments.text_or("output", "");
  request.force = arguments.has("force");
  request.resume = arguments.has("resume");
  request.threads = static_cast<int>(arguments.integer_or("threads", 0, 1, 1024));
  request.teacher = arguments.text_or("teacher", "");
  request.distill = parse_distill_choice(arguments.value("distill"));
  if (const auto curve = arguments.text("curve")) check_can_write(*curve);
  const TrainOutcome outcome = train_architecture(context.session(), request);
  if (outcome.report.stopped) {
    context.note("stopped after epoch " + std::to_string(outcome.report.epochs_done) +
                 "; the same command with --resume continues from there");
    return 130;
  }
  context.print(training_table(trained, outcome));
  if (const auto curve = arguments.text("curve")) {
    write_file_atomically(*curve, curve_svg(outcome.report.curve, trained));
    context.note("wrote " + *curve);
  }
  return 0;
}

int run_distill_list(const Arguments&, Context& context) {
  Table table{
      .kind = "distilling losses",
      .columns = {{"loss", "", false, true},
                  {"gamma"},
                  {"alpha"},
                  {"beta"},
                  {"temperature"},
                  {.name = "summary", .shrink = true, .wrap = true},
                  {"paper", "", true, false, true}},
      .caption = "gamma x labels + alpha x soft labels + beta x the loss; each is an option"};
  for (const DistillLoss& loss : distill_losses()) {
    const OptionMap values = parse_distill_choice(loss.name).options;
    table.rows.push_back({std::string(loss.name), number_cell(values.at("gamma")),
                          number_cell(values.at("alpha")), number_cell(values.at("beta")),
                          number_cell(values.at("temperature")), std::string(loss.summary),
                          std::string(loss.paper)});
  }
  context.print(table);
  return 0;
}

}  // namespace

const Command arch_train{
    .noun = "arch",
    .verb = "train",
    .summary = "train one architecture and save the model",
    .description =
        "Presets: smoke (seconds), short (minutes), full (200 epochs as NAS-Bench-201). The model "
        "is a\n"
        "safetensors file; a checkpoint beside it lets --resume continue exactly where training "
        "stopped.\n"
        "A trial keeps the width, depth and skeleton that it was judged with, unless --recipe "
        "says\n"
        "otherwise. With --teacher the network also learns from a saved model, by one of the "
        "losses of\n"
        "`nasctl distill list`. A network of no space is trained on from its own weights, or from "
        "new ones\n"
        "with --weights initial.",
    .examples =
        "nasctl arch train --space nasbench201 index:13714 --data glyphs --preset short\n"
        "nasctl arch train trial:first/12 --data cifar10:DIR --recipe epochs=30 --recipe cutout=8 "
        "--curve curve.svg\n"
        "nasctl arch train model:mobilenet --data folder:DIR@224 --recipe learning_rate=0.005\n"
        "nasctl arch train 111 --space cifar_resnet --data cifar10:DIR --teacher "
        "resnet.safetensors --distill kd:temperature=4",
    .positionals = {{.name = "ARCHITECTURE", .help = kNetworkHelp, .completes = "model-file"}},
    .options =
        joined(joined(training_options(),
                      {{.name = "output",
                        .value = "FILE",
                        .help = "model file (default: a new one beside the database)",
                        .completes = "new-file"},
                       {.name = "force",
                        .value = "",
                        .help = "replace the file of --output",
                        .needs = "output"},
                       {.name = "curve",
                        .value = "FILE.svg",
                        .help = "draw the training curve",
                        .completes = "new-file"},
                       {.name = "weights",
                        .value = "MODEL",
                        .help = "start from those of this model, or `initial`, drawn by the seed "
                                "(default: the network file's own, else initial)",
                        .completes = "model-file"},
                       {.name = "teacher",
                        .value = "MODEL",
                        .help = "learn from this saved model as well",
                        .completes = "file"},
                       {.name = "distill",
                        .value = "LOSS[:OPTIONS]",
                        .help = "how to learn from it; at:beta=500,alpha=0.9",
                        .standard = "kd",
                        .needs = "teacher"},
                       {.name = "resume", .value = "", .help = "continue from the checkpoint"},
                       {.name = "threads", .value = "N", .help = "CPU threads (default: all)"}}),
               space_options()),
    .run = run_train};

const Command distill_list{
    .noun = "distill",
    .verb = "list",
    .summary = "losses that a network can learn from a teacher by (arch train --teacher)",
    .examples = "nasctl distill list",
    .run = run_distill_list};

}  // namespace nas::cli
