#include <algorithm>
#include <limits>
#include <string>
#include <thread>

#include "app/memory/subspace_ranking.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/commands/mcu_option.h"
#include "cli/context.h"
#include "core/api/decision_effects.h"
#include "core/api/decision_name.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// A number where the value of an option is one.
Cell value_cell(const std::string& text) {
  if (const auto whole = parse_int(text)) return *whole;
  if (const auto number = parse_double(text)) return *number;
  return text;
}

Table ranking_table(const std::vector<std::string>& by, const std::vector<Subspace>& ranked,
                    std::size_t shown) {
  Table table{.kind = "subspaces"};
  for (const std::string& name : by) table.columns.push_back({name});
  for (const char* name : {"sampled", "fitting", "mean_macs", "p80_macs", "least_excess"}) {
    table.columns.push_back({name});
  }
  for (std::size_t i = 0; i < std::min(shown, ranked.size()); ++i) {
    const Subspace& subspace = ranked[i];
    std::vector<Cell> row;
    for (const std::string& value : subspace.values) row.push_back(value_cell(value));
    for (const Cell& cell :
         std::vector<Cell>{subspace.sampled, subspace.fitting, subspace.mean_macs,
                           subspace.p80_macs, subspace.least_excess}) {
      row.push_back(cell);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// "width = 0.5, resolution = 112".
std::string values_text(const std::vector<std::string>& by, const Subspace& subspace) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < by.size(); ++i) words.push_back(by[i] + " = " + subspace.values[i]);
  return join(words, ", ");
}

/// Does it say how large the images are, which a size of one's own overrules?
bool sizes_images(const SearchSpace& space, DecisionId decision) {
  const Decision& decided = space.decisions()[decision];
  if (decided.kind != DecisionKind::kResolution || decided.choices.size() < 2) return false;
  Architecture architecture{space.info().name,
                            std::vector<std::uint16_t>(space.decisions().size())};
  const Task& usual = space.info().default_task;
  const Shape first = task_of(space, architecture, usual).input;
  architecture.choices[decision] = static_cast<std::uint16_t>(decided.choices.size() - 1);
  return task_of(space, architecture, usual).input != first;
}

/// The decisions of --by. Images of another size than the space's keep it, so that a resolution
/// makes no difference to them.
std::vector<std::string> parts_by(const Arguments& arguments, const SearchSpace& space,
                                  const Task& task) {
  std::vector<std::string> by = split(arguments.value("by"), ',');
  if (task.input == space.info().default_task.input) return by;
  const std::vector<DecisionId> decisions = decisions_named(space, by);
  for (std::size_t i = decisions.size(); i-- > 0;) {
    if (!sizes_images(space, decisions[i])) continue;
    if (arguments.has("by")) {
      throw Error(ErrorKind::kUsage,
                  "--by " + by[i] + " has no effect: images of --input keep their size");
    }
    by.erase(by.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return by;
}

int run_choose(const Arguments& arguments, Context& context) {
  const SearchSpace& space = context.session().space(space_choice(arguments));
  const Task task = task_argument(arguments, space);
  const McuDevice& device = mcu_device(arguments.value("device"));
  SubspaceRanking ranking{.by = parts_by(arguments, space, task), .stop = stop_token()};
  ranking.samples = arguments.whole("samples", 1, 1'000'000);
  ranking.seed = static_cast<std::uint64_t>(
      arguments.whole("seed", 0, std::numeric_limits<std::int64_t>::max()));
  ranking.threads = std::max(1U, std::thread::hardware_concurrency());
  const auto shown = static_cast<std::size_t>(arguments.whole("count", 1, 1'000'000));
  bool begun = false;
  ranking.progress = [&](std::size_t done, std::size_t all) {
    if (!begun) context.progress().begin("judging subspaces", static_cast<std::int64_t>(all));
    begun = true;
    context.progress().update(static_cast<std::int64_t>(done), "");
  };
  const std::vector<Subspace> ranked = rank_subspaces(space, task, device, ranking);
  context.progress().end();
  Table table = ranking_table(ranking.by, ranked, shown);
  const bool some = !ranked.empty() && ranked.front().fitting > 0;
  if (some) {
    const auto fitting =
        std::ranges::count_if(ranked, [](const Subspace& one) { return one.fitting > 0; });
    table.caption =
        "choose " + values_text(ranking.by, ranked.front()) + ": of what fits, its mean MACs are " +
        format_short(gain_over_median(ranked), 3) + " times those of the median among " +
        std::to_string(fitting) + " subspaces in which something fits";
  } else if (!ranked.empty()) {
    table.caption = "nothing fits " + std::string(device.name) + "; nearest is " +
                    values_text(ranking.by, ranked.front());
  }
  const ShownNetwork network = plain_network(space, task);
  add_for_programs(table, "network", network.text);
  table.heading = network.heading;
  context.print(table);
  if (stop_token().stop_requested()) return 130;
  return some ? 0 : 1;
}

}  // namespace

const Command space_choose{
    .noun = "space",
    .verb = "choose",
    .summary = "which part of a space suits a microcontroller best (TinyNAS)",
    .description =
        "Draws networks of each part of a space, keeps those that fit the device's SRAM and flash, "
        "and\n"
        "ranks the parts by the mean MACs of what is left: within a family, accuracy follows MACs. "
        "Nothing\n"
        "is trained. Exit code 1 where nothing fits; then the nearest part stands first.",
    .examples =
        "nasctl space choose --space mcunet --device stm32f746\n"
        "nasctl space choose --space mcunet --by width --device stm32f412 --input 3,32,32 "
        "--classes 10\n"
        "nasctl search run --space mcunet --space-option width=0.5 --space-option resolution=144 "
        "...",
    .options = joined(
        joined(
            {mcu_device_option(),
             {.name = "by",
              .value = "DECISIONS",
              .help = "decisions that a part fixes, separated by commas; with --input without a "
                      "resolution, which has no effect then",
              .standard = "width,resolution"},
             {.name = "samples",
              .value = "N",
              .help = "networks drawn of each part; the paper takes 1000",
              .standard = "100"},
             {.name = "count", .value = "N", .help = "how many parts are shown", .standard = "10"},
             {.name = "seed", .value = "N", .help = "random seed", .standard = "0"}},
            space_options()),
        task_options()),
    .run = run_choose};

}  // namespace nas::cli
