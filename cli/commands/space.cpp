#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/plugin_tables.h"
#include "core/api/notation.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

namespace nas::cli {
namespace {

int run_list(const Arguments&, Context& context) {
  Table table{.kind = "spaces",
              .columns = {{"name", "", false, true},
                          {"architectures"},
                          {"exact"},
                          {"decisions"},
                          {.name = "summary", .shrink = true, .wrap = true}},
              .caption =
                  "where the number is not exact, it is an upper bound; nasctl space show "
                  "NAME tells more"};
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const SearchSpace& space = context.session().space({std::string(plugin->name), {}});
    const SpaceCount size = count(space);
    table.rows.push_back({std::string(plugin->name), size.value, size.exact,
                          static_cast<std::int64_t>(space.decisions().size()),
                          std::string(plugin->summary)});
  }
  context.print(table);
  return 0;
}

Table decision_table(const SearchSpace& space) {
  Table table{.kind = "decisions", .columns = {{"decision"}, {"count"}, {"choices", "", true}}};
  for (const Decision& decision : space.decisions()) {
    table.rows.push_back({decision.name, static_cast<std::int64_t>(decision.choices.size()),
                          join(decision.choices, ", ")});
  }
  return table;
}

std::string example_of(const SearchSpace& space) {
  Rng rng({.seed = 0, .purpose = Purpose::kSample});
  return space.format(sample(space, rng));
}

Table space_facts(const SearchSpace& space, const Plugin<SearchSpace>& plugin) {
  const SpaceInfo& info = space.info();
  const SpaceCount size = count(space);
  Table table = single_table("space");
  add_fact(table, "space", info.name);
  add_fact(table, "space_version", info.version);
  add_fact(table, "summary", std::string(plugin.summary));
  add_fact(table, "paper", std::string(plugin.paper));
  add_fact(table, "architectures", size.value);
  add_fact(table, "exact", size.exact);
  add_fact(table, "decisions", static_cast<std::int64_t>(space.decisions().size()));
  add_fact(table, "input", to_string(info.default_task.input));
  add_fact(table, "classes", info.default_task.classes);
  if (info.default_task.embedding > 0) add_fact(table, "embedding", info.default_task.embedding);
  add_fact(table, "width", info.width_meaning);
  add_fact(table, "depth", info.depth_meaning);
  add_fact(table, "skeletons", join(info.skeletons, ", "));
  add_fact(table, "example", example_of(space));
  return table;
}

/// What people write, besides the space's own text.
Table notation_table(const SearchSpace& space) {
  Table table{
      .kind = "notations",
      .columns = {{"notation"}, {"meaning"}, {"example", "", true}},
      .caption =
          "recognised on its own where a text has one meaning; NAME:TEXT says which notation is "
          "meant, as `notation = NAME` does in a mapping"};
  for (const Notation& notation : notations_of(space)) {
    table.rows.push_back(
        {std::string(notation.name), std::string(notation.meaning), std::string(notation.example)});
  }
  return table;
}

int run_show(const Arguments& arguments, Context& context) {
  PluginChoice choice = parse_plugin_choice(*arguments.text("NAME"));
  for (const std::string& option : arguments.all("space-option")) {
    add_option(choice.options, option);
  }
  const SearchSpace& space = context.session().space(choice);
  if (arguments.has("notations")) {
    context.print(notation_table(space));
    return 0;
  }
  if (arguments.has("decisions")) {
    context.print(decision_table(space));
    return 0;
  }
  if (!context.human()) {
    context.print(space_facts(space, find_plugin(space_plugins(), "space", choice.name)));
    return 0;
  }
  const Plugin<SearchSpace>& plugin = find_plugin(space_plugins(), "space", choice.name);
  const SpaceInfo& info = space.info();
  context.print(info.name + ": " + std::string(plugin.summary) + "\n" + std::string(plugin.paper) +
                "\n\n");
  context.print("architectures  " + count(space).digits + (count(space).exact ? "" : " at most") +
                "\n");
  context.print("network        " + describe_task(network_text(space, info.default_task)) + "\n");
  if (!info.width_meaning.empty()) context.print("width          " + info.width_meaning + "\n");
  if (!info.depth_meaning.empty()) context.print("depth          " + info.depth_meaning + "\n");
  if (!info.skeletons.empty()) {
    context.print("skeletons      " + join(info.skeletons, ", ") + "\n");
  }
  context.print("example        " + example_of(space) + "\n\n");
  context.print(decision_table(space));
  if (!notations_of(space).empty()) {
    context.print("\n");
    context.print(notation_table(space));
  }
  const std::vector<FieldDoc> fields = plugin.fields();
  if (fields.empty()) return 0;
  context.print("\noptions (--space-option KEY=VALUE):\n");
  context.print(options_table(fields));
  return 0;
}

int run_sample(const Arguments& arguments, Context& context) {
  const SearchSpace& space = context.session().space(space_choice(arguments));
  const Task task = task_argument(arguments, space);
  const std::int64_t wanted = arguments.whole("count", 1, 1'000'000);
  const auto seed = static_cast<std::uint64_t>(
      arguments.whole("seed", 0, std::numeric_limits<std::int64_t>::max()));
  Rng rng({.seed = seed, .purpose = Purpose::kSample});
  Table table{.kind = "architectures",
              .columns = {{"architecture"}, {"params"}, {"macs"}, {"digest", "", true}}};
  for (std::int64_t i = 0; i < wanted && !stop_token().stop_requested(); ++i) {
    const Architecture architecture = sample(space, rng);
    const ArchGraph graph = space.build(architecture, task);
    const GraphCost cost = graph_cost(graph);
    table.rows.push_back({space.format(architecture), cost.params,
                          published_macs(space.info(), cost), to_hex(digest(graph))});
  }
  const ShownNetwork network = plain_network(space, task);
  add_for_programs(table, "network", network.text);
  table.heading = network.heading;
  context.print(table);
  return stop_token().stop_requested() ? 130 : 0;
}

int run_count(const Arguments& arguments, Context& context) {
  const SearchSpace& space = context.session().space(space_choice(arguments));
  const SpaceCount size = count(space);
  Table table{.kind = "count", .columns = {{"space"}, {"architectures"}, {"exact"}}};
  const std::optional<std::int64_t> whole = parse_int(size.digits);  // else too large for a number
  table.rows.push_back({space.info().name, whole ? Cell(*whole) : Cell(size.digits), size.exact});
  table.single = true;
  if (!arguments.has("isomorphic")) {
    context.print(table);
    return 0;
  }
  const auto* keys = dynamic_cast<const IsomorphismKeys*>(&space);
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  if (keys == nullptr || indexed == nullptr) {
    throw Error(ErrorKind::kUsage, "space '" + space.info().name +
                                       "' has no published notion of isomorphic architectures");
  }
  std::vector<std::string> seen;
  for (std::uint64_t i = 0; i < indexed->size(); ++i) {
    if (stop_token().stop_requested()) return 130;
    seen.push_back(keys->isomorphism_key(indexed->at(i)));
  }
  std::sort(seen.begin(), seen.end());
  const auto classes = std::unique(seen.begin(), seen.end()) - seen.begin();
  table.columns.push_back({"isomorphism_classes"});
  table.rows.front().emplace_back(static_cast<std::int64_t>(classes));
  context.print(table);
  return 0;
}

}  // namespace

const Command space_list{.noun = "space",
                         .verb = "list",
                         .summary = "the search spaces",
                         .examples = "nasctl space list --json",
                         .run = run_list};

const Command space_show{
    .noun = "space",
    .verb = "show",
    .summary = "decisions, options and notation of a space",
    .examples =
        "nasctl space show nasbench201\n"
        "nasctl space show darts --notations --json\n"
        "nasctl space show ofa_mobilenetv3 --space-option width_multiplier=1.2",
    .positionals = {{.name = "NAME", .help = "search space", .completes = "space"}},
    .options = {{.name = "space-option",
                 .value = "KEY=VALUE",
                 .help = "an option of the space",
                 .repeated = true},
                {.name = "notations",
                 .value = "",
                 .help = "only the notations of its architectures, besides its own text",
                 .excludes = "decisions"},
                {.name = "decisions",
                 .value = "",
                 .help = "every decision with its choices, instead"}},
    .run = run_show};

const Command space_sample{
    .noun = "space",
    .verb = "sample",
    .summary = "draw architectures at random",
    .description = "Uniform over the choices of each decision. The same seed draws the same list.",
    .examples =
        "nasctl space sample --space darts --count 5 --seed 1\n"
        "nasctl space sample --space nasbench201 --count 1000 --format csv > sample.csv",
    .options =
        joined(joined({{.name = "count", .value = "N", .help = "how many", .standard = "10"},
                       {.name = "seed", .value = "N", .help = "random seed", .standard = "0"}},
                      space_options()),
               task_options()),
    .run = run_sample};

const Command space_count{
    .noun = "space",
    .verb = "count",
    .summary = "how many architectures a space has",
    .examples = "nasctl space count --space nasbench201 --isomorphic",
    .options = joined({{.name = "isomorphic",
                        .value = "",
                        .help = "also count classes of isomorphic architectures, as published"}},
                      space_options()),
    .run = run_count};

}  // namespace nas::cli
