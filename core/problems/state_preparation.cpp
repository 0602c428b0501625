#include <cmath>
#include <filesystem>
#include <string>

#include "core/problems/circuit_problem.h"
#include "core/quantum/qasm.h"
#include "core/quantum/random_circuit.h"
#include "core/quantum/simulator.h"
#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

// A circuit that prepares a given state, up to a phase.

namespace nas {
namespace {

extern const ProblemRecord kRecord;

constexpr std::string_view kForms =
    "random:N[,SEED], ghz:N, FILE.qasm (the state of a circuit), or a FILE of amplitudes 're,im'";

class StatePreparation final : public CircuitProblem {
 public:
  StatePreparation(ProblemData data, const State& target)
      : CircuitProblem(kRecord, std::move(data), Observable::projector(target, -1), -1) {}

 private:
  std::vector<NamedValue> judge_value(double value) const override {
    return {{"state_fidelity", -value}};
  }
};

/// quantum-as.md, section 2.2: 10 gates on 4 qubits, 20 on 8, 30 on 12.
State random_target(int qubits, std::uint64_t seed) {
  const double gates = 10 + 2.5 * std::max(0, qubits - 4);
  Rng rng({.seed = seed, .study = stable_hash("state_preparation"), .purpose = Purpose::kData});
  return simulate(random_circuit({.qubits = qubits, .gates = static_cast<int>(gates)}, rng));
}

State ghz(int qubits) {
  State state(qubits);
  state.set(0, std::sqrt(0.5));
  state.set(state.size() - 1, std::sqrt(0.5));
  return state;
}

State read_amplitudes(const std::filesystem::path& path) {
  const CsvTable table = CsvTable::parse(read_file(path), path.string());
  const std::size_t re = table.column("re"), im = table.column("im");
  std::vector<Amplitude> amplitudes;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto real = parse_double(std::string(table.at(row, re)));
    const auto imaginary = parse_double(std::string(table.at(row, im)));
    if (!real || !imaginary) {
      throw Error(ErrorKind::kData, path.string() + ", line " + std::to_string(table.line(row)) +
                                        ": expected two numbers 're,im'");
    }
    amplitudes.emplace_back(*real, *imaginary);
  }
  try {
    return State::from(amplitudes);
  } catch (const Error& error) {
    throw error.with_context(path.string());
  }
}

State read_target(std::string_view argument) {
  const std::string_view word = argument.substr(0, argument.find(':'));
  if (word == "random") {
    const std::vector<double> numbers = numbers_of(argument, {0, 0}, "random:QUBITS[,SEED]");
    constexpr double kLargestSeed = 1e15;  // exact as a double
    if (numbers[1] != std::floor(numbers[1]) || numbers[1] < 0 || numbers[1] > kLargestSeed) {
      throw Error(ErrorKind::kUsage,
                  "'" + printable(argument) + "': the seed must be a whole number from 0 to 1e15");
    }
    return random_target(checked_qubits(numbers[0]), static_cast<std::uint64_t>(numbers[1]));
  }
  if (word == "ghz") return ghz(checked_qubits(numbers_of(argument, {0}, "ghz:QUBITS")[0]));
  const std::filesystem::path path = file_of(kRecord.name, argument, kForms);
  if (path.extension() == ".qasm") {
    const Circuit circuit = parse_qasm(read_file(path), path.string());
    checked_qubits(circuit.qubits());
    return simulate(circuit);
  }
  return read_amplitudes(path);
}

std::string content_of(const State& state) {
  std::string text;
  for (const Amplitude& amplitude : state.amplitudes()) {
    text += format_double(amplitude.real()) + "," + format_double(amplitude.imag()) + "\n";
  }
  return text;
}

std::shared_ptr<const Problem> open(std::string_view spec) {
  const std::string_view argument = argument_of(spec, kForms);
  const State target = read_target(argument);
  ProblemData data;
  data.id = circuit_data_id("state_preparation", std::filesystem::path(argument).stem().string(),
                            target.qubits(), content_of(target));
  data.source = std::string(spec);
  data.facts = {{"qubits", static_cast<std::int64_t>(target.qubits())}};
  return std::make_shared<StatePreparation>(std::move(data), target);
}

constexpr MetricInfo kMetrics[] = {
    {.name = "state_fidelity",
     .title = "fidelity of the state",
     .unit = "",
     .maximize = true,
     .meaning = "squared overlap with the target state, after the fit"},
};

constinit const ProblemRecord kRecord =
    circuit_record("state_preparation", "prepare a given state", kMetrics);

}  // namespace

extern constinit const DataKinds state_preparation_kinds{[] {
  return circuit_kinds(kRecord, std::string(kForms), "a given quantum state, for quantum circuits",
                       open);
}};

}  // namespace nas
