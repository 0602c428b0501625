#include <algorithm>
#include <array>
#include <span>

#include "core/ir/draw/op_colours.h"
#include "core/ir/draw/svg_page.h"
#include "core/quantum/circuit_layout.h"
#include "core/quantum/draw_circuit.h"

namespace nas {
namespace {

constexpr double kRow = 44, kBox = 28, kGap = 12, kLetter = 7.2, kLeft = 56, kMargin = 24;

// The hues of drawings of networks: blue is what is trained, orange what is not.
constexpr FamilyColours kTrained{OpFamily::kOther, "trai",    "with angles", "#d9eaf6",
                                 "#0072b2",        "#12344a", "#56a8dc"};
constexpr FamilyColours kFixed{OpFamily::kOther, "fixe",    "fixed",  "#fbe2d2",
                               "#d55e00",        "#4a2710", "#f08a43"};
constexpr std::array kLegend = {&kTrained, &kFixed};

double wire(int qubit) {
  return kRow * (qubit + 0.5);
}

std::string line(double x0, double y0, double x1, double y1) {
  return "<path class=\"edge\" d=\"M" + svg_px(x0) + ' ' + svg_px(y0) + 'L' + svg_px(x1) + ' ' +
         svg_px(y1) + "\"/>\n";
}
std::string dot(double x, double y) {
  return "<circle class=\"tip\" cx=\"" + svg_px(x) + "\" cy=\"" + svg_px(y) + "\" r=\"4.5\"/>\n";
}
std::string text(double x, double y, const std::string& content, const char* css) {
  return std::string("<text class=\"") + css + "\" x=\"" + svg_px(x) + "\" y=\"" + svg_px(y) +
         "\">" + svg_text(content) + "</text>\n";
}

bool is_mark(const Gate& gate) {
  return gate.kind->label == "SWAP" || gate.kind->name == "CZ" ||
         (gate.kind->controls > 0 && gate.kind->label == "X");
}

double letters(const std::string& label) {
  return static_cast<double>(std::count_if(label.begin(), label.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}
double gate_width(const Gate& gate) {
  return is_mark(gate) ? kBox : std::max(kBox, 14 + kLetter * letters(gate_label(gate)));
}

// The sum sign of a CNOT and the crosses of a SWAP.
std::string target_mark(const Gate& gate, double x, std::span<const int> targets) {
  if (gate.kind->name == "CZ") return dot(x, wire(targets[0]));
  std::string svg;
  for (const int q : targets) {
    const double y = wire(q), r = gate.kind->label == "SWAP" ? 6 : 10;
    if (gate.kind->label == "SWAP") {
      svg += line(x - r, y - r, x + r, y + r) + line(x - r, y + r, x + r, y - r);
    } else {
      svg += "<circle class=\"box fixe\" cx=\"" + svg_px(x) + "\" cy=\"" + svg_px(y) +
             "\" r=\"10\"/>\n" + line(x - r, y, x + r, y) + line(x, y - r, x, y + r);
    }
  }
  return svg;
}

std::string draw_gate(const Gate& gate, double x) {
  const auto controls = gate.on().first(static_cast<std::size_t>(gate.kind->controls));
  const auto targets = gate.on().subspan(static_cast<std::size_t>(gate.kind->controls));
  const auto [low, high] = std::minmax_element(gate.on().begin(), gate.on().end());
  std::string svg;
  if (*low != *high) svg += line(x, wire(*low), x, wire(*high));
  for (const int q : controls) svg += dot(x, wire(q));
  if (is_mark(gate)) return svg + target_mark(gate, x, targets);
  const double width = gate_width(gate);
  for (const int q : targets) {
    svg += svg_rect({x - width / 2, wire(q) - kBox / 2, width, kBox, 4},
                    gate.kind->angles > 0 ? "trai" : "fixe");
    svg += '\n' + text(x, wire(q) + 4.5, gate_label(gate), "label");
  }
  return svg;
}

}  // namespace

std::string draw_circuit_svg(const Circuit& circuit, const std::string& title) {
  const CircuitLayout layout = layout_circuit(circuit);
  std::vector<double> widths(static_cast<std::size_t>(layout.columns), kBox);
  for (std::size_t i = 0; i < layout.column.size(); ++i) {
    double& own = widths[static_cast<std::size_t>(layout.column[i])];
    own = std::max(own, gate_width(circuit.gates()[i]));
  }
  std::vector<double> center;
  double x = kLeft + kGap;
  for (const double width : widths) {
    center.push_back(x + width / 2);
    x += width + kGap;
  }
  std::string drawing;
  for (int q = 0; q < circuit.qubits(); ++q) {
    drawing += text(kLeft - 18, wire(q) + 4.5, "q" + std::to_string(q), "label");
    drawing += line(kLeft, wire(q), x, wire(q));
  }
  for (std::size_t i = 0; i < layout.column.size(); ++i) {
    drawing += draw_gate(circuit.gates()[i], center[static_cast<std::size_t>(layout.column[i])]);
  }
  const SvgHeading heading = {
      title,
      {std::to_string(circuit.qubits()) + " qubits, " + std::to_string(circuit.gates().size()) +
       " gates (" + std::to_string(circuit.two_qubit_gates()) + " on two or more qubits), depth " +
       std::to_string(circuit.depth()) + ", " + std::to_string(circuit.parameters()) + " angles"}};
  return svg_page(heading, kLegend, x + kMargin, kRow * circuit.qubits() + kMargin, drawing);
}

}  // namespace nas
