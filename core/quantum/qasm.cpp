#include "core/quantum/qasm.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <set>

#include "core/quantum/qasm_lexer.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Kind = QasmLexer::Kind;
using Token = QasmLexer::Token;

constexpr std::size_t kMostGates =
    10'000'000;  // of a file; stops a "q;" on large registers in a loop

/// What operations of a graph take; beyond it little is left of an angle in double precision.
constexpr double kMostAngle = 1e9;

struct Register {
  std::string name;
  int first = 0;
  int size = 0;
};

// Statements of OpenQASM that a fixed circuit cannot say.
constexpr std::string_view kLacking =
    " gate opaque if reset for while def defcal cal let const input output float int uint angle "
    "bool array "
    "extern switch box delay duration stretch ctrl negctrl inv pow return break continue pragma "
    "complex ";

bool is_lacking(std::string_view word) {
  return kLacking.find(" " + std::string(word) + " ") != std::string_view::npos;
}

class QasmReader {
 public:
  QasmReader(std::string_view text, std::string_view source) : lexer_(text, source) {}

  Circuit read() {
    read_version();
    while (lexer_.peek().kind != Kind::kEnd) statement();
    if (registers_.empty()) {
      lexer_.fail(lexer_.peek().line, "no qubits are declared (qreg q[4];)");
    }
    Circuit circuit(qubits_);
    for (const auto& [gate, line] : gates_) add(circuit, gate, line);
    return circuit;
  }

 private:
  struct Placed {
    Gate gate;
    int line;
  };

  void read_version() {
    if (!lexer_.at("OPENQASM")) return;  // pieces of a file have none
    lexer_.next();
    const Token version = lexer_.expect(Kind::kNumber, "a version");
    if (version.text != "2.0" && version.text != "3.0" && version.text != "2" &&
        version.text != "3" && version.text != "3.1") {
      lexer_.lack(version.line,
                  "OpenQASM " + printable(version.text) + " is not read: 2 and 3 are");
    }
    lexer_.expect(";");
  }

  void statement() {
    const Token word = lexer_.peek();
    if (lexer_.accept(";")) return;
    if (word.kind != Kind::kWord) {
      lexer_.fail(word.line, "expected a statement, got '" + printable(word.text) + "'");
    }
    if (is_lacking(word.text)) {
      lexer_.lack(word.line, "'" + std::string(word.text) +
                                 "' is not read: a circuit here is a fixed list of gates");
    }
    lexer_.next();
    if (word.text == "include") return include();
    if (word.text == "qreg" || word.text == "creg") return old_register(word.text == "qreg");
    if (word.text == "qubit" || word.text == "bit") return new_register(word.text == "qubit");
    if (word.text == "barrier") return lexer_.skip_past(";");
    if (word.text == "measure") return measure(word.line);
    if (is_bits(word.text)) return assigned_measure(word);
    gate(word);
  }

  void include() {
    const Token file = lexer_.expect(Kind::kString, "a file name in quotes");
    if (file.text != "qelib1.inc" && file.text != "stdgates.inc") {
      lexer_.lack(file.line, "'" + printable(file.text) +
                                 "' is not read: only qelib1.inc and stdgates.inc are known");
    }
    lexer_.expect(";");
  }

  int bracketed_size() {
    lexer_.expect("[");
    const int size = whole_number("a size");
    lexer_.expect("]");
    return size;
  }

  int whole_number(const char* what) {
    const Token token = lexer_.expect(Kind::kNumber, what);
    const auto value = parse_int(token.text);
    if (!value || *value < 0 || *value > 1'000'000) {
      lexer_.fail(token.line, "'" + printable(token.text) + "' is not " + what);
    }
    return static_cast<int>(*value);
  }

  void old_register(bool quantum) {  // qreg q[4];
    const Token name = lexer_.expect(Kind::kWord, "a name");
    declare(name, bracketed_size(), quantum);
  }
  void new_register(bool quantum) {  // qubit[4] q;
    const int size = lexer_.at("[") ? bracketed_size() : 1;
    const Token name = lexer_.expect(Kind::kWord, "a name");
    if (lexer_.at("=") && !quantum) {
      bits_.emplace(name.text);
      return assigned_measure(name);
    }
    declare(name, size, quantum);
  }

  void declare(const Token& name, int size, bool quantum) {
    lexer_.expect(";");
    if (find(name.text) != nullptr || is_bits(name.text)) {
      lexer_.fail(name.line, "'" + printable(name.text) + "' is declared twice");
    }
    if (size < 1) lexer_.fail(name.line, "register '" + printable(name.text) + "' has no bits");
    if (!quantum) {
      bits_.emplace(name.text);
      return;
    }
    if (qubits_ + size > Circuit::kMaxQubits) {
      lexer_.lack(name.line, std::to_string(qubits_ + size) + " qubits: at most " +
                                 std::to_string(Circuit::kMaxQubits) + " are read");
    }
    registers_.push_back({std::string(name.text), qubits_, size});
    qubits_ += size;
    measured_.resize(static_cast<std::size_t>(qubits_), false);
  }

  const Register* find(std::string_view name) const {
    for (const Register& r : registers_) {
      if (r.name == name) return &r;
    }
    return nullptr;
  }
  bool is_bits(std::string_view name) const { return bits_.find(name) != bits_.end(); }

  // One qubit, or all of a register.
  std::vector<int> operand() {
    const Token name = lexer_.expect(Kind::kWord, "a qubit");
    const Register* r = find(name.text);
    if (r == nullptr) {
      lexer_.fail(name.line, "there is no quantum register '" + printable(name.text) + "'");
    }
    std::vector<int> qubits;
    if (lexer_.accept("[")) {
      const int index = whole_number("an index");
      if (index >= r->size) {
        lexer_.fail(name.line, "gate on a missing qubit: " + printable(r->name) + "[" +
                                   std::to_string(index) + "], the register has " +
                                   std::to_string(r->size));
      }
      lexer_.expect("]");
      return {r->first + index};
    }
    for (int i = 0; i < r->size; ++i) qubits.push_back(r->first + i);
    return qubits;
  }

  void measure(int line) {  // measure q -> c;
    mark_measured(line);
    if (lexer_.accept("->"))
      lexer_.skip_past(";");
    else
      lexer_.expect(";");
  }
  void assigned_measure(const Token& word) {  // c = measure q;
    if (lexer_.at("[")) lexer_.skip_past("]");
    lexer_.expect("=");
    if (!lexer_.accept("measure")) {
      lexer_.lack(word.line, "classical bits are only read where a measurement fills them");
    }
    mark_measured(word.line);
    lexer_.expect(";");
  }
  void mark_measured(int) {
    for (const int q : operand()) measured_[static_cast<std::size_t>(q)] = true;
  }

  void gate(const Token& word) {
    const GateKind* kind = find_gate_kind(word.text);
    const bool phase = word.text == "gphase";
    if (kind == nullptr && !phase) lack_gate(word);
    std::vector<double> angles;
    if (lexer_.accept("(") && !lexer_.accept(")")) {
      do angles.push_back(angle(word));
      while (lexer_.accept(","));
      lexer_.expect(")");
    }
    if (phase) return lexer_.expect(";"), void();  // a phase of everything is none
    std::vector<std::vector<int>> operands;
    do operands.push_back(operand());
    while (lexer_.accept(","));
    lexer_.expect(";");
    place(word, *kind, angles, operands);
  }

  double angle(const Token& word) {
    const double value = read_qasm_angle(lexer_);
    if (!std::isfinite(value)) {
      throw Error(ErrorKind::kNumeric, lexer_.source() + ", line " + std::to_string(word.line) +
                                           ": an angle of " + printable(word.text) + " is " +
                                           format_double(value) + ", not a finite number");
    }
    if (std::abs(value) > kMostAngle) {
      throw Error(ErrorKind::kNumeric, lexer_.source() + ", line " + std::to_string(word.line) +
                                           ": an angle of " + printable(word.text) + " is " +
                                           format_double(value) +
                                           ", at most 1e9 either way is read");
    }
    return value;
  }

  [[noreturn]] void lack_gate(const Token& word) const {
    std::vector<std::string> names;
    for (const GateKind& kind : gate_kinds()) names.emplace_back(kind.qasm);
    lexer_.lack(word.line, unknown_name("gate", std::string(word.text), names));
  }

  // A gate on whole registers is one on each of their qubits.
  void place(const Token& word, const GateKind& kind, const std::vector<double>& angles,
             const std::vector<std::vector<int>>& operands) {
    std::size_t repeats = 1;
    for (const auto& qubits : operands) {
      if (qubits.size() == 1) continue;
      if (repeats != 1 && repeats != qubits.size()) {
        lexer_.fail(word.line, "registers of " + std::to_string(repeats) + " and " +
                                   std::to_string(qubits.size()) + " qubits do not go together");
      }
      repeats = qubits.size();
    }
    if (operands.size() != static_cast<std::size_t>(kind.qubits()) ||
        angles.size() != static_cast<std::size_t>(kind.angles)) {
      lexer_.fail(word.line, printable(word.text) + " needs " + std::to_string(kind.qubits()) +
                                 " qubits and " + std::to_string(kind.angles) + " angles, " +
                                 std::to_string(operands.size()) + " and " +
                                 std::to_string(angles.size()) + " given");
    }
    for (std::size_t i = 0; i < repeats; ++i) {
      Placed placed{{&kind, {}, {}}, word.line};
      for (std::size_t k = 0; k < operands.size(); ++k) {
        const int qubit = operands[k][operands[k].size() == 1 ? 0 : i];
        if (measured_[static_cast<std::size_t>(qubit)]) {
          lexer_.lack(word.line, "a gate on a qubit that was measured before");
        }
        placed.gate.qubits[k] = qubit;
      }
      std::copy(angles.begin(), angles.end(), placed.gate.angles.begin());
      gates_.push_back(placed);
    }
    if (gates_.size() > kMostGates) {
      lexer_.lack(word.line, "more than " + format_count(kMostGates) + " gates");
    }
  }

  void add(Circuit& circuit, const Gate& gate, int line) const {
    try {
      circuit.add(gate);
    } catch (const Error& error) {
      throw error.with_context(lexer_.source() + ", line " + std::to_string(line));
    }
  }

  QasmLexer lexer_;
  std::vector<Register> registers_;
  std::set<std::string, std::less<>> bits_;  // classical registers, of which a file may have many
  std::vector<bool> measured_;
  std::vector<Placed> gates_;
  int qubits_ = 0;
};

// `names` (QASM 2 or 3) of a kind, then its angles and qubits.
void write_gates(const Circuit& circuit, bool third, std::string& text) {
  for (const Gate& gate : circuit.gates()) {
    std::string_view name = gate.kind->qasm;
    if (third) {  // stdgates.inc renames some; the old names are kept for those it lacks
      if (name == "u1") name = "p";
      if (name == "cu1") name = "cp";
    }
    text += name;
    for (int i = 0; i < gate.kind->angles; ++i) {
      text += i == 0 ? '(' : ',';
      text += format_double(gate.angles[static_cast<std::size_t>(i)]);
    }
    if (gate.kind->angles > 0) text += ')';
    char before = ' ';
    for (const int q : gate.on()) {
      text += before;
      text += "q[" + std::to_string(q) + "]";
      before = ',';
    }
    text += ";\n";
  }
}

}  // namespace

Circuit parse_qasm(std::string_view text, std::string_view source) {
  return QasmReader(text, source).read();
}

std::string to_qasm2(const Circuit& circuit) {
  std::string text =
      "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[" + std::to_string(circuit.qubits()) + "];\n";
  write_gates(circuit, false, text);
  return text;
}

std::string to_qasm3(const Circuit& circuit) {
  std::string text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[" +
                     std::to_string(circuit.qubits()) + "] q;\n";
  write_gates(circuit, true, text);
  return text;
}

}  // namespace nas
