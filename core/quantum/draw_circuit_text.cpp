#include <algorithm>
#include <span>

#include "core/quantum/circuit_layout.h"
#include "core/quantum/draw_circuit.h"
#include "core/util/text.h"

namespace nas {
namespace {

// Three lines a qubit: above the wire, the wire, below it. Cells are UTF-8 texts of one column
// each.
using Line = std::vector<std::string>;

std::vector<std::string> letters(std::string_view text) {
  std::vector<std::string> all;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80 && !all.empty()) {
      all.back() += c;
    } else {
      all.emplace_back(1, c);
    }
  }
  return all;
}

class Canvas {
 public:
  Canvas(int qubits, int width) : lines_(static_cast<std::size_t>(3 * qubits)) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      lines_[i].assign(static_cast<std::size_t>(width), i % 3 == 1 ? "─" : " ");
    }
  }

  std::string& at(int qubit, int row, int x) {
    return lines_[static_cast<std::size_t>(3 * qubit + row)][static_cast<std::size_t>(x)];
  }

  // A box around `text` on a wire, `x` its left edge.
  void box(int qubit, int x, const Line& text) {
    const int width = static_cast<int>(text.size()) + 4;
    const std::string left[] = {"┌", "┤", "└"}, right[] = {"┐", "├", "┘"};
    for (int row = 0; row < 3; ++row) {
      for (int i = 1; i < width - 1; ++i) at(qubit, row, x + i) = row == 1 ? " " : "─";
      at(qubit, row, x) = left[row];
      at(qubit, row, x + width - 1) = right[row];
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      at(qubit, 1, x + 2 + static_cast<int>(i)) = text[i];
    }
  }

  // The line that joins a gate's qubits, from the wire `low` to the wire `high`.
  void join(int low, int high, int x) {
    for (int q = low; q <= high; ++q) {
      for (int row = q == low ? 2 : 0; row <= (q == high ? 0 : 2); ++row) {
        std::string& mark = at(q, row, x);
        if (mark == " ") mark = "│";
        if (mark == "─") mark = row == 1 ? "┼" : (q == low || row == 2 ? "┬" : "┴");
      }
    }
  }

  // The line below a wire and the one above the next are one where nothing differs.
  std::string text(std::span<const std::string> names) const {
    std::string all;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      Line line = lines_[i];
      if (i % 3 == 2 && i + 1 < lines_.size() && go_together(line, lines_[i + 1])) {
        ++i;
        for (std::size_t x = 0; x < line.size(); ++x) {
          if (line[x] == " ") line[x] = lines_[i][x];
        }
      }
      std::string row;
      for (const std::string& cell : line) row += cell;
      const std::string& name = names[i / 3];
      if (i % 3 == 1) {
        all += name + row + '\n';
        continue;
      }
      row.erase(row.find_last_not_of(' ') + 1);
      const bool outside = i == 0 || i + 1 == lines_.size();
      if (!row.empty() || !outside)
        all += row.empty() ? "\n" : std::string(name.size(), ' ') + row + '\n';
    }
    return all;
  }

 private:
  static bool go_together(const Line& a, const Line& b) {
    for (std::size_t x = 0; x < a.size(); ++x) {
      if (a[x] != b[x] && a[x] != " " && b[x] != " ") return false;
    }
    return true;
  }

  std::vector<Line> lines_;
};

void draw_gate(Canvas& canvas, const Gate& gate, int x, int width) {
  const auto controls = gate.on().first(static_cast<std::size_t>(gate.kind->controls));
  const auto targets = gate.on().subspan(static_cast<std::size_t>(gate.kind->controls));
  const auto [low, high] = std::minmax_element(gate.on().begin(), gate.on().end());
  const int middle = x + width / 2;
  const Line label = letters(gate_label(gate));
  const bool swap = gate.kind->label == "SWAP";
  const bool dots = gate.kind->symmetric && gate.kind->controls > 0 && gate.kind->angles == 0;
  if (swap) {
    for (const int q : targets) canvas.at(q, 1, middle) = "x";
  } else if (dots) {
    canvas.at(targets[0], 1, middle) = "●";
  } else if (controls.size() > 0 && gate.kind->label == "X") {
    canvas.at(targets[0], 1, middle) = "⊕";
  } else {
    const int own = static_cast<int>(label.size()) + 4;
    for (const int q : targets) canvas.box(q, x + (width - own) / 2, label);
  }
  for (const int q : controls) canvas.at(q, 1, middle) = "●";
  if (*low != *high) canvas.join(*low, *high, middle);
}

int cell_width(const Gate& gate) {
  const bool mark = gate.kind->label == "SWAP" ||
                    (gate.kind->controls > 0 && gate.kind->label == "X") || gate.kind->name == "CZ";
  return mark ? 3 : static_cast<int>(letters(gate_label(gate)).size()) + 4;
}

}  // namespace

std::string draw_circuit_text(const Circuit& circuit, int width) {
  const CircuitLayout layout = layout_circuit(circuit);
  std::vector<int> widths(static_cast<std::size_t>(layout.columns), 3);
  for (std::size_t i = 0; i < layout.column.size(); ++i) {
    int& own = widths[static_cast<std::size_t>(layout.column[i])];
    own = std::max(own, cell_width(circuit.gates()[i]));
  }
  std::vector<std::string> names;
  const auto digits = std::to_string(circuit.qubits() - 1).size();
  for (int q = 0; q < circuit.qubits(); ++q) {
    std::string number = std::to_string(q);
    names.push_back("q" + number + std::string(digits - number.size(), ' ') + ": ");
  }
  const int room = width <= 0 ? 1 << 30 : std::max(20, width - static_cast<int>(names[0].size()));
  std::string all;
  int begin = 0;
  do {
    int end = begin, used = 1;
    while (end < layout.columns &&
           (end == begin || used + widths[static_cast<std::size_t>(end)] + 1 <= room)) {
      used += widths[static_cast<std::size_t>(end++)] + 1;
    }
    Canvas canvas(circuit.qubits(), used);
    for (std::size_t i = 0; i < layout.column.size(); ++i) {
      const int column = layout.column[i];
      if (column < begin || column >= end) continue;
      int x = 1;
      for (int c = begin; c < column; ++c) x += widths[static_cast<std::size_t>(c)] + 1;
      draw_gate(canvas, circuit.gates()[i], x, widths[static_cast<std::size_t>(column)]);
    }
    if (begin > 0) all += '\n';
    all += canvas.text(names);
    begin = end;
  } while (begin < layout.columns);
  return all;
}

}  // namespace nas
