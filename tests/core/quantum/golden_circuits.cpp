#include "tests/core/quantum/golden_circuits.h"

#include <nlohmann/json.hpp>

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

namespace nas::test {
namespace {

using Json = nlohmann::json;

// ["U3", 2, 0.1, 0.2, 0.3]
void add_gate(Circuit& circuit, const Json& op) {
  const GateKind& kind = gate_kind(op[0].get<std::string>());
  std::vector<int> qubits;
  std::vector<double> angles;
  for (std::size_t i = 1; i < op.size(); ++i) {
    if (qubits.size() < static_cast<std::size_t>(kind.qubits())) {
      qubits.push_back(op[i].get<int>());
    } else {
      angles.push_back(op[i].get<double>());
    }
  }
  circuit.add(kind, qubits, angles);
}

GoldenCircuit read_golden(const Json& row) {
  const int qubits = row["n"].get<int>();
  const std::string energy = qubits == 4 ? "h2" : "tfim";
  GoldenCircuit golden{Circuit(qubits), {}, 0, 0, {}, {}, 0, 0, 0, 0};
  for (const Json& op : row["ops"]) add_gate(golden.circuit, op);
  for (std::size_t i = 0; i < row["re"].size(); ++i) {
    golden.state.emplace_back(row["re"][i].get<double>(), row["im"][i].get<double>());
  }
  golden.energy = row[energy].get<double>();
  golden.energy_gradient = row[energy + "_grad"].get<std::vector<double>>();
  golden.energy_fitted = row[energy + "_opt100"].get<double>();
  golden.energy_steps = row[energy + "_steps"].get<int>();
  golden.cut = row["maxcut_obj"].get<double>();
  golden.cut_gradient = row["maxcut_grad"].get<std::vector<double>>();
  golden.cut_fitted = row["maxcut_opt50"].get<double>();
  golden.cut_steps = row["maxcut_steps"].get<int>();
  return golden;
}

}  // namespace

std::vector<GoldenCircuit> golden_circuits(int qubits) {
  const auto folder = test_data("quantum-golden");
  std::vector<GoldenCircuit> all;
  if (folder.empty()) return all;
  const std::string name = "circuits_" + std::to_string(qubits) + "q_golden.json.gz";
  for (const Json& row : Json::parse(read_file(folder / name))) all.push_back(read_golden(row));
  return all;
}

LabelledCircuits labelled_circuits(int qubits) {
  LabelledCircuits all;
  const auto folder = test_data("quantum-golden");
  if (folder.empty()) return all;
  const std::string name = qubits == 4 ? "circuits_4q_20k.csv.gz" : "circuits_8q_5k.csv.gz";
  const CsvTable table = CsvTable::parse(read_file(folder / name), name);
  const std::string energy = qubits == 4 ? "h2" : "tfim";
  const auto number = [&](std::size_t row, const std::string& column) {
    return parse_double(table.at(row, table.column(column))).value();
  };
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Circuit circuit = Circuit::parse(table.at(row, table.column("circuit")), qubits);
    if (table.at(row, table.column("id")) == "-1") {
      all.target.push_back(std::move(circuit));
      continue;
    }
    all.circuits.push_back(std::move(circuit));
    all.labels.push_back({number(row, energy), number(row, "maxcut"), number(row, "fidelity"),
                          static_cast<int>(number(row, energy + "_steps")),
                          static_cast<int>(number(row, "maxcut_steps")),
                          static_cast<int>(number(row, "fidelity_steps"))});
  }
  return all;
}

}  // namespace nas::test
