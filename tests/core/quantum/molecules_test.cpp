// The Hamiltonians and circuits of quantum-molecules, and the exact numbers of quantum-as.md,
// section 3.3.

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "core/quantum/hamiltonians.h"
#include "core/quantum/observable.h"
#include "core/quantum/qasm.h"
#include "core/quantum/simulator.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

// All eigenvalues, ascending, of the matrix whose columns the observable makes of basis states.
std::vector<double> eigenvalues(const PauliSum& sum) {
  const Observable observable(sum);
  State basis(sum.qubits()), column(sum.qubits());
  const auto size = static_cast<Eigen::Index>(basis.size());
  Eigen::MatrixXcd matrix(size, size);
  for (Eigen::Index c = 0; c < size; ++c) {
    basis.set_basis(static_cast<std::size_t>(c));
    observable.apply(basis, column);
    for (Eigen::Index r = 0; r < size; ++r) matrix(r, c) = column.at(static_cast<std::size_t>(r));
  }
  const Eigen::VectorXd values =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd>(matrix, Eigen::EigenvaluesOnly).eigenvalues();
  return {values.begin(), values.end()};
}

double number(const CsvTable& table, std::size_t row, const char* column) {
  return parse_double(table.at(row, table.column(column))).value();
}

double product_state_energy(const PauliSum& sum) {
  Circuit circuit(sum.qubits());
  for (int q = 0; q < sum.qubits(); ++q) circuit.add("RY", {q}, {0.1 * (q + 1)});
  return expectation(simulate(circuit), sum);
}

}  // namespace

TEST_CASE("molecules: terms, energies of basis and product states, all eigenvalues") {
  const auto folder = test::test_data("quantum-molecules");
  if (folder.empty()) return;
  const CsvTable summary = CsvTable::parse(read_file(folder / "summary.csv"), "summary.csv");
  const CsvTable spectra = CsvTable::parse(read_file(folder / "spectra.csv"), "spectra.csv");
  // README, "More check values": products of RY(0.1 (k + 1)), which tell the two orders of qubits
  // apart.
  const std::map<std::string, double> products = {{"beh2_6q", -10.398768206201},
                                                  {"h2o_8q", -66.830017767015},
                                                  {"lih_4q_r3.4_parity", -0.505805473828},
                                                  {"heisenberg_5q", 8.709067449250},
                                                  {"tfim_6q_h0.001", -4.326021586502}};
  REQUIRE(summary.rows() == 5);
  for (std::size_t row = 0; row < summary.rows(); ++row) {
    const std::string name(summary.at(row, summary.column("name")));
    CAPTURE(name);
    const PauliSum sum = PauliSum::parse(read_file(folder / (name + ".csv")), name);
    CHECK(sum.qubits() == number(summary, row, "qubits"));
    CHECK(static_cast<double>(sum.terms().size()) == number(summary, row, "terms"));
    CHECK(sum.weight_sum() == doctest::Approx(number(summary, row, "sum_abs_weights")));
    State state(sum.qubits());
    CHECK(std::abs(expectation(state, sum) - number(summary, row, "e_zero_state")) < 1e-10);
    CHECK(std::abs(product_state_energy(sum) - products.at(name)) < 1e-10);
    const std::string best(summary.at(row, summary.column("min_diag_state")));
    state.set_basis(std::stoull(best, nullptr, 2));
    CHECK(std::abs(expectation(state, sum) - number(summary, row, "min_diag")) < 1e-10);
    const std::vector<double> values = eigenvalues(sum);
    std::size_t next = 0;
    for (std::size_t line = 0; line < spectra.rows(); ++line) {
      if (spectra.at(line, spectra.column("name")) != name) continue;
      REQUIRE(next < values.size());
      CHECK(std::abs(values[next++] - number(spectra, line, "eigenvalue")) < 1e-8);
    }
    CHECK(next == values.size());
  }
}

TEST_CASE("molecules: the published matrix-product circuits reach their energies") {
  const auto folder = test::test_data("quantum-molecules");
  if (folder.empty()) return;
  struct Row {
    const char *circuit, *sum;
    double energy;
    int cnot, rotations, depth;
  };
  const Row rows[] = {
      {"beh2_6q_mps2.qasm", "beh2_6q.csv", -14.855634692332, 15, 93, 27},
      {"h2o_8q_mps2.qasm", "h2o_8q.csv", -73.291404132949, 21, 129, 27},
      {"heisenberg_5q_mps2.qasm", "heisenberg_5q.csv", -8.497480529866, 12, 75, 27}};
  for (const Row& row : rows) {
    const Circuit circuit = parse_qasm(read_file(folder / row.circuit), row.circuit);
    const PauliSum sum = PauliSum::parse(read_file(folder / row.sum), row.sum);
    CAPTURE(row.circuit);
    CHECK(std::abs(expectation(simulate(circuit), sum) - row.energy) < 1e-10);
    CHECK(circuit.count("CNOT") == row.cnot);
    CHECK(static_cast<int>(circuit.gates().size()) - row.cnot == row.rotations);
    CHECK(circuit.depth() == row.depth);
  }
}

TEST_CASE("hamiltonians: exact ground energies of H2 and of Ising rings") {
  const std::vector<double> h2 = eigenvalues(hydrogen_molecule());
  CHECK(std::abs(h2[0] - -1.1361891625) < 1e-9);
  CHECK(std::abs(h2[1] - -0.52188) < 1e-5);
  CHECK(std::abs(h2[3] - -0.47845) < 1e-5);
  const std::map<int, double> rings = {{4, -5.22625}, {6, -7.72741}, {8, -10.25166179}};
  for (const auto& [n, published] : rings) {
    double energy = 0;
    for (int m = 0; m < n; ++m) {
      const double k = (2 * m + 1) * std::numbers::pi / n;
      energy -= std::sqrt(std::max(0.0, 2 + 2 * std::cos(k)));
    }
    CHECK(std::abs(eigenvalues(transverse_ising(n, 1, 1))[0] - energy) < 1e-9);
    CHECK(std::abs(energy - published) < 1e-5);
  }
}
