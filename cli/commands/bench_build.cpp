#include <limits>
#include <thread>

#include "app/study/benchmark_build.h"
#include "cli/architecture_argument.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/training_argument.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/quantity.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr std::int64_t kMost = 1'000'000'000;

[[noreturn]] void refuse_range(const std::string& text) {
  throw Error(ErrorKind::kUsage, "--indices = " + printable(text) +
                                     ", expected FIRST..LAST with FIRST <= LAST, both included");
}

/// Which architectures: exactly one of --all, --indices and --count.
void read_choice(const Arguments& arguments, const SearchSpace& space, BenchmarkBuild& build) {
  const int ways = static_cast<int>(arguments.has("all")) +
                   static_cast<int>(arguments.has("indices")) +
                   static_cast<int>(arguments.has("count"));
  if (ways != 1) {
    throw Error(ErrorKind::kUsage,
                "choose the architectures: give one of --all, --indices FIRST..LAST and --count N");
  }
  if (const auto count = arguments.integer("count", 1, kMost)) {
    build.count = *count;
    return;
  }
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  if (indexed == nullptr) {
    throw Error(ErrorKind::kUsage, "space '" + space.info().name +
                                       "' has no published order; use --count N to draw from it");
  }
  std::int64_t first = 0;
  std::int64_t last = static_cast<std::int64_t>(indexed->size()) - 1;
  if (const auto text = arguments.text("indices")) {
    const std::size_t dots = text->find("..");
    if (dots == std::string::npos) refuse_range(*text);
    const auto from = parse_whole(text->substr(0, dots));
    const auto to = parse_whole(text->substr(dots + 2));
    if (!from || !to || *from < 0 || *to < *from || *to > last) refuse_range(*text);
    first = *from;
    last = *to;
  }
  build.first = first;
  build.count = last - first + 1;
}

BenchmarkBuild read_build(const Arguments& arguments, Context& context) {
  BenchmarkBuild build;
  build.name = *arguments.text("name");
  build.space = space_choice(arguments);
  build.data = training_data(arguments);
  build.recipe = recipe_argument(arguments);
  const auto cores = static_cast<std::int64_t>(std::thread::hardware_concurrency());
  build.workers = arguments.integer_or("workers", cores > 0 ? cores : 1, 1, 1024);
  build.seed = static_cast<std::uint64_t>(
      arguments.whole("seed", 0, std::numeric_limits<std::int64_t>::max()));
  read_choice(arguments, context.session().space(build.space), build);
  return build;
}

int run_build(const Arguments& arguments, Context& context) {
  const BenchmarkBuild build = read_build(arguments, context);
  const BuildReport report = build_benchmark(context.session(), build);
  context.note(report.study.brief());
  const std::string size = counted(report.rows, "architecture") + ", " +
                           counted(report.trained, "network") + " trained (" +
                           std::to_string(report.rows - report.trained - report.study.failed) +
                           " equal another, " + std::to_string(report.study.failed) + " failed)";
  if (!report.complete) {
    context.note(build.name + " holds " + size + " so far; the same command resumes");
    return context.session().stop().stop_requested() ? 130 : 1;
  }
  context.note(build.name + ": " + size);
  Table table = single_table("build");
  add_fact(table, "benchmark", build.name);
  add_fact(table, "rows", report.rows);
  add_fact(table, "trained", report.trained);
  add_fact(table, "failed", report.study.failed);
  add_fact(table, "study", report.study.name);
  context.print(table);
  return 0;
}

}  // namespace

const Command bench_build{
    .noun = "bench",
    .verb = "build",
    .summary = "train (part of) a space and make a benchmark of it",
    .description =
        "Trains the chosen architectures by one recipe, several at once with one thread each.\n"
        "Networks that compute the same are trained once. Every result is kept as it comes: after "
        "a\n"
        "kill or Ctrl-C the same command resumes. The benchmark has validation accuracy, training\n"
        "seconds, parameters, MACs and the learning curves.",
    .examples =
        "nasctl bench build --name tiny --space nasbench201 --data glyphs --count 20 "
        "--preset smoke\n"
        "nasctl bench build --name part --space nasbench201 --data glyphs --indices 0..99",
    .options = joined(
        joined(space_options(), training_options()),
        {{.name = "name", .value = "NAME", .help = "name of the benchmark", .required = true},
         {.name = "count",
          .value = "N",
          .help = "this many, drawn at random, none twice",
          .excludes = "indices|all"},
         {.name = "indices",
          .value = "A..B",
          .help = "these of the published order",
          .excludes = "all"},
         {.name = "all", .value = "", .help = "the whole space"},
         {.name = "workers", .value = "W", .help = "trainings at once (default: the cores)"},
         {.name = "seed",
          .value = "SEED",
          .help = "random seed of the draw",
          .standard = "0",
          .needs = "count"}}),
    .run = run_build};

}  // namespace nas::cli
