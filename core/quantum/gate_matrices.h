#pragma once

#include "core/quantum/gate_kind.h"

// What the records of gate_kind.cpp point to: matrices, and derivatives with respect to one angle
// ("_d").
namespace nas::gate_matrices {

using Half = const HalfAngle*;

void identity(Half, GateMatrix& out);
void pauli_x(Half, GateMatrix& out);
void pauli_y(Half, GateMatrix& out);
void pauli_z(Half, GateMatrix& out);
void hadamard(Half, GateMatrix& out);
void s_gate(Half, GateMatrix& out);
void s_inverse(Half, GateMatrix& out);
void t_gate(Half, GateMatrix& out);
void t_inverse(Half, GateMatrix& out);
void root_x(Half, GateMatrix& out);
void root_x_inverse(Half, GateMatrix& out);
void rx(Half, GateMatrix& out);
void ry(Half, GateMatrix& out);
void rz(Half, GateMatrix& out);
void phase_gate(Half, GateMatrix& out);
void rx_d(Half, int which, GateMatrix& out);
void ry_d(Half, int which, GateMatrix& out);
void rz_d(Half, int which, GateMatrix& out);
void phase_d(Half, int which, GateMatrix& out);
void u3(Half, GateMatrix& out);
void u3_d(Half, int which, GateMatrix& out);
void u2(Half, GateMatrix& out);
void u2_d(Half, int which, GateMatrix& out);
void swap_gate(Half, GateMatrix& out);
void rzz(Half, GateMatrix& out);
void rxx(Half, GateMatrix& out);
void ryy(Half, GateMatrix& out);
void rzz_d(Half, int which, GateMatrix& out);
void rxx_d(Half, int which, GateMatrix& out);
void ryy_d(Half, int which, GateMatrix& out);

}  // namespace nas::gate_matrices
