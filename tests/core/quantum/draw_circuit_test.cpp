#include "core/quantum/draw_circuit.h"

#include <doctest/doctest.h>

#include "core/util/text.h"
#include "tests/core/quantum/random_circuit.h"

using namespace nas;

TEST_CASE("drawing: wires, boxes, dots and sums in text") {
  const Circuit circuit = Circuit::parse("H:0;CNOT:0:2;RX:1:1.5707963267948966;SWAP:0:1", 3);
  CHECK(draw_circuit_text(circuit) ==
        "     ┌───┐\n"
        "q0: ─┤ H ├──●──────────────x──\n"
        "     └───┘  │  ┌────────┐  │\n"
        "q1: ────────┼──┤ RX π/2 ├──x──\n"
        "            │  └────────┘\n"
        "q2: ────────⊕─────────────────\n");
}

TEST_CASE("drawing: lines break at the width, every column stays whole") {
  const Circuit circuit = test::random_circuit(5, 60, 1);
  for (const std::string& line : split(draw_circuit_text(circuit, 80), '\n')) {
    std::size_t columns = 0;
    for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
    CHECK(columns <= 80);
  }
  CHECK(draw_circuit_text(Circuit(2)) == "q0: ─\n\nq1: ─\n");
}

TEST_CASE("drawing: SVG has a wire for each qubit and a box for each gate") {
  Circuit circuit = Circuit::parse("H:0;CNOT:0:2;RX:1:0.5;SWAP:0:1;CCX:0:1:2;RZZ:0:2:1", 3);
  const std::string svg = draw_circuit_svg(circuit, "A & B");
  CHECK(svg.starts_with("<svg"));
  CHECK(svg.find("A &amp; B") != std::string::npos);
  CHECK(svg.find("q2") != std::string::npos);
  CHECK(svg.find("3 qubits, 6 gates (4 on two or more qubits), depth 5, 2 angles") !=
        std::string::npos);
  CHECK(draw_circuit_svg(Circuit(1), "empty").find("0 gates") != std::string::npos);
}
