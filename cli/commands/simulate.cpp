#include "app/simulation/comparison.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/commands/compare_studies.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

std::vector<OptionSpec> simulation_options() {
  return {
      {.name = "objective",
       .value = "COLUMN",
       .help = "what the searcher sees, also of another benchmark of the space (several: several "
               "objectives; the first decides the answer)",
       .repeated = true},
      {.name = "constraint",
       .value = "CONDITION",
       .help = "COLUMN<NUMBER such as latency_ms<3@pixel3; what misses it is an infeasible trial",
       .repeated = true},
      {.name = "scores",
       .value = "BENCHMARK",
       .help = "where searchers that rank by zero-cost scores take them and their pool from "
               "(default: the same benchmark)"},
      {.name = "cost", .value = "COLUMN", .help = "simulated seconds of a query"},
      {.name = "seconds",
       .value = "S",
       .help = "budget of simulated seconds; the last query may overshoot",
       .needs = "cost|evaluation-seconds"},
      {.name = "queries", .value = "N", .help = "budget of queries"},
      {.name = "runs",
       .value = "R",
       .help = "searches, of seeds in a row",
       .standard = std::to_string(SimulationBatch{}.runs)},
      {.name = "seed", .value = "N", .help = "the first seed", .standard = "0"},
      {.name = "report",
       .value = "COLUMN",
       .help = "also read of each run's answer: the architecture with the best objective",
       .repeated = true},
      {.name = "found",
       .value = "CONDITION",
       .help =
           "COLUMN>=NUMBER such as 'reward:dataset=h2>=0.95': count the rows a search meets for "
           "which it holds"},
      {.name = "evaluation-seconds",
       .value = "S",
       .help = "added to each query: a validation pass"},
      {.name = "free-repeats",
       .value = "",
       .help = "an architecture queried again costs nothing (published runs charge it)"},
      {.name = "surrogate-curves",
       .value = "",
       .help = "where the table lacks the epochs a searcher asks for: the nearest stored training"},
      {.name = "front",
       .value = "",
       .help = "with several objectives: the table's own front and that of each run, instead",
       .excludes = "each"},
      {.name = "threads", .value = "N", .help = "searches at once (default: one per processor)"},
      {.name = "output",
       .value = "DIR",
       .help = "write comparison.csv and .json, runs.csv, curves.csv, anytime.svg (and fronts.csv)",
       .completes = "dir"}};
}

ComparisonConfig read_config(const Arguments& arguments, Context& context) {
  constexpr double kMost = 1e12;
  ComparisonConfig config;
  config.simulation.objectives = arguments.all("objective");
  config.simulation.constraints = arguments.all("constraint");
  config.scores = arguments.text_or("scores", "");
  config.simulation.cost = arguments.text_or("cost", "");
  config.simulation.evaluation_seconds = arguments.real("evaluation-seconds", 0, kMost).value_or(0);
  config.simulation.budget_seconds = arguments.real("seconds", 0, kMost).value_or(0);
  config.simulation.budget_queries = arguments.integer_or("queries", 0, 1, 1'000'000'000);
  config.simulation.free_repeats = arguments.has("free-repeats");
  config.simulation.stored_epochs = arguments.has("surrogate-curves");
  config.simulation.report = arguments.all("report");
  config.simulation.found = arguments.text_or("found", "");
  config.batch.runs = arguments.whole("runs", 1, 10'000'000);
  config.batch.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, 1'000'000'000'000));
  config.batch.threads = static_cast<int>(arguments.integer_or("threads", 0, 1, 1024));
  config.batch.progress = &context.progress();
  config.batch.stop = context.session().stop();
  return config;
}

Table asked_table(const Arguments& arguments, const Comparison& comparison) {
  if (arguments.has("front")) return fronts_table(comparison);
  return arguments.has("each") ? comparison_runs_table(comparison) : comparison_table(comparison);
}

/// Says which searchers did not always find something; false when none ever did.
bool note_unanswered(const Comparison& comparison, Context& context) {
  bool any = false;
  for (const ComparedSearcher& searcher : comparison.searchers) {
    const std::size_t answered = answered_runs(searcher);
    any = any || answered > 0;
    if (answered == searcher.runs.size()) continue;
    context.note("note: " + printable(searcher.label) + ": " + std::to_string(answered) + " of " +
                 std::to_string(searcher.runs.size()) +
                 " runs found an answer; the others are in no mean");
  }
  return any;
}

int run(const Arguments& arguments, Context& context, ComparisonConfig config) {
  if (config.simulation.objectives.empty()) {
    throw Error(ErrorKind::kUsage, "missing --objective COLUMN: what the searchers see");
  }
  if (const auto directory = arguments.text("output")) {
    require_folder_name(*directory, "--output", "comparison.csv and other files");
    check_can_write(std::filesystem::path(*directory) / "comparison.csv");
  }
  if (arguments.has("front") && config.simulation.objectives.size() < 2) {
    throw Error(ErrorKind::kUsage, "--front needs at least two objectives: --objective for each");
  }
  const SimulationTable opened =
      open_for_simulation(context.session(), *arguments.text("BENCHMARK"), config.simulation);
  const Comparison comparison = compare_searchers(context.session(), *opened.benchmark, config);
  if (comparison.unmet) {
    context.print(nearest_rows_table(comparison.unmet->nearest, comparison.nearest));
    context.note(printable(comparison.unmet->why));
    return 1;
  }
  context.print(asked_table(arguments, comparison));
  const bool answered = note_unanswered(comparison, context);
  if (!opened.sources.empty()) context.note(opened.sources);
  if (const auto directory = arguments.text("output")) {
    for (const auto& path : write_comparison(comparison, *directory)) {
      context.note("wrote " + path.string());
    }
  }
  return answered ? 0 : 1;
}

int run_simulate(const Arguments& arguments, Context& context) {
  ComparisonConfig config = read_config(arguments, context);
  config.searchers = {parse_plugin_choice(*arguments.text("searcher"))};
  return run(arguments, context, std::move(config));
}

int run_compare(const Arguments& arguments, Context& context) {
  if (!arguments.has("searchers")) return compare_own_studies(arguments, context);
  if (arguments.all("BENCHMARK").size() > 1) {
    throw Error(ErrorKind::kUsage, "--searchers are compared on one benchmark, not on several");
  }
  for (const std::string_view option : {"seeds", "trials"}) {
    if (!arguments.has(option)) continue;
    throw Error(ErrorKind::kUsage,
                "--" + std::string(option) + " applies to stored studies; leave --searchers out");
  }
  ComparisonConfig config = read_config(arguments, context);
  config.searchers = parse_searchers(*arguments.text("searchers"));
  config.against_best = arguments.value("against") == "best";
  return run(arguments, context, std::move(config));
}

}  // namespace

extern const Command bench_simulate;
const Command bench_simulate{
    .noun = "bench",
    .verb = "simulate",
    .summary = "run a searcher on a benchmark instead of on trainings",
    .description =
        "Asks the searcher for architectures and answers from the table, until the budget of "
        "queries or simulated seconds is spent (tested after each query, as in the published "
        "runs). Nothing is stored. Architectures without a finite value are failed trials and are "
        "counted. A searcher that trains for few epochs first needs a table with learning curves, "
        "or --surrogate-curves. With several objectives the front and its hypervolume are judged "
        "too.",
    .examples =
        "nasctl bench simulate nasbench201 --searcher evolution:repeats=true,mutation=node \\\n"
        "    --objective 'accuracy cifar10-valid valid 12' --cost training_seconds \\\n"
        "    --seconds 12k --report 'accuracy cifar10 test 200'\n"
        "nasctl bench simulate nasbench201 --searcher nsga2 --queries 200 --runs 20 \\\n"
        "    --objective 'accuracy cifar10 test 200' --objective 'latency_ms cifar10 pixel3' \\\n"
        "    --constraint 'latency_ms cifar10<3@raspi4'\n"
        "nasctl bench simulate nasbench101 --searcher local --objective accuracy --queries 300 "
        "--each\n"
        "nasctl bench simulate nasbench201 --scores nb201_zc_cifar10 --searcher robot \\\n"
        "    --objective 'accuracy cifar10-valid valid 12' --queries 20 --each",
    .positionals = {{.name = "BENCHMARK", .help = "name in the database"}},
    .options = joined({{.name = "searcher",
                        .value = "NAME[:OPTIONS]",
                        .help = "searcher with options: local:initial=1,move=best",
                        .completes = "searcher",
                        .required = true},
                       {.name = "each", .value = "", .help = "a row for each run instead"}},
                      simulation_options()),
    .run = run_simulate};

extern const Command search_compare;
const Command search_compare{
    .noun = "search",
    .verb = "compare",
    .summary = "compare searchers on a benchmark, or studies of the database",
    .description =
        "With --searchers: simulates every searcher on the benchmark with the same seeds and "
        "budget. Prints mean, deviation, median, quartiles and regret to the table's best of the "
        "objective and of each reported column, the queries, the microseconds a query took "
        "(searcher and table together), and a two-sided Wilcoxon signed-rank test by seed with "
        "Holm's correction for the number of searchers. --output writes the same as files, with "
        "the anytime curves. Without --searchers: compares stored studies ('*' stands for any "
        "text). Studies that differ by name, seed and budget are the runs of one method; prints "
        "the best objective, of several objectives also hypervolume and front, with a rank-sum "
        "test "
        "between methods. --output adds curves and the attainment plot. Where even the clearest "
        "difference could not be significant the verdict is 'too few runs to tell'.",
    .examples =
        "nasctl search compare nasbench201 --searchers "
        "random:repeats=true,evolution:repeats=true,local \\\n"
        "    --objective 'accuracy cifar10-valid valid 12' \\\n"
        "    --cost training_seconds --seconds 20k --output comparison\n"
        "nasctl search compare nasbench101 --searchers random,local,nsga2 --objective accuracy \\\n"
        "    --queries 500 --runs 100 --against best\n"
        "nasctl search compare 'random-*' 'evolution-*' --output comparison\n"
        "nasctl search compare first second --seeds --trials 40",
    .positionals = {{.name = "BENCHMARK",
                     .help = "benchmark of the database; without --searchers: studies",
                     .repeated = true,
                     .completes = "study"}},
    .options = joined({{.name = "searchers",
                        .value = "LIST",
                        .help = "NAME[:OPTION=VALUE,...] separated by commas"},
                       {.name = "seeds",
                        .value = "",
                        .help = "studies: also those that differ by name and seed only"},
                       {.name = "trials",
                        .value = "N",
                        .help = "studies: the first N trials of each (default: as many as all "
                                "have)"},
                       {.name = "against",
                        .value = "WHICH",
                        .help = "searcher that the tests compare with",
                        .choices = "first|best",
                        .standard = "first"},
                       {.name = "each", .value = "", .help = "a row for each run instead"}},
                      simulation_options()),
    .run = run_compare};

}  // namespace nas::cli
