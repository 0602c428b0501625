#include <limits>
#include <string>

#include "app/session/data_spec.h"
#include "app/study/space_moving.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/commands/mcu_option.h"
#include "cli/context.h"
#include "cli/training_argument.h"
#include "cli/typed_again.h"
#include "core/api/decision_name.h"
#include "core/problems/data_kinds.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// As many numbers as there are decisions.
std::vector<double> scales(const Arguments& arguments, const char* option, std::size_t count) {
  std::vector<double> numbers;
  for (const std::string& word : split(arguments.value(option), ',')) {
    const auto number = parse_double(word);
    if (!number || *number <= 0) {
      throw Error(ErrorKind::kUsage, "--" + std::string(option) + ": '" + printable(word) +
                                         "', expected numbers above 0, one for each of --by");
    }
    numbers.push_back(*number);
  }
  if (numbers.size() != count) {
    throw Error(ErrorKind::kUsage, "--" + std::string(option) + " has " +
                                       std::to_string(numbers.size()) + " numbers for " +
                                       std::to_string(count) + " decisions of --by");
  }
  return numbers;
}

SupernetRequest supernet_request(const Arguments& arguments, Context& context) {
  SupernetRequest request;
  request.name = *arguments.text("NAME");
  request.space = space_choice(arguments);
  request.data = training_data(arguments);
  request.recipe = make_recipe(recipe_argument(arguments), "--recipe",
                               find_data_kind(data_spec(context.session(), request.data)));
  request.from = arguments.text_or("from", "");
  request.threads = static_cast<int>(arguments.whole("threads", 1, 1024));
  request.command = typed_again(space_move, arguments);
  return request;
}

Table moved_table(const SpaceMoving& moving, const SpaceMoved& moved) {
  Table table{.kind = "space_movement", .columns = {{"round"}}};
  for (const MovementAxis& axis : moving.axes) table.columns.push_back({axis.name});
  for (const char* name : {"error", "illegal_share"}) table.columns.push_back({name});
  table.columns.push_back({"supernet", "", false, true});
  for (std::size_t i = 0; i < moved.visits.size(); ++i) {
    const MovementVisit& visit = moved.visits[i];
    std::vector<Cell> row{visit.round};
    for (const double value : visit.point.at) row.emplace_back(value);
    row.emplace_back(visit.point.error);
    row.emplace_back(visit.point.illegal_share);
    row.emplace_back(moved.supernets[i]);
    table.rows.push_back(std::move(row));
  }
  const std::size_t best = best_visit(moved.visits);
  std::string where;
  for (std::size_t i = 0; i < moving.axes.size(); ++i) {
    where += (i > 0 ? ", " : "") + moving.axes[i].name + " = " +
             format_double(moved.visits[best].point.at[i]);
  }
  table.caption = "the least error and share of networks that do not fit: " + where +
                  " (supernet " + moved.supernets[best] + ")";
  return table;
}

int run_move(const Arguments& arguments, Context& context) {
  SpaceMoving moving{.supernet = supernet_request(arguments, context),
                     .device = mcu_device(arguments.value("device"))};
  const SearchSpace& space = context.session().space(moving.supernet.space);
  const std::vector<std::string> by = split(arguments.value("by"), ',');
  const std::vector<double> error = scales(arguments, "error-scale", by.size());
  const std::vector<double> memory = scales(arguments, "memory-scale", by.size());
  const std::vector<DecisionId> axes = decisions_named(space, by);
  for (std::size_t i = 0; i < by.size(); ++i) {
    moving.axes.push_back(movement_axis(space, axes[i], error[i], memory[i]));
  }
  moving.movement = {.rule = arguments.value("rule"),
                     .points = arguments.whole("points", 1, 1000),
                     .rounds = arguments.whole("rounds", 0, 1000),
                     .neighbours = arguments.whole("neighbours", 1, 1000),
                     .seed = static_cast<std::uint64_t>(
                         arguments.whole("seed", 0, std::numeric_limits<std::int64_t>::max()))};
  moving.subnets = arguments.whole("subnets", 1, 1'000'000);
  moving.samples = arguments.whole("samples", 1, 1'000'000);
  moving.report = [&](const MovementVisit& visit, const std::string& name) {
    context.note(name + ": error " + format_short(visit.point.error, 4) + " %, " +
                 format_short(visit.point.illegal_share, 4) + " % do not fit");
  };
  const SpaceMoved moved = move_by_supernets(context.session(), moving);
  if (moved.stopped) {
    context.note("stopped; the same command continues");
    return 130;
  }
  context.print(moved_table(moving, moved));
  return 0;
}

}  // namespace

const Command space_move{
    .noun = "space",
    .verb = "move",
    .summary = "move a space towards low error and networks that fit (MCUFormer)",
    .description =
        "Trains a supernet at each of a few points of the space, measures the error of its subnets "
        "and how\n"
        "many networks do not fit the device, fits planes to the nearest points and moves each "
        "point\n"
        "against their slopes. Decisions of --by must be options of the space too. The same "
        "command\n"
        "continues, and trains nothing twice.",
    .examples =
        "nasctl space move first --space mcuformer --data glyphs --device stm32f746 --rounds 2 "
        "--points 3",
    .positionals = {{.name = "NAME", .help = "start of the names of the supernets"}},
    .options = joined(
        joined(training_options(),
               {mcu_device_option(),
                {.name = "by",
                 .value = "DECISIONS",
                 .help = "decisions that a point fixes, separated by commas",
                 .standard = "rank,patch"},
                {.name = "rule",
                 .value = "RULE",
                 .help = "corrected: against both slopes; published: along them, as the released "
                         "code",
                 .choices = "corrected|published",
                 .standard = "corrected"},
                {.name = "points", .value = "N", .help = "points at first", .standard = "5"},
                {.name = "rounds", .value = "N", .help = "moves of each point", .standard = "7"},
                {.name = "neighbours",
                 .value = "N",
                 .help = "nearest measured points that a plane is fitted to",
                 .standard = "5"},
                {.name = "error-scale",
                 .value = "NUMBERS",
                 .help = "slope of the error, in % for one of the decision, that moves a point by "
                         "a choice",
                 .standard = "10,20"},
                {.name = "memory-scale",
                 .value = "NUMBERS",
                 .help = "likewise of the share that does not fit, in %",
                 .standard = "0.2,2"},
                {.name = "subnets",
                 .value = "N",
                 .help = "subnets judged of each supernet",
                 .standard = "50"},
                {.name = "samples",
                 .value = "N",
                 .help = "networks drawn for the share that does not fit",
                 .standard = "500"},
                {.name = "from",
                 .value = "SUPERNET",
                 .help = "where supernets start: one of these layers, or of whole ones (mcuformer: "
                         "rank=full), which are decomposed"},
                {.name = "seed", .value = "N", .help = "random seed", .standard = "0"},
                {.name = "threads", .value = "N", .help = "CPU threads", .standard = "1"}}),
        space_options()),
    .run = run_move};

}  // namespace nas::cli
