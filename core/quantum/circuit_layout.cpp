#include "core/quantum/circuit_layout.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/util/text.h"

namespace nas {
namespace {

// Fractions of pi that people write: k pi / 1, 2, 3, 4, 6, 8.
std::string angle_text(double angle) {
  for (const int part : {1, 2, 3, 4, 6, 8}) {
    const double times = angle * part / std::numbers::pi;
    const double whole = std::round(times);
    if (whole == 0 || std::abs(whole) > 16 || std::abs(times - whole) > 1e-9) continue;
    const auto count = static_cast<int>(std::abs(whole));
    return std::string(whole < 0 ? "-" : "") + (count == 1 ? "" : std::to_string(count)) + "π" +
           (part == 1 ? "" : "/" + std::to_string(part));
  }
  return format_short(angle, 3);
}

}  // namespace

CircuitLayout layout_circuit(const Circuit& circuit) {
  CircuitLayout layout;
  std::vector<int> free(static_cast<std::size_t>(circuit.qubits()), 0);
  for (const Gate& gate : circuit.gates()) {
    const auto [low, high] = std::minmax_element(gate.on().begin(), gate.on().end());
    const auto begin = free.begin() + *low, end = free.begin() + *high + 1;
    const int column = *std::max_element(begin, end);
    std::fill(begin, end, column + 1);
    layout.column.push_back(column);
    layout.columns = std::max(layout.columns, column + 1);
  }
  return layout;
}

std::string gate_label(const Gate& gate) {
  std::string label(gate.kind->label);
  for (int i = 0; i < gate.kind->angles; ++i) {
    label += (i == 0 ? " " : ", ") + angle_text(gate.angles[static_cast<std::size_t>(i)]);
  }
  return label;
}

}  // namespace nas
