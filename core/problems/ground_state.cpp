#include "core/problems/circuit_problem.h"

#include <filesystem>

#include "core/quantum/ground_energy.h"
#include "core/quantum/hamiltonians.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

// The lowest energy of a Hamiltonian, by a circuit whose angles are fitted (VQE).

namespace nas {
namespace {

extern const ProblemRecord kRecord;

constexpr std::string_view kForms = "h2, tfim:N[,FIELD], heisenberg:N, or a FILE of Pauli strings";

/// Exact energies are computed up to here at once; beyond it takes minutes.
constexpr int kExactQubits = 12;

class GroundState final : public CircuitProblem {
 public:
  GroundState(ProblemData data, const Observable& observable, double exact)
      : CircuitProblem(kRecord, std::move(data), observable, exact), exact_(exact) {}

 private:
  std::vector<NamedValue> judge_value(double value) const override {
    return {{"energy", value}, {"energy_error", value - exact_}};
  }

  double exact_;
};

struct Hamiltonian {
  PauliSum sum;
  std::string name;
};

Hamiltonian read_hamiltonian(std::string_view argument) {
  const std::string_view word = argument.substr(0, argument.find(':'));
  if (argument == "h2") return {hydrogen_molecule(), "h2"};
  if (word == "tfim") {
    const std::vector<double> numbers = numbers_of(argument, {0, 1}, "tfim:QUBITS[,FIELD]");
    return {transverse_ising(checked_qubits(numbers[0]), 1, numbers[1]), std::string(argument)};
  }
  if (word == "heisenberg") {
    const std::vector<double> numbers = numbers_of(argument, {0}, "heisenberg:QUBITS");
    return {heisenberg(checked_qubits(numbers[0])), std::string(argument)};
  }
  const std::filesystem::path path = file_of(kRecord.name, argument, kForms);
  PauliSum sum = PauliSum::parse(read_file(path), path.string());
  checked_qubits(sum.qubits());
  return {std::move(sum), path.stem().string()};
}

std::shared_ptr<const Problem> open(std::string_view spec) {
  const std::string_view argument = argument_of(spec, kForms);
  const Hamiltonian hamiltonian = read_hamiltonian(argument);
  const PauliSum& sum = hamiltonian.sum;
  const Observable observable(sum);
  if (sum.qubits() > kExactQubits) {
    throw Error(ErrorKind::kUnsupported,
                "ground_state:" + printable(argument) + " has " + std::to_string(sum.qubits()) +
                    " qubits; the exact energy, which errors refer to, is known up to " +
                    std::to_string(kExactQubits));
  }
  const double exact = ground_energy(observable);
  ProblemData data;
  data.id = circuit_data_id("ground_state", hamiltonian.name, sum.qubits(), sum.to_csv());
  data.source = std::string(spec);
  data.facts = {{"qubits", static_cast<std::int64_t>(sum.qubits())},
                {"terms", static_cast<std::int64_t>(sum.terms().size())},
                {"ground_energy", exact, "exact ground energy"}};
  return std::make_shared<GroundState>(std::move(data), observable, exact);
}

constexpr MetricInfo kMetrics[] = {
    {.name = "energy",
     .title = "energy",
     .unit = "",
     .maximize = false,
     .meaning = "expectation of the Hamiltonian, in its own unit, after the fit"},
    {.name = "energy_error",
     .title = "error of the energy",
     .unit = "",
     .maximize = false,
     .meaning = "energy above the exact ground energy"},
};

constinit const ProblemRecord kRecord =
    circuit_record("ground_state", "prepare the state of lowest energy of a Hamiltonian", kMetrics);

}  // namespace

extern constinit const DataKinds ground_state_kinds{[] {
  return circuit_kinds(kRecord,
                       std::string(kForms) + " (lines 'pauli,weight'; character k acts on qubit k)",
                       "the lowest energy of a Hamiltonian, for spaces of quantum circuits", open);
}};

}  // namespace nas
