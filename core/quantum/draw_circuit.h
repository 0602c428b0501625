#pragma once

#include <string>

#include "core/quantum/circuit.h"

namespace nas {

/// A circuit as people draw it, in text: wires from left to right, boxes, dots for controls.
/// `width`: where a line breaks, in columns; 0: never.
std::string draw_circuit_text(const Circuit& circuit, int width = 100);
/// The same as a stand-alone SVG (light and dark).
std::string draw_circuit_svg(const Circuit& circuit, const std::string& title);

}  // namespace nas
