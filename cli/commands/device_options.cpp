#include "cli/commands/device_options.h"

#include "app/devices/device_record.h"
#include "app/devices/machine_load.h"
#include "cli/architecture_argument.h"
#include "cli/commands/transfer_options.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"

namespace nas::cli {

std::vector<OptionSpec> engine_options(std::string_view needs) {
  return {{.name = "precision",
           .value = "TYPE",
           .help = "of activations, and of the weights of convolutions and linear layers",
           .choices = host_precisions("libtorch"),
           .standard = "float32",
           .needs = needs},
          {.name = "runtime",
           .value = "ENGINE",
           .help = "what runs the network: LibTorch, or ONNX Runtime where you have it",
           .choices = kHostEngines,
           .standard = "libtorch",
           .needs = needs}};
}

std::vector<OptionSpec> host_options(std::string_view needs) {
  return joined(
      {{.name = "device",
        .value = "NAME",
        .help = "device of this machine that was added (nasctl device list)",
        .completes = "device",
        .needs = needs,
        .excludes = kHostSettings},
       {.name = "batch",
        .value = "N",
        .help = "samples in a pass",
        .standard = "1",
        .needs = needs},
       {.name = "threads", .value = "N", .help = "CPU threads", .standard = "1", .needs = needs}},
      engine_options(needs));
}

Device host_of(const Arguments& arguments, std::int64_t batch, std::int64_t threads) {
  return host_device(batch, threads, arguments.value("precision"), arguments.value("runtime"));
}

Device host_argument(const Arguments& arguments, Context& context) {
  const auto name = arguments.text("device");
  if (!name) {
    return host_of(arguments, arguments.whole("batch", 1, 4096),
                   arguments.whole("threads", 1, 1024));
  }
  Device device = known_device(context.session(), *name);
  require_this_host(device);
  return device;
}

OptionSpec load_option(std::string_view needs) {
  return {.name = "despite-load",
          .value = "",
          .help = "measure even if this machine is busy",
          .needs = needs};
}

std::string load_warning(const Arguments& arguments) {
  if (!arguments.has("despite-load")) {
    require_quiet_machine();
    return "";
  }
  const std::string load = load_text(busy_processors());
  if (load.empty()) return "";
  return "warning: " + load + "; measure again when it is quiet";
}

std::vector<OptionSpec> suggestion_options(std::string_view needs) {
  std::vector<OptionSpec> options = {
      {.name = "bench",
       .value = "BENCH",
       .help = "benchmark with other devices; its networks are suggested",
       .needs = needs},
      {.name = "target",
       .value = "METRIC@DEVICE",
       .help = "what is to be measured",
       .standard = "latency_ms@new",
       .needs = needs},
      {.name = "measured",
       .value = "FILE",
       .help = "CSV with what was measured already (architecture, latency_ms)",
       .completes = "file",
       .needs = needs},
      {.name = "candidates",
       .value = "N",
       .help = "random networks to choose from",
       .standard = "500",
       .needs = needs},
      {.name = "plugin",
       .value = "NAME[:KEY=VALUE,...]",
       .help = "predictor that is to learn from them: transfer, help",
       .standard = "transfer",
       .needs = needs},
      {.name = "option",
       .value = "KEY=VALUE",
       .help = "an option of the predictor",
       .repeated = true,
       .needs = needs}};
  return joined(std::move(options), known_device_options(needs));
}

Suggestion suggested(const Arguments& arguments, Context& context, std::int64_t count) {
  Suggestion suggestion = suggest_measurements(context.session(), known_devices(arguments),
                                               arguments.text_or("measured", ""), count,
                                               arguments.whole("candidates", 2, 20'000));
  for (const std::string& note : suggestion.notes) context.note("note: " + note);
  return suggestion;
}

}  // namespace nas::cli
