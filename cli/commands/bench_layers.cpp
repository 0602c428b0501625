#include <algorithm>
#include <thread>

#include "app/scoring/layer_scoring.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

int run_bench_layers(const Arguments& arguments, Context& context) {
  constexpr std::int64_t kMost = 1'000'000'000;
  LayerScoring scoring{.benchmark = *arguments.text("NAME")};
  scoring.data = with_size(arguments, arguments.value("data"));
  scoring.batch = arguments.whole("batch", 2, 4096);
  scoring.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, kMost));
  scoring.count = arguments.integer_or("count", 0, 1, kMost);
  const auto cores = static_cast<std::int64_t>(std::max(std::thread::hardware_concurrency(), 1U));
  scoring.workers = arguments.integer_or("workers", cores, 1, 1024);
  const LayerScoringReport report = score_layers(context.session(), scoring);
  Table table{
      .kind = "layer_scoring",
      .columns =
          {{"benchmark"}, {"rows"}, {"scored"}, {"resumed"}, {"layers"}, {"seconds"}, {"complete"}},
      .caption = "columns: " + join(report.columns, "  ")};
  table.rows.push_back({scoring.benchmark, report.rows, report.scored, report.resumed, report.width,
                        report.seconds, report.complete});
  table.single = true;
  context.print(table);
  if (!report.complete) context.note("stopped; the same command resumes from here");
  return report.complete ? 0 : 130;
}

}  // namespace

const Command bench_layers{
    .noun = "bench",
    .verb = "layers",
    .summary = "node-wise statistics of a benchmark's untrained networks, which ParZC learns from",
    .description =
        "Adds the vectors grad_norm, snip_mean and synflow_bn_mean: one value for each convolution "
        "and linear\n"
        "layer, measured on one batch of images scaled to mean .5 and deviation .5. The same "
        "command resumes\n"
        "after an interruption.",
    .examples =
        "nasctl bench layers nasbench201 --data cifar10:DIR\n"
        "nasctl predictor fit ranks --plugin parzc --bench nasbench201 --target "
        "accuracy:split=valid "
        "\\\n"
        "  --features grad_norm:statistic=nodes --features snip_mean --features synflow_bn_mean "
        "--train 78",
    .positionals = {{.name = "NAME", .help = "benchmark of the store", .completes = "benchmark"}},
    .options =
        {{.name = "data",
          .value = "SPEC",
          .help = "data set, or \"noise\": Gaussian images and random labels",
          .standard = "noise"},
         size_option(),
         {.name = "batch",
          .value = "N",
          .help = "images",
          .standard = std::to_string(LayerScoring{}.batch)},
         {.name = "seed",
          .value = "N",
          .help = "random seed of weights and images",
          .standard = "0"},
         {.name = "count", .value = "N", .help = "this many rows, drawn by --seed (default: all)"},
         {.name = "workers", .value = "N", .help = "networks at a time (default: the cores)"}},
    .run = run_bench_layers};

}  // namespace nas::cli
