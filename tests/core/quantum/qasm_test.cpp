#include "core/quantum/qasm.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "core/util/error.h"
#include "tests/core/quantum/random_circuit.h"

using namespace nas;

namespace {

Circuit read(const std::string& body) {
  return parse_qasm("OPENQASM 2.0;\ninclude \"qelib1.inc\";\n" + body, "test.qasm");
}
std::string error_of(const std::string& text) {
  try {
    parse_qasm(text, "test.qasm");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("qasm: version 2 with registers, expressions, barriers and measurements") {
  const Circuit circuit = read(
      "qreg a[2]; qreg b[1]; // three qubits\ncreg c[3];\n"
      "h a;\ncx a[0],b[0];\n/* a\n comment */ rz(-3*pi/2) a[1];\nbarrier a,b;\n"
      "u3(pi/2, -(1+2)^2/4, 2*sin(0.5)) b[0];\nmeasure a -> c;\n");
  CHECK(circuit.qubits() == 3);
  REQUIRE(circuit.gates().size() == 5);
  CHECK(circuit.gates()[1].qubits[0] == 1);
  CHECK(circuit.gates()[2].qubits[1] == 2);
  const std::vector<double> angles = circuit.angles();
  CHECK(angles[0] == doctest::Approx(-1.5 * std::numbers::pi));
  CHECK(angles[2] == doctest::Approx(-2.25));
  CHECK(angles[3] == doctest::Approx(2 * std::sin(0.5)));
}

TEST_CASE("qasm: the same in version 3") {
  const Circuit circuit = parse_qasm(
      "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nqubit one;\nbit[2] c;\n"
      "U(π/2, 0, pi) q[0];\ncp(tau/8) q[0], one;\ngphase(pi);\nc[0] = measure q[0];\n"
      "c = measure q;\n",
      "test.qasm");
  CHECK(circuit.to_text() ==
        "U3:0:1.5707963267948966:0:3.141592653589793;"
        "CP:0:2:0.7853981633974483");
}

TEST_CASE("qasm: every circuit comes back, in both versions") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Circuit circuit = test::random_circuit(5, 40, seed);
    CHECK(parse_qasm(to_qasm2(circuit), "out") == circuit);
    CHECK(parse_qasm(to_qasm3(circuit), "out") == circuit);
  }
  CHECK(parse_qasm(to_qasm2(Circuit(3)), "empty").gates().empty());
}

TEST_CASE("qasm: what we lack is named with its line") {
  const std::string head = "OPENQASM 2.0;\nqreg q[2];\n";
  CHECK(
      error_of(head + "gate foo a { h a; }").starts_with("test.qasm, line 3: 'gate' is not read"));
  CHECK(error_of(head + "h q;\nreset q[0];").starts_with("test.qasm, line 4: 'reset' is not read"));
  CHECK(error_of(head + "if (c==1) x q[0];").starts_with("test.qasm, line 3: 'if' is not read"));
  CHECK(error_of(head + "c4x q[0],q[1];").starts_with("test.qasm, line 3: unknown gate 'c4x'"));
  CHECK(error_of(head + "rx(theta) q[0];").find("line 3: 'theta' is not an angle") !=
        std::string::npos);
  CHECK(error_of(head + "include \"mine.inc\";").find("line 3: 'mine.inc'") != std::string::npos);
  CHECK(error_of(head + "creg c[2];\nmeasure q[0]->c[0];\nh q[0];")
            .find("line 5: a gate on a qubit "
                  "that was measured") != std::string::npos);
  CHECK(error_of("OPENQASM 4.0;\nqreg q[1];").find("line 1: OpenQASM 4.0") != std::string::npos);
}

TEST_CASE("qasm: what is wrong is named with its line") {
  const std::string head = "OPENQASM 2.0;\nqreg q[2];\n";
  CHECK(error_of(head + "cx q[0],q[5];") ==
        "test.qasm, line 3: gate on a missing qubit: q[5], the register has 2");
  CHECK(error_of(head + "cx q[0],q[0];").find("line 3: gate CNOT: qubit 0 is named twice") !=
        std::string::npos);
  CHECK(error_of(head + "rx(1/0) q[0];").find("line 3: an angle of rx is inf") !=
        std::string::npos);
  CHECK(error_of(head + "rx(0*(1/0)) q[0];").find("nan, not a finite number") != std::string::npos);
  CHECK(error_of(head + "rx(2147483648) q[0];").find("line 3: an angle of rx is 2147483648") !=
        std::string::npos);
  CHECK(error_of(head + "h p;").find("line 3: there is no quantum register 'p'") !=
        std::string::npos);
  CHECK(error_of(head + "h q").find("line 3: expected ';', got the end of the file") !=
        std::string::npos);
  CHECK(error_of(head + "qreg q[3];").find("declared twice") != std::string::npos);
  CHECK(error_of(head + "rx q[0];").find("needs 1 qubits and 1 angles") != std::string::npos);
  CHECK(error_of(head + "/* open").find("never closed") != std::string::npos);
  CHECK(error_of("").find("no qubits are declared") != std::string::npos);
  CHECK(error_of("qreg q[1000000];").find("at most 58") != std::string::npos);
  CHECK(error_of("qreg q[2]; rx(" + std::string(5000, '(') + "1").find("nests deeper") !=
        std::string::npos);
  CHECK(error_of("qreg q[2]; rx(" + std::string(5000, '-') + "1) q[0];").find("nests deeper") !=
        std::string::npos);
  CHECK(error_of(std::string("\x00\x01\xff{", 4)).find("line 1") != std::string::npos);
}
