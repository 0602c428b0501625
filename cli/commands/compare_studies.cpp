#include "cli/commands/compare_studies.h"

#include "app/reports/study_comparison.h"
#include "cli/command.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// What only a simulation on a benchmark reads.
constexpr std::string_view kOfSimulations[] = {
    "objective", "constraint",      "front",   "scores",
    "cost",      "seconds",         "queries", "runs",
    "seed",      "free-repeats",    "report",  "evaluation-seconds",
    "threads",   "surrogate-curves"};

}  // namespace

int compare_own_studies(const Arguments& arguments, Context& context) {
  for (const std::string_view option : kOfSimulations) {
    if (!arguments.has(option)) continue;
    throw Error(ErrorKind::kUsage, "--" + std::string(option) +
                                       " applies to searchers on a benchmark: name those with "
                                       "--searchers, or leave it out to compare studies");
  }
  StudyComparisonConfig config;
  config.studies = arguments.all("BENCHMARK");
  config.seeds = arguments.has("seeds");
  config.trials = arguments.integer_or("trials", 0, 1, 1'000'000'000);
  config.against_best = arguments.text_or("against", "first") == "best";
  const Store& store = context.session().reader();
  for (const BenchmarkRow& row : store.benchmarks()) {
    if (config.studies.size() != 1 || row.info.name != config.studies[0]) continue;
    if (store.find_study(row.info.name)) continue;
    throw Error(ErrorKind::kUsage, "'" + row.info.name +
                                       "' is a benchmark: name the searchers to compare on it "
                                       "with --searchers");
  }
  if (const auto directory = arguments.text("output")) {
    require_folder_name(*directory, "--output", "comparison.csv and other files");
  }
  const StudyComparison comparison = compare_studies(store, config);
  context.print(arguments.has("each") ? compared_studies_table(comparison)
                                      : study_comparison_table(comparison));
  if (const auto directory = arguments.text("output")) {
    for (const auto& path : write_study_comparison(comparison, *directory)) {
      context.note("wrote " + path.string());
    }
  }
  return 0;
}

}  // namespace nas::cli
