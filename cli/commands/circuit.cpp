#include "app/circuits/growth.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "core/quantum/draw_circuit.h"
#include "core/quantum/qasm.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_form.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// Energies differ late: people get ten digits, programs all.
Cell value_cell(double value, bool human) {
  constexpr int kDigits = 10;
  return human ? Cell(format_short(value, kDigits)) : Cell(value);
}

Table front_table(const GrowthReport& report, bool human) {
  Table table{.kind = "grown circuits",
              .columns = {{"two_qubit_gates", "CNOTs"}, {"rotations"}, {"circuit_depth", "depth"}}};
  for (const NamedValue& value : report.chosen.values) table.columns.push_back({value.name});
  table.columns.push_back({"chosen"});
  const auto add = [&table, human](const GrownCircuit& grown, bool chosen) {
    std::vector<Cell> row{static_cast<std::int64_t>(grown.circuit.two_qubit_gates()),
                          static_cast<std::int64_t>(grown.circuit.parameters()),
                          static_cast<std::int64_t>(grown.circuit.depth())};
    for (const NamedValue& value : grown.values) row.push_back(value_cell(value.value, human));
    row.emplace_back(chosen ? std::string("yes, pruned") : std::string());
    table.rows.push_back(std::move(row));
  };
  for (const GrownCircuit& grown : report.front) add(grown, false);
  add(report.chosen, true);
  table.caption =
      "everything is counted from |0...0>; the last row is the circuit without the "
      "rotations that it does not need";
  return table;
}

void write_circuit(const std::string& path, const Circuit& circuit, const std::string& title,
                   Context& context) {
  const bool drawing = known_form(path, "svg").has_value();
  write_file_atomically(path, drawing ? draw_circuit_svg(circuit, title) : to_qasm2(circuit));
  context.note("wrote " + path);
}

int run_grow(const Arguments& arguments, Context& context) {
  const std::vector<std::string> outputs = arguments.all("output");
  for (const std::string& path : outputs) {
    form_of_file(path, "qasm|svg", "--output");
    refuse_existing(path, arguments.has("force"));
    check_can_write(path);
  }
  GrowthRequest request;
  request.data = *arguments.text("data");
  request.most_cnots = static_cast<int>(arguments.whole("cnots", 1, 1000));
  request.error = arguments.real("error", 0, 1e9).value_or(-1);
  request.coupling = arguments.value("coupling");
  request.fits = arguments.whole("fits", 1, 1'000'000'000);
  request.kept = arguments.whole("kept", 1, 1000);
  request.seconds = arguments.real("seconds", 0, 1e9).value_or(0);
  request.seed = static_cast<std::uint64_t>(arguments.whole("seed", 0, 1'000'000'000));
  const GrowthReport report = grow_circuits(context.session(), request);
  context.print(front_table(report, context.human()));
  context.note(std::to_string(report.fits) + " fits until the last improvement, " +
               format_short(report.seconds, 3) + " s of processor time");
  for (const std::string& path : outputs) {
    write_circuit(path, report.chosen.circuit, request.data, context);
  }
  if (request.error >= 0 && !report.good_enough) {
    context.note("no circuit of up to " + std::to_string(request.most_cnots) + " CNOTs is within " +
                 format_short(request.error) + " of the best value");
    return 1;
  }
  return 0;
}

}  // namespace

const Command circuit_grow{
    .noun = "circuit",
    .verb = "grow",
    .summary = "grow a quantum circuit for a problem, CNOT by CNOT",
    .description =
        "Keeps the best circuits of every number of CNOTs; adds, removes and moves CNOTs, fits "
        "all\n"
        "angles again, and removes rotations that the chosen circuit does not need. Prints the "
        "front "
        "of\nvalue against CNOTs. With --error the smallest circuit that is as near to the best "
        "value "
        "is\nchosen. Exit code 1: none is (docs/quantum.md).",
    .examples =
        "nasctl circuit grow --data ground_state:h2 --error 1e-6 --output h2.qasm --output h2.svg\n"
        "nasctl circuit grow --data ground_state:beh2_6q.csv --error 5.9e-5 --cnots 20 --seed 1",
    .options = {{.name = "data",
                 .value = "KIND:WHICH",
                 .help =
                     "ground_state:..., max_cut:... or state_preparation:... (nasctl data list)",
                 .required = true},
                {.name = "cnots", .value = "N", .help = "most CNOTs", .standard = "20"},
                {.name = "error",
                 .value = "E",
                 .help = "distance from the best value that is good enough (default: the front "
                         "of all sizes is searched)"},
                {.name = "coupling",
                 .value = "MAP",
                 .help = "pairs that CNOTs can join: all, line, ring, star, t5, h7, 0-1+1-2",
                 .standard = "all"},
                {.name = "fits", .value = "N", .help = "circuits to try", .standard = "20000"},
                {.name = "kept",
                 .value = "N",
                 .help = "circuits to keep of each number of CNOTs",
                 .standard = "8"},
                {.name = "seconds",
                 .value = "S",
                 .help = "processor time to end after; then results depend on the machine"},
                {.name = "seed", .value = "N", .help = "seed", .standard = "0"},
                {.name = "output",
                 .value = "FILE",
                 .help = "the chosen circuit, as FILE.qasm or FILE.svg",
                 .completes = "new-file",
                 .repeated = true},
                {.name = "force",
                 .value = "",
                 .help = "replace the files of --output",
                 .needs = "output"}},
    .run = run_grow};

}  // namespace nas::cli
