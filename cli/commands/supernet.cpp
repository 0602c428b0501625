#include <algorithm>
#include <map>

#include "app/presentation/text_curve.h"
#include "app/session/data_spec.h"
#include "app/supernets/supernet_training.h"
#include "app/supernets/unfinished_supernet.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/training_argument.h"
#include "cli/typed_again.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

SupernetRequest read_request(const Arguments& arguments, Context& context) {
  SupernetRequest request;
  request.name = *arguments.text("NAME");
  request.space = space_choice(arguments);
  request.data = training_data(arguments);
  request.recipe = make_recipe(recipe_argument(arguments), "--recipe",
                               find_data_kind(data_spec(context.session(), request.data)));
  request.schedule = parse_stage_schedule(arguments.value("schedule"));
  request.sampling = parse_path_sampling(arguments.value("sampling"));
  if (request.sampling == PathSampling::kFair && arguments.has("paths")) {
    throw Error(ErrorKind::kUsage,
                "--paths has no effect with --sampling fair, which draws as many as it needs");
  }
  const std::int64_t fewest = request.sampling == PathSampling::kSandwich ? 4 : 1;
  request.paths = arguments.integer_or("paths", fewest, 1, 1000);
  request.teacher_weight = arguments.real("teacher-weight", 0, 1e6).value_or(0);
  request.probes = arguments.whole("probes", 1, 1000);
  request.choices = arguments.all("choices");
  request.from = arguments.text_or("from", "");
  request.replace = arguments.has("replace");
  request.threads = static_cast<int>(arguments.whole("threads", 1, 1024));
  request.command = typed_again(supernet_train, arguments);
  return request;
}

Table supernet_table(const StoredSupernet& supernet) {
  const SupernetInfo& info = supernet.info;
  Table table = single_table("supernet");
  add_fact(table, "name", info.name);
  add_fact(table, "space", to_string(info.space));
  add_fact(table, "parameters", info.parameters);
  add_fact(table, "data", info.data_id);
  add_fact(table, "paths", info.paths);
  add_fact(table, "epochs", info.epochs);
  for (const NamedValue& value : info.values) add_fact(table, value.name, value.value);
  if (!info.parent.empty()) add_fact(table, "started_from", info.parent, "started from");
  add_fact(table, "file", supernet.path.string());
  add_fact(table, "bytes", supernet.row.bytes);
  add_fact(table, "sha256", supernet.row.sha256);
  add_for_programs(table, "network", info.network);
  table.heading = "network: " + describe_task(info.network);
  return table;
}

int run_train(const Arguments& arguments, Context& context) {
  const SupernetOutcome outcome =
      train_supernet(context.session(), read_request(arguments, context));
  if (outcome.report.stopped) {
    context.note("stopped after epoch " + std::to_string(outcome.report.epochs_done) +
                 "; the same command continues from there");
    return 130;
  }
  if (outcome.known) context.note("it is there already, of these settings: nothing was trained");
  context.print(supernet_table(outcome.supernet));
  return 0;
}

std::string state_text(const UnfinishedSupernet& unfinished) {
  return unfinished.running ? "running" : "interrupted";
}

/// How an interrupted training is continued.
std::string continuation(const UnfinishedSupernet& unfinished) {
  if (unfinished.running) return "a process is working on it";
  return unfinished.command.empty() ? "the command that began it continues it"
                                    : unfinished.command + " continues it";
}

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "supernets",
              .columns = {{"name", "", false, true},
                          {"state"},
                          {"space"},
                          {"parameters"},
                          {"epochs"},
                          {"train_loss", "train loss"},
                          {"metric"},
                          {"value"},
                          {"data", "", true},
                          {"file", "", false, true}},
              .caption = "the metric is the mean of a few subnets on held-out samples"};
  for (const StoredSupernet& supernet : supernets(context.session())) {
    const SupernetInfo& info = supernet.info;
    std::vector<Cell>& row = table.rows.emplace_back(table.columns.size());
    row[0] = info.name;
    row[1] = std::string("trained");
    row[2] = to_string(info.space);
    row[3] = info.parameters;
    row[4] = info.epochs;
    if (!info.values.empty()) row[5] = info.values[0].value;
    if (info.values.size() > 1) {
      row[6] = info.values[1].name;
      row[7] = info.values[1].value;
    }
    row[8] = info.data_id;
    row[9] = supernet.row.path;
  }
  const std::vector<UnfinishedSupernet> unfinished = unfinished_supernets(context.session());
  for (const UnfinishedSupernet& one : unfinished) {
    std::vector<Cell>& row = table.rows.emplace_back(table.columns.size());
    row[0] = one.info.name;
    row[1] = state_text(one);
    row[2] = to_string(one.info.space);
    row[8] = one.info.data_id;
  }
  context.print(table);
  for (const UnfinishedSupernet& one : unfinished) {
    context.note(one.info.name + " is " + state_text(one) + ": " + continuation(one));
  }
  return 0;
}

Table curve_table(std::span<const CurvePoint> curve) {
  Table table{.kind = "supernet_curve", .columns = {{"epoch"}, {"name"}, {"value"}}};
  for (const CurvePoint& point : curve) {
    table.rows.push_back({point.epoch, point.name, point.value});
  }
  return table;
}

/// A line for each name, for people.
Table drawn_curves(std::span<const CurvePoint> curve) {
  std::vector<std::string> names;
  std::map<std::string, std::vector<double>> values;
  for (const CurvePoint& point : curve) {
    if (!values.contains(point.name)) names.push_back(point.name);
    values[point.name].push_back(point.value);
  }
  Table table{.kind = "supernet_curves",
              .columns = {{"curve"}, {"first"}, {"last"}, {"epochs", "by epoch", false, true}}};
  for (const std::string& name : names) {
    const std::vector<double>& own = values[name];
    table.rows.push_back({name, own.front(), own.back(), text_curve(own)});
  }
  return table;
}

std::string recipe_text(const SupernetInfo& info) {
  std::string recipe;
  for (const auto& [name, value] : info.recipe) {
    recipe += (recipe.empty() ? "" : " ") + name + "=" + value;
  }
  return recipe;
}

/// What there is to say of a training that has not ended.
Table unfinished_table(const UnfinishedSupernet& unfinished) {
  const SupernetInfo& info = unfinished.info;
  Table table = single_table("unfinished_supernet");
  add_fact(table, "name", info.name);
  add_fact(table, "state", state_text(unfinished));
  add_fact(table, "space", to_string(info.space));
  add_fact(table, "data", info.data_id);
  add_fact(table, "paths", info.paths);
  if (!info.parent.empty()) add_fact(table, "started_from", info.parent, "started from");
  add_fact(table, "recipe", recipe_text(info));
  add_fact(table, "command", unfinished.command);
  add_for_programs(table, "network", info.network);
  table.heading = "network: " + describe_task(info.network);
  table.caption = continuation(unfinished);
  return table;
}

/// Of the trainings of a name that have not ended; false where there are none.
bool show_unfinished(const std::string& name, Context& context) {
  bool any = false;
  for (const UnfinishedSupernet& one : unfinished_supernets(context.session())) {
    if (one.info.name != name) continue;
    any = true;
    context.print(unfinished_table(one));
  }
  return any;
}

int run_show(const Arguments& arguments, Context& context) {
  const std::string asked = *arguments.text("SUPERNET");
  // What is trained counts; a training of other settings that was interrupted is in the list.
  if (!find_supernet(context.session(), asked) && show_unfinished(asked, context)) return 0;
  const StoredSupernet supernet = known_supernet(context.session(), asked);
  const std::vector<CurvePoint> curve = context.session().reader().artifact_curve(supernet.row.id);
  if (arguments.has("curve")) {
    context.print(curve_table(curve));
    return 0;
  }
  Table table = supernet_table(supernet);
  add_fact(table, "version", supernet.row.version);
  add_fact(table, "recipe", recipe_text(supernet.info));
  context.print(table);
  if (context.human() && !curve.empty()) context.print(drawn_curves(curve));
  return 0;
}

}  // namespace

const Command supernet_train{
    .noun = "supernet",
    .verb = "train",
    .summary = "train the shared weights of a whole space",
    .description =
        "Each step trains drawn subnets on one bank of weights. The supernet is an artifact of the "
        "database,\nits file lies in supernets/ beside it. The same command again continues an "
        "interrupted training,\nexactly, and does nothing once it is done; circuits, which take "
        "seconds, begin anew. Stages:\n--schedule, or train again under another name with --from, "
        "--choices and --teacher-weight.",
    .examples =
        "nasctl supernet train first --space nasbench201 --data glyphs --recipe "
        "learning_rate=0.02\n"
        "nasctl supernet train wide --space ofa_mobilenetv3 --data cifar10:DIR --sampling sandwich "
        "--paths 4\n"
        "nasctl supernet train narrow --space ofa_mobilenetv3 --data cifar10:DIR --from wide \\\n"
        "    --teacher-weight 1 --choices '*kernel=3,5'",
    .positionals = {{.name = "NAME", .help = "name of the supernet", .completes = "supernet"}},
    .options = joined(
        joined(
            training_options(),
            {{.name = "schedule",
              .value = "HOW",
              .help = "in what order choices join: all at once; the largest network, then kernels, "
                      "depths and widths, with a teacher or (efficient_tdnn) without one. The "
                      "recipe is "
                      "that of the first stage",
              .choices = "single|once_for_all|efficient_tdnn",
              .standard = to_string(StageSchedule::kSingle)},
             {.name = "sampling",
              .value = "HOW",
              .help =
                  "how subnets are drawn: each by itself; so that all choices are trained equally "
                  "often; the largest, the smallest and some between",
              .choices = "uniform|fair|sandwich",
              .standard = to_string(PathSampling::kUniform)},
             {.name = "paths",
              .value = "N",
              .help = "subnets in a step (default: 1, sandwich 4; fair: as many as choices)"},
             {.name = "choices",
              .value = "DECISION=A,B",
              .help =
                  "draw only these choices of a decision (nasctl space show); '*' stands for any "
                  "text of its name",
              .repeated = true},
             {.name = "from",
              .value = "SUPERNET",
              .help = "start with the weights of this one instead of drawn ones"},
             {.name = "teacher-weight",
              .value = "W",
              .help = "learn also from what its largest subnet says, with this weight",
              .needs = "from"},
             {.name = "probes",
              .value = "N",
              .help = "subnets that are judged after every epoch",
              .standard = "4"},
             {.name = "replace", .value = "", .help = "replace a supernet of other settings"},
             {.name = "threads", .value = "N", .help = "CPU threads", .standard = "1"}}),
        space_options()),
    .run = run_train};

const Command supernet_list{
    .noun = "supernet",
    .verb = "list",
    .summary = "the supernets of the database",
    .description = "Interrupted trainings too, with the command that continues each.",
    .examples = "nasctl supernet list",
    .run = run_list};

const Command supernet_show{
    .noun = "supernet",
    .verb = "show",
    .summary = "how a supernet was trained, its curve and its file",
    .examples =
        "nasctl supernet show first\n"
        "nasctl supernet show first --curve --format csv",
    .positionals = {{.name = "SUPERNET", .help = "supernet"}},
    .options = {{.name = "curve", .value = "", .help = "the points of its curve instead"}},
    .run = run_show};

}  // namespace nas::cli
