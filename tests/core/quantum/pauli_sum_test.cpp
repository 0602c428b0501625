#include "core/quantum/pauli_sum.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/quantum/hamiltonians.h"
#include "core/util/error.h"

using namespace nas;

namespace {

std::string error_of(const std::string& text) {
  try {
    PauliSum::parse(text, "h.csv");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("pauli sums: strings and sparse factors are the same terms") {
  PauliSum sum(3);
  sum.add(0.5, "XIZ");
  sum.add_sparse(0.25, "X0 Z2");
  sum.add_sparse(2, "Y1");
  sum.add_sparse(-1, "");
  REQUIRE(sum.terms().size() == 3);
  CHECK(sum.terms()[0] == PauliTerm{0.75, 0b100, 0b001});
  CHECK(sum.terms()[1] == PauliTerm{2, 0b010, 0b010});
  CHECK(sum.string_of(sum.terms()[1]) == "IYI");
  CHECK(sum.weight_sum() == 3.75);
  CHECK_FALSE(sum.is_diagonal());
  CHECK(sum.scaled(2, 1).terms()[2].weight == -1);
}

TEST_CASE("pauli sums: tables and lines") {
  const PauliSum table = PauliSum::parse("pauli,weight\nZZ,0.5\nXI,(1e-3+0j)\n", "a");
  const PauliSum lines = PauliSum::parse("# Ising\n0.5 ZZ\n\n 1e-3 XI # field\n", "b");
  CHECK(table.terms() == lines.terms());
  CHECK(PauliSum::parse(table.to_csv(), "c").terms() == table.terms());
}

TEST_CASE("pauli sums: a table needs no heading") {
  CHECK(PauliSum::parse("XXI,0.5\nIZZ,-1\n", "h.csv").to_csv() ==
        PauliSum::parse("pauli,weight\nXXI,0.5\nIZZ,-1\n", "h.csv").to_csv());
  CHECK(error_of("XX,1\nXXX,2\n") ==
        "h.csv, line 2: Pauli string 'XXX' has 3 letters for 2 qubits");
  CHECK(error_of("XX,1e300\n").find("at most 1e100 in size") != std::string::npos);
}

TEST_CASE("pauli sums: bad input is named with its line") {
  CHECK(error_of("pauli,weight\nZZ,1\nZZZ,1\n") ==
        "h.csv, line 3: Pauli string 'ZZZ' has 3 letters for 2 qubits");
  CHECK(error_of("pauli,weight\nZA,1\n") ==
        "h.csv, line 2: 'A' is no Pauli operator (I, X, Y or Z)");
  CHECK(error_of("pauli,weight\nZZ,1\nXY,0.5j\n") ==
        "h.csv, line 3: weight 0.5j is not real: the sum would not be Hermitian");
  CHECK(error_of("1 ZZ\n(1e-3-2e-1j) XX\n").find("not be Hermitian") != std::string::npos);
  CHECK(error_of("pauli,weight\nZZ,nan\n").find("line 2: weight nan of ZZ") != std::string::npos);
  CHECK(error_of("pauli,weight\nZZ,abc\n").find("weight 'abc' is not a number") !=
        std::string::npos);
  CHECK(error_of("").find("no terms") != std::string::npos);
  CHECK(error_of("0.5\n").find("line 1: expected a weight and a Pauli string") !=
        std::string::npos);
  CHECK(error_of("1 " + std::string(500, 'Z')).find("at most 58 letters") != std::string::npos);
  CHECK_THROWS_AS(PauliSum(0), Error);
  PauliSum sum(2);
  CHECK_THROWS_WITH_AS(sum.add_sparse(1, "Z2"), doctest::Contains("no qubit from 0 to 1"), Error);
  CHECK_THROWS_WITH_AS(sum.add_sparse(1, "Z1 X1"), doctest::Contains("qubit 1 twice"), Error);
}

TEST_CASE("hamiltonians: the paper's graphs and their edges") {
  CHECK(published_graph(4).size() == 4);
  CHECK(published_graph(8).size() == 15);
  CHECK_THROWS_AS(published_graph(5), Error);
  CHECK_THROWS_WITH_AS(cut_hamiltonian(2, {{0, 2}}), doctest::Contains("edge 0-2"), Error);
  CHECK(transverse_ising(6, -1, -0.001, false).terms().size() == 11);
  CHECK(heisenberg(5).terms().size() == 17);
}
