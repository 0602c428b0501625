#include <algorithm>
#include <cmath>
#include <optional>

#include "app/deploy/network_program.h"
#include "app/models/int8_network.h"
#include "app/models/model_recipe.h"
#include "app/models/network_file.h"
#include "app/presentation/table.h"
#include "app/session/data_spec.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "cli/model_argument.h"
#include "core/api/plugin_choice.h"
#include "core/problems/data_kinds.h"
#include "core/runtime/checkpoint.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// One row for each precision; of two also what the second changes.
class EvaluationTable {
 public:
  EvaluationTable(std::string model, const Problem& problem, bool precisions)
      : model_(std::move(model)), problem_(problem), precisions_(precisions) {
    table_ = {.kind = "evaluation", .columns = {{"model", "", false, true}}};
    if (precisions) table_.columns.push_back({"precision"});
    table_.columns.push_back({"data"});
    table_.columns.push_back({"split"});
    table_.columns.push_back({std::string(problem.record().samples)});
    table_.single = !precisions;
  }

  void add(const std::string& precision, const std::vector<NamedValue>& values) {
    std::vector<Cell> row{model_};
    if (precisions_) row.emplace_back(precision);
    row.emplace_back(problem_.data().id);
    row.emplace_back(std::string("test"));
    row.emplace_back(static_cast<std::int64_t>(problem_.data().samples(Part::kTest)));
    for (const NamedValue& value : values) {
      if (table_.rows.empty()) table_.columns.push_back({value.name});
      row.emplace_back(value.value);
    }
    table_.rows.push_back(std::move(row));
  }

  void add_difference(const std::vector<NamedValue>& before, std::vector<NamedValue> after) {
    for (std::size_t i = 0; i < after.size(); ++i) after[i].value -= before[i].value;
    add("difference", after);
  }

  const Table& table() const { return table_; }

 private:
  std::string model_;
  const Problem& problem_;
  bool precisions_;
  Table table_;
};

/// What a file says in integers, or the model quantised on training samples.
QuantisedNetwork int8_network(const Arguments& arguments, const std::filesystem::path& path,
                              const ArchGraph& graph, const Model& model, const Problem& problem,
                              const Recipe& recipe) {
  if (auto given = int8_file(path)) {
    if (arguments.has("calibration")) {
      throw Error(ErrorKind::kUsage, "--calibration has no effect: " + printable(path.string()) +
                                         " is in int8 already");
    }
    return {std::move(given->program), std::move(given->notes)};
  }
  return quantised_network(graph, model_weights(model), problem, recipe,
                           calibration_argument(arguments));
}

/// How the model is judged: its own recipe, what the data needs, and --recipe.
Recipe judged_by(const Arguments& arguments, Context& context, const std::filesystem::path& model) {
  OptionMap stated;
  for (const std::string& option : arguments.all("recipe")) add_option(stated, option);
  return recipe_of_model(model, data_kind(data_spec(context.session(), *arguments.text("data"))),
                         stated);
}

int run_evaluate(const Arguments& arguments, Context& context) {
  const std::string word = *arguments.text("MODEL");
  const std::filesystem::path path = model_argument(arguments, context, word);
  const FileNetwork network = read_network_file(path, true);
  const auto problem = context.session().problem(with_size(arguments, *arguments.text("data")));
  const Recipe recipe = judged_by(arguments, context, path);
  try {
    check_fits(network.graph, *problem, recipe);
  } catch (const Error& error) {
    throw error.with_context(path.string());
  }
  const bool int8 = arguments.value("precision") == "int8";
  const std::int64_t threads = arguments.whole("threads", 1, 1024);
  set_intra_op_threads(static_cast<int>(threads));
  Model model = open_network(network);
  if (arguments.has("calibrate")) recalibrate_batch_norm(model, *problem, recipe);
  const EvaluationSetup setup{
      .problem = *problem, .recipe = recipe, .batch = arguments.whole("batch", 1, 1 << 16)};
  std::optional<QuantisedNetwork> rounded;
  if (int8) rounded = int8_network(arguments, path, network.graph, model, *problem, recipe);
  EvaluationTable table(word, *problem, int8);
  const std::vector<NamedValue> exact = evaluate(model, setup);
  for (const NamedValue& value : exact) {
    if (value.name != "loss" || std::isfinite(value.value)) continue;
    throw Error(ErrorKind::kData,
                printable(word) +
                    ": the loss is not a finite number, so its outputs or weights "
                    "are not; take another model");
  }
  table.add("float", exact);
  if (rounded) {
    for (const std::string& note : rounded->notes) context.note(note);
    const std::vector<NamedValue> values = evaluate_program(rounded->program, setup, threads);
    table.add("int8", values);
    table.add_difference(exact, values);
  }
  context.print(table.table());
  return 0;
}

}  // namespace

const Command arch_evaluate{
    .noun = "arch",
    .verb = "evaluate",
    .summary = "test a saved model on a data set",
    .description =
        "With --precision int8 the model is quantised as a microcontroller runs it, calibrated on\n"
        "training samples, and run with the integer arithmetic of TensorFlow Lite Micro; both\n"
        "precisions are shown. A .tflite file in int8 runs as it is.",
    .examples =
        "nasctl arch evaluate models/first-1a2b3c4d.safetensors --data glyphs\n"
        "nasctl arch evaluate trial:first/12 --data mnist:DIR --precision int8\n"
        "nasctl arch evaluate m.onnx --data mnist:DIR --precision int8 --calibration "
        "correct-bias=true",
    .positionals = {{.name = "MODEL", .help = kModelHelp, .completes = "model-file"}},
    .options = {{.name = "data", .value = "KIND:DIR", .help = "data set", .required = true},
                size_option(),
                {.name = "recipe",
                 .value = "KEY=VALUE",
                 .help = "what the model reads, such as features=mfcc, where its file does not say",
                 .completes = "recipe",
                 .repeated = true},
                {.name = "batch", .value = "N", .help = "samples in a pass", .standard = "256"},
                {.name = "threads", .value = "N", .help = "CPU threads", .standard = "1"},
                {.name = "calibrate",
                 .value = "",
                 .help = "first recalibrate batch norm on 2,000 samples as they were trained on"},
                {.name = "precision",
                 .value = "WHICH",
                 .help = "int8: float and int8 beside one another",
                 .choices = "float|int8",
                 .standard = "float"},
                calibration_option("precision=int8")},
    .run = run_evaluate};

}  // namespace nas::cli
