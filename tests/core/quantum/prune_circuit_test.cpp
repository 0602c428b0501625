#include "core/quantum/prune_circuit.h"

#include <doctest/doctest.h>

#include "core/quantum/simulator.h"

namespace nas {

TEST_CASE("pruned: rotations without use fall away, and the value stays below the limit") {
  // -Z on both qubits: the ground state is |00>, of energy -2, so that nothing needs to turn.
  const Observable observable(PauliSum::parse("-1 ZI\n-1 IZ\n", "test"));
  const Circuit idle = Circuit::parse("RY:0:0.3;CNOT:0:1;RZ:1:0.4;RY:0:-0.2", 2);
  const Circuit rest = pruned(observable, idle, -2 + 1e-9);
  CHECK(rest.parameters() == 0);
  CHECK(rest.count("CNOT") == 1);  // only rotations are removed
  CHECK(observable.expectation(simulate(rest)) <= -2 + 1e-9);
}

TEST_CASE("pruned: a rotation that the value rests on stays, and is fitted again") {
  const Observable observable(PauliSum::parse("1 Z\n", "test"));  // |1>: one half turn
  const Circuit circuit = Circuit::parse("RY:0:1.5;RZ:0:0.7;RY:0:1.5", 1);
  const Circuit rest = pruned(observable, circuit, -1 + 1e-6);
  CHECK(rest.count("RY") == 1);
  CHECK(rest.parameters() == 1);
  CHECK(observable.expectation(simulate(rest)) <= -1 + 1e-6);
  CHECK(pruned(observable, circuit, -5).parameters() == 3);  // nothing reaches that
}

}  // namespace nas
