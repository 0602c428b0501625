#include <algorithm>
#include <cmath>

#include "app/host_models/device_fit.h"
#include "app/host_models/device_verify.h"
#include "app/host_models/kernel_timing.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr std::string_view kSpaces[] = {"nasbench201", "nasbench101", "darts", "ofa_mobilenetv3"};

std::vector<PluginChoice> spaces_of(const Arguments& arguments) {
  std::vector<PluginChoice> spaces;
  for (const std::string& text : arguments.all("space")) {
    spaces.push_back(parse_plugin_choice(text));
  }
  if (spaces.empty()) {
    for (const std::string_view name : kSpaces) spaces.push_back({std::string(name), {}});
  }
  return spaces;
}

Table pairs_table(const std::vector<TimedPair>& pairs) {
  Table table{.kind = "fused_operations",
              .columns = {{"first"}, {"second"}, {"saved_percent"}, {"fused"}}};
  for (const TimedPair& pair : pairs) {
    const double least = std::min(pair.first_ms, pair.second_ms);
    const double saved = pair.first_ms + pair.second_ms - pair.both_ms;
    table.rows.push_back({pair.first, pair.second, 100 * saved / least, is_fused(pair)});
  }
  table.caption =
      "what running one after the other saves, in percent of the quicker one; more than 50 is "
      "fused";
  return table;
}

Table model_table(const std::string& name, const DeviceFitOutcome& outcome) {
  const DeviceModelState& state = outcome.model.model->state();
  Table table = single_table("device_model");
  const auto add = [&](const char* fact, Cell value) { add_fact(table, fact, std::move(value)); };
  add("name", name);
  add("kind", state.kind);
  add("device", state.device.name);
  add("settings", state.device.settings);
  add("networks", static_cast<std::int64_t>(outcome.networks));
  add("kernels", static_cast<std::int64_t>(outcome.kernels));
  add("perturbed_kernels", static_cast<std::int64_t>(outcome.strips));
  add("measuring_s", outcome.measuring_seconds);
  add("fitting_s", outcome.fitting_seconds);
  const auto rate = [](double milliseconds) {
    return milliseconds > 0 ? Cell(1e3 / milliseconds) : Cell();
  };
  add("dense_gflops", rate(state.roofline.ms_per_gflop));
  add("depthwise_gflops", rate(state.roofline.ms_per_gflop_depthwise));
  add("memory_gbytes_per_s", rate(state.roofline.ms_per_gbyte));
  add("launch_us", 1e3 * state.roofline.launch_ms);
  for (const auto& [fact, part] :
       {std::pair{"error_low_percent", 0.05}, {"error_high_percent", 0.95}}) {
    const auto& errors = state.errors;
    const auto at = static_cast<std::size_t>(part * static_cast<double>(errors.size() - 1) + 0.5);
    add(fact, errors.empty() ? Cell() : Cell(100 * (std::exp(errors[at]) - 1)));
  }
  return table;
}

int run_fit(const Arguments& arguments, Context& context) {
  DeviceFitRequest request;
  request.name = *arguments.text("NAME");
  request.kind = arguments.value("model");
  request.spaces = spaces_of(arguments);
  const bool kernels = request.kind == "kernels";
  request.networks = arguments.integer_or("networks", kernels ? 25 : 10, 1, 10'000);
  request.rounds = arguments.whole("rounds", 0, 20);
  request.samples = arguments.whole("samples", 1, 1000);
  request.batch = arguments.whole("batch", 1, 4096);
  request.threads = arguments.whole("threads", 1, 1024);
  request.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, 1'000'000'000));
  request.replace = arguments.has("replace");
  const DeviceFitOutcome outcome = fit_device(context.session(), request);
  if (outcome.stopped) {
    context.note("stopped; all measurements are kept, and the same command resumes");
    return 130;
  }
  if (arguments.has("fused")) {
    context.print(pairs_table(outcome.pairs));
  } else {
    context.print(model_table(request.name, outcome));
    context.note("use it as --origin latency_ms@host=" + request.kind + ":" + request.name +
                 ", or in nasctl arch latency --model " + request.name);
  }
  return 0;
}

Table networks_table(const DeviceVerification& result) {
  Table table{.kind = "verified_networks",
              .columns = {{"space"}, {"architecture", "", true}, {"measured_ms"}}};
  for (const std::string& method : result.methods) table.columns.push_back({method});
  for (const VerifiedNetwork& network : result.networks) {
    auto& row = table.rows.emplace_back();
    row = {network.space, network.architecture, network.measured_ms};
    for (const double estimate : network.estimates) {
      Cell& cell = row.emplace_back();
      if (std::isfinite(estimate)) cell = estimate;
    }
  }
  return table;
}

int run_verify(const Arguments& arguments, Context& context) {
  DeviceVerifyRequest request;
  request.models = arguments.all("MODEL");
  request.spaces = spaces_of(arguments);
  request.networks = arguments.whole("networks", 2, 10'000);
  request.passes = arguments.whole("passes", 1, 100);
  request.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, 1'000'000'000));
  const DeviceVerification result = verify_device_models(context.session(), request);
  if (arguments.has("list")) {
    context.print(networks_table(result));
    return 0;
  }
  Table table{.kind = "verified_models",
              .columns = {{"space"},
                          {"method"},
                          {"networks"},
                          {"unknown"},
                          {"spearman"},
                          {"within_5_percent"},
                          {"within_10_percent"},
                          {"mean_error_percent"}}};
  for (const VerifiedMethod& row : result.rows) {
    const bool any = row.networks > row.unknown;
    const auto percent = [any](double part) { return any ? Cell(100 * part) : Cell(); };
    table.rows.push_back({row.space, row.method, static_cast<std::int64_t>(row.networks),
                          static_cast<std::int64_t>(row.unknown),
                          std::isfinite(row.spearman) ? Cell(row.spearman) : Cell(),
                          percent(row.within_5), percent(row.within_10), percent(row.mean_error)});
  }
  table.caption = "of the networks that a method can estimate; 'unknown' are the others";
  context.print(table);
  return 0;
}

OptionSpec space_option() {
  return {.name = "space",
          .value = "SPACE",
          .help =
              "draw networks of it, SPACE[:OPTION=VALUE,...] (without it: nasbench201, "
              "nasbench101, darts, ofa_mobilenetv3)",
          .completes = "space",
          .repeated = true};
}

}  // namespace

const Command device_fit{
    .noun = "device",
    .verb = "fit",
    .summary = "fit a model that predicts latencies on this machine",
    .description =
        "Model 'kernels' (in the manner of nn-Meter) finds out by experiment which operations "
        "this machine runs as one, times random networks of the spaces with the kernels inside of "
        "them, then in rounds more kernels around those that it misses by 10 %, and fits boosted "
        "trees for each kind of kernel. Model 'roofline' fits four constants to the networks "
        "alone: arithmetic of dense and of depthwise convolutions, memory, launch. All "
        "measurements are kept at once; the same command resumes after a stop or a kill. "
        "Times are lower quartiles, which other work on the machine hardly changes; for the best "
        "figures let nothing else run.",
    .examples =
        "nasctl device fit host --networks 25\n"
        "nasctl device fit host-roofline --model roofline\n"
        "nasctl search run --space nasbench201 --constraint 'latency_ms<4@host' "
        "--origin latency_ms@host=kernels:host:quantile=0.95",
    .positionals = {{.name = "NAME", .help = "name of the model"}},
    .options = {{.name = "model",
                 .value = "KIND",
                 .help = "what is fitted",
                 .choices = "kernels|roofline",
                 .standard = "kernels"},
                space_option(),
                {.name = "networks",
                 .value = "N",
                 .help = "networks of each space, 10 or more in all (kernels: 25, roofline: 10)"},
                {.name = "rounds",
                 .value = "N",
                 .help = "rounds of more kernels where the trees miss",
                 .standard = "3"},
                {.name = "samples",
                 .value = "N",
                 .help = "kernels for each one that is missed",
                 .standard = "10"},
                {.name = "batch", .value = "B", .help = "samples at a time", .standard = "1"},
                {.name = "threads", .value = "T", .help = "threads", .standard = "1"},
                {.name = "seed", .value = "N", .help = "random seed", .standard = "0"},
                {.name = "fused", .value = "", .help = "print which operations are fused"},
                {.name = "replace",
                 .value = "",
                 .help =
                     "measure anew; a model of this name and its measurements are replaced when "
                     "the new ones are complete"}},
    .run = run_fit};

const Command device_verify{
    .noun = "device",
    .verb = "verify",
    .summary = "measure random networks here and compare models of this machine with them",
    .description =
        "Spearman's correlation and how many estimates lie within 5 and 10 % of what is measured, "
        "by space; beside MACs at the best rate, and for a model of kernels the sum over exactly "
        "the kernels that its fit has timed (a look-up table, which knows no others).",
    .examples =
        "nasctl device verify host host-roofline\n"
        "nasctl device verify host --space nasbench201 --networks 100 --list --format csv",
    .positionals = {{.name = "MODEL",
                     .help = "name of a model (nasctl device fit)",
                     .repeated = true}},
    .options =
        {space_option(),
         {.name = "networks", .value = "N", .help = "networks of each space", .standard = "25"},
         {.name = "passes",
          .value = "N",
          .help = "measurements of each, in turns; the least counts",
          .standard = "3"},
         {.name = "seed",
          .value = "N",
          .help = "random seed, another one than the fit's",
          .standard = "1"},
         {.name = "list", .value = "", .help = "print the networks instead"}},
    .run = run_verify};

}  // namespace nas::cli
