#include "core/quantum/gate_matrices.h"

#include <numbers>

namespace nas::gate_matrices {
namespace {

constexpr double kRoot = std::numbers::sqrt2 / 2;
constexpr Amplitude kI{0, 1};

// e^{i a} of a whole angle.
Amplitude phase(const HalfAngle& a) {
  return {a.cos * a.cos - a.sin * a.sin, 2 * a.sin * a.cos};
}
// Without the checks for NaN and infinity that std::complex's product makes.
Amplitude product(Amplitude a, Amplitude b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

void set2(GateMatrix& out, Amplitude a, Amplitude b, Amplitude c, Amplitude d) {
  out.size = 2;
  out.at[0] = a;
  out.at[1] = b;
  out.at[2] = c;
  out.at[3] = d;
}

// 4 x 4, all zero but for the diagonal.
void set4(GateMatrix& out, Amplitude a, Amplitude b, Amplitude c, Amplitude d) {
  out.size = 4;
  out.at.fill(0);
  out.at[0] = a;
  out.at[5] = b;
  out.at[10] = c;
  out.at[15] = d;
}

// The derivative of a rotation by a is half the rotation by a + pi: cos -> -sin, sin -> cos.
HalfAngle turned(const HalfAngle& a) {
  return {-a.sin / 2, a.cos / 2};
}
constexpr HalfAngle kRightAngle{kRoot, kRoot};

}  // namespace

void identity(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, 1);
}
void pauli_x(Half, GateMatrix& m) {
  set2(m, 0, 1, 1, 0);
}
void pauli_y(Half, GateMatrix& m) {
  set2(m, 0, -kI, kI, 0);
}
void pauli_z(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, -1);
}
void hadamard(Half, GateMatrix& m) {
  set2(m, kRoot, kRoot, kRoot, -kRoot);
}
void s_gate(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, kI);
}
void s_inverse(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, -kI);
}
void t_gate(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, {kRoot, kRoot});
}
void t_inverse(Half, GateMatrix& m) {
  set2(m, 1, 0, 0, {kRoot, -kRoot});
}
void root_x(Half, GateMatrix& m) {
  set2(m, {0.5, 0.5}, {0.5, -0.5}, {0.5, -0.5}, {0.5, 0.5});
}
void root_x_inverse(Half, GateMatrix& m) {
  set2(m, {0.5, -0.5}, {0.5, 0.5}, {0.5, 0.5}, {0.5, -0.5});
}

void rx(Half a, GateMatrix& m) {
  set2(m, a->cos, {0, -a->sin}, {0, -a->sin}, a->cos);
}
void ry(Half a, GateMatrix& m) {
  set2(m, a->cos, -a->sin, a->sin, a->cos);
}
void rz(Half a, GateMatrix& m) {
  set2(m, {a->cos, -a->sin}, 0, 0, {a->cos, a->sin});
}
void phase_gate(Half a, GateMatrix& m) {
  set2(m, 1, 0, 0, phase(*a));
}

void rx_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rx(&d, m);
}
void ry_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  ry(&d, m);
}
void rz_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rz(&d, m);
}
void phase_d(Half a, int, GateMatrix& m) {
  set2(m, 0, 0, 0, product(kI, phase(*a)));
}

void u3(Half a, GateMatrix& m) {
  const Amplitude p = phase(a[1]), d = phase(a[2]);
  set2(m, a->cos, -a->sin * d, a->sin * p, a->cos * product(p, d));
}
void u3_d(Half a, int which, GateMatrix& m) {
  if (which == 0) {
    const HalfAngle moved[] = {turned(a[0]), a[1], a[2]};
    u3(moved, m);
    return;
  }
  u3(a, m);
  m.at[0] = 0;
  m.at[which == 1 ? 1 : 2] = 0;
  for (std::size_t i = 1; i < 4; ++i) m.at[i] = product(kI, m.at[i]);
}
void u2(Half a, GateMatrix& m) {
  const HalfAngle whole[] = {kRightAngle, a[0], a[1]};
  u3(whole, m);
}
void u2_d(Half a, int which, GateMatrix& m) {
  const HalfAngle whole[] = {kRightAngle, a[0], a[1]};
  u3_d(whole, which + 1, m);
}

void swap_gate(Half, GateMatrix& m) {
  set4(m, 1, 0, 0, 1);
  m.at[6] = m.at[9] = 1;
}
void rzz(Half a, GateMatrix& m) {
  const Amplitude same{a->cos, -a->sin}, other{a->cos, a->sin};
  set4(m, same, other, other, same);
}
void rxx(Half a, GateMatrix& m) {
  set4(m, a->cos, a->cos, a->cos, a->cos);
  m.at[3] = m.at[6] = m.at[9] = m.at[12] = {0, -a->sin};
}
void ryy(Half a, GateMatrix& m) {
  rxx(a, m);
  m.at[3] = m.at[12] = {0, a->sin};
}
void rzz_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rzz(&d, m);
}
void rxx_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  rxx(&d, m);
}
void ryy_d(Half a, int, GateMatrix& m) {
  const HalfAngle d = turned(*a);
  ryy(&d, m);
}

}  // namespace nas::gate_matrices
