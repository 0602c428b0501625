#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/deploy/network_program.h"
#include "app/memory/memory_svg.h"
#include "app/memory/memory_table.h"
#include "app/memory/plan_timeline.h"
#include "app/memory/row_table.h"
#include "app/models/stored_model.h"
#include "cli/commands.h"
#include "cli/commands/mcu_option.h"
#include "cli/context.h"
#include "cli/network_argument.h"
#include "core/int8/lowering.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"
#include "core/util/text.h"
#include "hwmodels/mcu/network_plan.h"

namespace nas::cli {
namespace {

/// "2" or "2:5": a grid, and how many steps run on it.
void read_patches(const std::string& text, NetworkPlanOptions& options) {
  const std::size_t colon = text.find(':');
  const auto grid = parse_int(std::string_view(text).substr(0, colon));
  const auto steps = colon == std::string::npos
                         ? std::optional<std::int64_t>(0)
                         : parse_int(std::string_view(text).substr(colon + 1));
  constexpr std::int64_t kMostParts = 64;
  const bool fits = grid && *grid >= 2 && *grid <= kMostParts && steps && *steps >= 0 &&
                    (colon == std::string::npos || *steps > 0);
  if (!fits) {
    throw Error(ErrorKind::kUsage, "--patches = " + printable(text) +
                                       ", expected N or N:STEPS, N in [2, 64], such as 2 or 4:8");
  }
  options.grid = static_cast<int>(*grid);
  options.patch_steps = static_cast<std::size_t>(*steps);
}

/// A network as steps, and what is said of it.
struct NamedProgram {
  MicroProgram program;
  std::optional<ArchGraph> graph;  ///< of a network that is lowered here
  std::string text;                ///< canonical notation, the file, or model:NAME
  std::string heading;
  std::string network_text;  ///< for programs: its task, or its inputs and outputs
};

std::string shapes_of(const MicroProgram& program, const std::vector<int>& tensors) {
  std::vector<std::string> shapes;
  for (const int index : tensors) {
    const MicroTensor& tensor = program.tensors[static_cast<std::size_t>(index)];
    std::vector<std::string> dims;
    for (const std::int64_t dim : tensor.dims) dims.push_back(std::to_string(dim));
    shapes.push_back(std::string(name_of(tensor.element)) + "[" + join(dims, ",") + "]");
  }
  return join(shapes, ", ");
}

/// A file in int8 already is planned step by step as it is, as `deploy` does it; any other network
/// is lowered first.
NamedProgram named_program(const Arguments& arguments, Context& context) {
  const std::string word = *arguments.text("ARCHITECTURE");
  if (is_network_word(word)) {
    if (auto file = int8_file(network_path(context.session(), word))) {
      refuse_network_options(arguments, word);
      const MicroProgram& given = file->program;
      const std::string shapes =
          shapes_of(given, given.inputs) + " -> " + shapes_of(given, given.outputs);
      return {std::move(file->program), std::nullopt, word,
              "program of " + printable(word) + ": " + shapes, shapes};
    }
  }
  const GivenNetwork given = given_network(arguments, context, word);
  return {lower(given.graph, {.explicit_padding = true}).program, given.graph, given.text,
          given.shown.heading, given.shown.text};
}

/// Exit code 1 where the network does not fit.
int print_memory(Table table, const NamedProgram& named, bool fits, const McuDevice& device,
                 Context& context) {
  table.heading = named.heading;
  add_for_programs(table, "network", named.network_text);
  context.print(table);
  if (!fits) context.note("does not fit " + std::string(device.name));
  return fits ? 0 : 1;
}

int run_row_wise(const Arguments& arguments, Context& context, const McuDevice& device) {
  for (const char* option : {"patches", "output", "buffers"}) {
    if (!arguments.has(option)) continue;
    throw Error(ErrorKind::kUsage, "--" + std::string(option) +
                                       " has no effect with --row-wise, which plans no places");
  }
  const NamedProgram named = named_program(arguments, context);
  constexpr std::int64_t kMostRows = 1 << 20;
  RowWiseNetwork network{.program = named.program};
  network.plan = plan_row_wise(named.program, {.rows = arguments.whole("row-wise", 1, kMostRows)});
  network.flash_bytes = device.engine.code_bytes +
                        (named.graph ? parameter_flash_bytes(*named.graph)
                                     : flash_use(named.program, device.engine).model_bytes());
  return print_memory(row_table(network, device), named, network.fits(device), device, context);
}

int run_memory(const Arguments& arguments, Context& context) {
  const McuDevice& device = mcu_device(arguments.value("device"));
  if (arguments.has("row-wise")) return run_row_wise(arguments, context, device);
  NetworkPlanOptions options{.best_order = arguments.value("order") == "best"};
  if (const auto patches = arguments.text("patches")) read_patches(*patches, options);
  if (const auto file = arguments.text("output")) {
    form_of_file(*file, "svg", "--output");
    refuse_existing(*file, arguments.has("force"));
  }
  const NamedProgram named = named_program(arguments, context);
  if (has_attention(named.program)) {
    context.note(
        "searches count sram_bytes and flash_bytes of this network by rows of tokens: --row-wise "
        "1");
  }
  const NetworkPlan plan = plan_program(named.program, device.engine, options);
  if (const auto file = arguments.text("output")) {
    const std::string title = "Memory on " + std::string(device.title);
    write_file_atomically(*file, memory_svg(plan, device, {title, {named.text}}));
    context.note("wrote " + *file);
  }
  Table table = memory_table(plan, device);
  if (arguments.has("buffers")) {
    table = buffer_table(timeline_of(plan, device));
    table.caption = join(memory_lines(plan, device), "\n");
    add_for_programs(table, "fits", plan.fits(device));
  }
  return print_memory(std::move(table), named, plan.fits(device), device, context);
}

}  // namespace

const Command arch_memory{
    .noun = "arch",
    .verb = "memory",
    .summary = "memory of the int8 network on a microcontroller, step by step",
    .description =
        "Lowers the network to the steps of a microcontroller's engine and plans its memory to the "
        "byte:\n"
        "where each tensor lies and while which steps, scratch, flash. Depthwise convolutions "
        "overwrite\n"
        "their input. Nothing is trained or run. Exit code 1 where it does not fit the device.",
    .examples =
        "nasctl arch memory --space proxylessnas '3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | 3,3 Z Z Z | "
        "3,3 Z Z Z | 3,3' \\\n"
        "  --device stm32h743\n"
        "nasctl arch memory trial:first/12 --patches 2 --output memory.svg\n"
        "nasctl arch memory model.onnx --device stm32f412 --json\n"
        "nasctl arch memory trial:tokens/3 --row-wise 1",
    .positionals = {{.name = "ARCHITECTURE", .help = kNetworkHelp, .completes = "model-file"}},
    .options = joined(joined({mcu_device_option(),
                              {.name = "order",
                               .value = "WHICH",
                               .help = "best: the order of steps with the fewest live bytes; "
                                       "given: that of the network",
                               .choices = "best|given",
                               .standard = "best"},
                              {.name = "patches",
                               .value = "N[:STEPS]",
                               .help = "run the first steps on N x N parts of the image; without "
                                       "STEPS as many as take the least SRAM"},
                              {.name = "row-wise",
                               .value = "ROWS",
                               .help = "run layers on ROWS tokens at a time, one after the other, "
                                       "as MCUFormer's operators do: for networks with attention"},
                              {.name = "buffers",
                               .help = "a row for each buffer instead of each step: where it lies, "
                                       "and while which steps"},
                              {.name = "output",
                               .value = "FILE.svg",
                               .help = "draw the timeline",
                               .completes = "new-file"},
                              {.name = "force",
                               .value = "",
                               .help = "replace the file of --output",
                               .needs = "output"}},
                             space_options()),
                      network_options()),
    .run = run_memory};

}  // namespace nas::cli
