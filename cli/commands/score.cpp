#include <algorithm>
#include <thread>

#include "app/scoring/scoring.h"
#include "app/supernets/supernet_scoring.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/data_argument.h"
#include "cli/network_argument.h"
#include "cli/subnet_argument.h"
#include "core/runtime/model.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/zerocost/proxy.h"

namespace nas::cli {
namespace {

std::vector<OptionSpec> scoring_options(const char* proxies) {
  const ScoreSettings settings;
  return {
      {.name = "proxies",
       .value = "LIST",
       .help = "names with options, \"synflow,nwot:relus=used\"; \"all\", or \"reference\": the "
               "seven of Abdelfattah et al. (see `nasctl proxy list`)",
       .completes = "proxies",
       .standard = proxies},
      {.name = "data",
       .value = "SPEC",
       .help = "data set, or \"noise\": Gaussian images and random labels",
       .standard = "noise"},
      size_option(),
      {.name = "batch",
       .value = "N",
       .help = "images in a batch",
       .standard = std::to_string(settings.batch)},
      {.name = "batches",
       .value = "N",
       .help = "batches averaged over",
       .standard = std::to_string(settings.batches)},
      {.name = "repeats",
       .value = "N",
       .help = "initialisations averaged",
       .standard = std::to_string(settings.repeats)},
      {.name = "init",
       .value = "LAW",
       .help = "initial weights",
       .choices = "default|kaiming|normal",
       .standard = settings.init},
      {.name = "seed",
       .value = "N",
       .help = "random seed of weights, images and labels",
       .standard = std::to_string(settings.seed)},
  };
}

ScoringChoice read_choice(const Arguments& arguments) {
  constexpr std::int64_t kMost = 1'000'000'000;
  ScoringChoice choice;
  choice.proxies = parse_proxies(arguments.value("proxies"));
  choice.data = with_size(arguments, arguments.value("data"));
  choice.settings.batch = arguments.whole("batch", 1, 4096);
  choice.settings.batches = arguments.whole("batches", 1, 64);
  choice.settings.repeats = arguments.whole("repeats", 1, 1000);
  choice.settings.init = arguments.value("init");
  choice.settings.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, kMost));
  return choice;
}

Table layer_table(const ArchGraph& graph, const ShownNetwork& network,
                  const std::vector<ProxyScore>& scores) {
  const std::vector<WeightLayer> layers = weight_layers(graph);
  Table table{.kind = "layer_scores", .columns = {{"layer", "", true}, {"weights"}}};
  std::vector<const ProxyScore*> shown;
  for (const ProxyScore& score : scores) {
    if (score.layers.size() != layers.size()) continue;
    shown.push_back(&score);
    table.columns.push_back({score.name});
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    std::vector<Cell> row{layers[i].name, layers[i].weights};
    for (const ProxyScore* score : shown) row.emplace_back(score->layers[i]);
    table.rows.push_back(std::move(row));
  }
  if (shown.empty()) table.caption = "none of these proxies has a value for each layer";
  add_for_programs(table, "network", network.text);
  table.heading = network.heading;
  return table;
}

int run_arch_score(const Arguments& arguments, Context& context) {
  const ScoringChoice choice = read_choice(arguments);
  GivenNetwork given = given_network(arguments, context, *arguments.text("ARCHITECTURE"));
  ShownNetwork& network = given.shown;
  const bool open = given.named && !arguments.has("input") && !arguments.has("classes");
  if (open && choice.data != "noise") {
    const SearchSpace& space = *given.named->space;
    Task task = network.task;
    const Task fitting = scoring_task(context.session(), space, choice.data);
    task.input = fitting.input;
    task.classes = fitting.classes;
    if (task != network.task) {
      network = plain_network(space, task);
      given.graph = space.build(given.named->architecture, task);
    }
  }
  set_intra_op_threads(1);
  const NetworkScores result = score_network(context.session(), choice, given.graph);
  if (arguments.has("layers")) {
    context.print(layer_table(given.graph, network, result.scores));
    for (const auto& [proxy, why] : result.unfit) context.note(proxy + " left out: " + why);
    return 0;
  }
  Table table{.kind = "scores", .columns = {{"proxy", "", false, true}, {"score"}, {"note"}}};
  for (const ProxyScore& score : result.scores) {
    table.rows.push_back({score.name, score.value, score.note});
  }
  for (const auto& [proxy, why] : result.unfit) {
    table.rows.push_back({proxy, Cell(), "left out: " + why});
  }
  table.caption = given.text + " on " + result.data_id + ", batch " +
                  std::to_string(choice.settings.batch) + ", seed " +
                  std::to_string(choice.settings.seed) + "; larger is better";
  add_for_programs(table, "network", network.text);
  table.heading = network.heading;
  context.print(table);
  return 0;
}

int run_bench_score(const Arguments& arguments, Context& context) {
  constexpr std::int64_t kMost = 1'000'000'000;
  BenchmarkScoring scoring{.benchmark = *arguments.text("NAME")};
  if (arguments.has("space")) scoring.space = space_choice(arguments);
  scoring.choice = read_choice(arguments);
  scoring.count = arguments.integer_or("count", 0, 1, kMost);
  const auto cores = static_cast<std::int64_t>(std::max(std::thread::hardware_concurrency(), 1U));
  scoring.workers = arguments.integer_or("workers", cores, 1, 1024);
  const auto supernet = arguments.text("supernet");
  const ScoringReport report =
      supernet ? score_with_supernet(context.session(), {.rows = scoring,
                                                         .supernet = *supernet,
                                                         .judging = judging_argument(arguments),
                                                         .column = arguments.text_or("column", "")})
               : score_benchmark(context.session(), scoring);
  Table table{.kind = "scoring",
              .columns = {{"benchmark"},
                          {"rows"},
                          {"scored"},
                          {"shared"},
                          {"resumed"},
                          {"failed"},
                          {"seconds"},
                          {"complete"}}};
  table.rows.push_back({scoring.benchmark, report.rows, report.scored, report.shared,
                        report.resumed, report.failed, report.seconds, report.complete});
  table.single = true;
  table.caption = "columns: " + join(report.columns, "  ");
  context.print(table);
  if (report.shared > 0) {
    context.note(counted(report.shared, "row") +
                 " with the scores of an equal network (equal digest)");
  }
  if (report.failed > 0) {
    context.note(counted(report.failed, "row") + " with a score of -inf, ranked last" +
                 (report.first_failure.empty() ? "" : ": " + report.first_failure));
  }
  if (!report.complete) context.note("stopped; the same command resumes from here");
  return report.complete ? 0 : 130;
}

int run_proxy_list(const Arguments&, Context& context) {
  Table table{.kind = "proxies",
              .columns = {{"proxy", "", false, true},
                          {"scores"},
                          {.name = "summary", .shrink = true, .wrap = true},
                          {"needs", "", true},
                          {"options", "", true},
                          {"paper", "", true, false, true}}};
  for (const Plugin<Proxy>* plugin : proxy_plugins()) {
    const auto proxy = plugin->make({});
    std::vector<std::string> scores;
    for (const std::string& ending : proxy->outputs()) {
      scores.push_back(ending.empty() ? std::string(plugin->name) : "." + ending);
    }
    std::vector<std::string> options;
    for (const FieldDoc& field : plugin->fields()) {
      options.push_back(field.name + "=" + field.default_value);
    }
    table.rows.push_back({std::string(plugin->name), join(scores, " "),
                          std::string(plugin->summary), needs_text(proxy->needs()),
                          join(options, ","), std::string(plugin->paper)});
  }
  context.print(table);
  return 0;
}

}  // namespace

const Command arch_score{
    .noun = "arch",
    .verb = "score",
    .summary = "zero-cost proxies of an untrained network",
    .description =
        "Runs the passes that the chosen proxies need once and prints all their scores. -inf: not "
        "finite, ranks last.\nProxies that do not fit the network are named with the reason; exit "
        "code 2 when none fits.",
    .examples =
        "nasctl arch score --space nasbench201 index:13714 --proxies reference\n"
        "nasctl arch score --space darts DARTS_V2 --proxies synflow,nwot --batch 16\n"
        "nasctl arch score model.onnx --proxies reference\n"
        "nasctl arch score --space nasbench201 index:0 --proxies snip,synflow --layers --json",
    .positionals = {{.name = "ARCHITECTURE", .help = kNetworkHelp, .completes = "model-file"}},
    .options =
        joined(joined(scoring_options("all"), {{.name = "layers",
                                                .value = "",
                                                .help = "values of each convolution and linear "
                                                        "layer instead of the sums"}}),
               joined(space_options(), network_options())),
    .run = run_arch_score};

const Command bench_score{
    .noun = "bench",
    .verb = "score",
    .summary = "score the networks of a benchmark or a whole space",
    .description =
        "Adds one column for each proxy, or one of a supernet. Networks with an equal digest are "
        "scored once by proxies, each by a supernet. Columns are written every 20 s, and the same "
        "command resumes after an interruption. Exit code 130 when it was stopped.",
    .examples =
        "nasctl bench score nasbench201 --proxies reference --data cifar10:DIR\n"
        "nasctl bench score mine --space nasbench201 --proxies synflow --count 500\n"
        "nasctl bench score mine --proxies az_nas,nwot --count 500 --workers 2\n"
        "nasctl bench score nasbench201 --supernet first --samples 500",
    .positionals = {{.name = "NAME",
                     .help = "benchmark; made from --space when there is none",
                     .completes = "benchmark"}},
    .options = joined(
        joined(
            scoring_options("reference"),
            {{.name = "count",
              .value = "N",
              .help = "this many rows, drawn by --seed (default: all)"},
             {.name = "workers", .value = "N", .help = "networks at a time (default: the cores)"},
             {.name = "supernet",
              .value = "SUPERNET",
              .help = "instead of proxies: minus the loss with the weights of this supernet, as "
                      "the column supernet.NAME",
              .excludes = "proxies|data|size|batch|batches|repeats|init"},
             {.name = "column",
              .value = "NAME",
              .help = "another name for this column",
              .needs = "supernet"}}),
        joined(judging_options("supernet"), space_options())),
    .run = run_bench_score};

const Command proxy_list{
    .noun = "proxy",
    .verb = "list",
    .summary = "the zero-cost proxies, what they need and where they come from",
    .examples = "nasctl proxy list\nnasctl proxy list --json",
    .run = run_proxy_list};

}  // namespace nas::cli
