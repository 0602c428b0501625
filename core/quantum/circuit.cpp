#include "core/quantum/circuit.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string plural(std::size_t count, const std::string& word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

[[noreturn]] void refuse(const GateKind& kind, const std::string& why) {
  throw Error(ErrorKind::kUsage, "gate " + std::string(kind.name) + ": " + why);
}

void check_qubits(const GateKind& kind, std::span<const int> qubits, int present) {
  if (qubits.size() != static_cast<std::size_t>(kind.qubits())) {
    refuse(kind, "acts on " + plural(static_cast<std::size_t>(kind.qubits()), "qubit") + ", " +
                     std::to_string(qubits.size()) + " given");
  }
  for (std::size_t i = 0; i < qubits.size(); ++i) {
    if (qubits[i] < 0 || qubits[i] >= present) {
      refuse(kind, "there is no qubit " + std::to_string(qubits[i]) + ", the circuit has 0 to " +
                       std::to_string(present - 1));
    }
    if (std::find(qubits.begin(), qubits.begin() + static_cast<std::ptrdiff_t>(i), qubits[i]) !=
        qubits.begin() + static_cast<std::ptrdiff_t>(i)) {
      refuse(kind, "qubit " + std::to_string(qubits[i]) + " is named twice");
    }
  }
}

void check_angles(const GateKind& kind, std::span<const double> angles) {
  if (angles.size() != static_cast<std::size_t>(kind.angles)) {
    refuse(kind, "has " + plural(static_cast<std::size_t>(kind.angles), "angle") + ", " +
                     std::to_string(angles.size()) + " given");
  }
  for (const double angle : angles) {
    if (!std::isfinite(angle)) {
      throw Error(ErrorKind::kNumeric, "gate " + std::string(kind.name) + ": angle " +
                                           format_double(angle) + " is not a finite number");
    }
  }
}

// "RX:0:1.25" appended to `circuit`.
void add_text(Circuit& circuit, std::string_view text) {
  const std::vector<std::string> parts = split(text, ':');
  const GateKind& kind = gate_kind(trim(parts[0]));
  const auto qubits_wanted = static_cast<std::size_t>(kind.qubits());
  const auto wanted = 1 + qubits_wanted + static_cast<std::size_t>(kind.angles);
  if (parts.size() != wanted) {
    refuse(kind, "needs " + plural(qubits_wanted, "qubit") + " and " +
                     plural(static_cast<std::size_t>(kind.angles), "angle") + " after its name, " +
                     plural(parts.size() - 1, "value") + " given");
  }
  std::vector<int> qubits;
  std::vector<double> angles;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (i <= qubits_wanted) {
      const auto qubit = parse_int(trim(parts[i]));
      if (!qubit || *qubit < 0 || *qubit >= circuit.qubits()) {
        refuse(kind, "there is no qubit '" + printable(parts[i]) + "', the circuit has 0 to " +
                         std::to_string(circuit.qubits() - 1));
      }
      qubits.push_back(static_cast<int>(*qubit));
    } else {
      const auto angle = parse_double(trim(parts[i]));
      if (!angle) refuse(kind, "angle '" + printable(parts[i]) + "' is not a number");
      angles.push_back(*angle);
    }
  }
  circuit.add(kind, qubits, angles);
}

}  // namespace

bool Gate::touches(int qubit) const {
  const std::span<const int> all = on();
  return std::find(all.begin(), all.end(), qubit) != all.end();
}

Circuit::Circuit(int qubits) : qubits_(qubits) {
  if (qubits < 1 || qubits > kMaxQubits) {
    throw Error(ErrorKind::kUsage, "a circuit has 1 to " + std::to_string(kMaxQubits) +
                                       " qubits, not " + std::to_string(qubits));
  }
}

void Circuit::add(const GateKind& kind, std::span<const int> qubits,
                  std::span<const double> angles) {
  check_qubits(kind, qubits, qubits_);
  check_angles(kind, angles);
  Gate& gate = gates_.emplace_back();
  gate.kind = &kind;
  std::copy(qubits.begin(), qubits.end(), gate.qubits.begin());
  std::copy(angles.begin(), angles.end(), gate.angles.begin());
  parameters_ += angles.size();
}

void Circuit::add(std::string_view kind, std::initializer_list<int> qubits,
                  std::initializer_list<double> angles) {
  add(gate_kind(kind), std::span<const int>(qubits.begin(), qubits.size()),
      std::span<const double>(angles.begin(), angles.size()));
}

std::vector<double> Circuit::angles() const {
  std::vector<double> all;
  all.reserve(parameters_);
  for (const Gate& gate : gates_) {
    all.insert(all.end(), gate.angles.begin(), gate.angles.begin() + gate.kind->angles);
  }
  return all;
}

void Circuit::set_angles(std::span<const double> angles) {
  if (angles.size() != parameters_) {
    throw Error(ErrorKind::kUsage, "the circuit has " + plural(parameters_, "angle") + ", " +
                                       std::to_string(angles.size()) + " given");
  }
  std::size_t next = 0;
  for (Gate& gate : gates_) {
    const auto own = angles.subspan(next, angles_of(gate));
    check_angles(*gate.kind, own);
    std::copy(own.begin(), own.end(), gate.angles.begin());
    next += own.size();
  }
}

int Circuit::depth() const {
  std::vector<int> level(static_cast<std::size_t>(qubits_), 0);
  int deepest = 0;
  for (const Gate& gate : gates_) {
    int next = 0;
    for (const int q : gate.on()) next = std::max(next, level[static_cast<std::size_t>(q)] + 1);
    for (const int q : gate.on()) level[static_cast<std::size_t>(q)] = next;
    deepest = std::max(deepest, next);
  }
  return deepest;
}

int Circuit::count(std::string_view kind) const {
  const GateKind* wanted = &gate_kind(kind);
  return static_cast<int>(std::count_if(gates_.begin(), gates_.end(),
                                        [&](const Gate& gate) { return gate.kind == wanted; }));
}

int Circuit::two_qubit_gates() const {
  return static_cast<int>(std::count_if(gates_.begin(), gates_.end(),
                                        [](const Gate& gate) { return gate.kind->qubits() > 1; }));
}

Circuit Circuit::parse(std::string_view text, int qubits) {
  Circuit circuit(qubits);
  if (trim(text).empty()) return circuit;
  std::size_t number = 0;
  for (const std::string& gate : split(text, ';')) {
    ++number;
    try {
      add_text(circuit, gate);
    } catch (const Error& error) {
      throw Error(ErrorKind::kData, "gate " + std::to_string(number) + " '" +
                                        printable(trim(gate)) + "': " + error.what());
    }
  }
  return circuit;
}

std::string Circuit::to_text() const {
  std::string text;
  for (const Gate& gate : gates_) {
    if (!text.empty()) text += ';';
    text += gate.kind->name;
    for (const int q : gate.on()) text += ':' + std::to_string(q);
    for (int i = 0; i < gate.kind->angles; ++i) {
      text += ':' + format_double(gate.angles[static_cast<std::size_t>(i)]);
    }
  }
  return text;
}

}  // namespace nas
