#include "core/quantum/plan.h"

#include <algorithm>
#include <cmath>

#include "core/quantum/gate_matrices.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kLanes = 8;  // `half_angles` reads and writes whole vectors

// Where merging is worth it: work for an amplitude, in units of a real multiply-add, and what a
// pass costs in loads and stores. Measured with benchmarks/quantum_bench.
constexpr double kPass = 3, kMatrix = 8, kCheap = 1, kMatrix4 = 16;

bool is_cheap(const GateKind& kind) {
  return kind.gate_class == GateClass::kDiagonal || kind.gate_class == GateClass::kPermutation ||
         (kind.controls > 0 && kind.matrix == gate_kinds().front().matrix);  // CNOT, CCX
}

Axis axis_of(const GateKind& kind) {
  if (kind.controls > 0) return Axis::kNone;
  if (kind.matrix == gate_matrices::rx) return Axis::kX;
  if (kind.matrix == gate_matrices::ry) return Axis::kY;
  return kind.matrix == gate_matrices::rz ? Axis::kZ : Axis::kNone;
}

void set_rotation(Axis axis, const HalfAngle& half, double* m) {
  const double c = half.cos, s = half.sin;
  m[0] = m[6] = c;
  m[1] = axis == Axis::kZ ? -s : 0;
  m[7] = -m[1];
  m[2] = axis == Axis::kY ? -s : 0;
  m[4] = -m[2];
  m[3] = m[5] = axis == Axis::kX ? -s : 0;
}

// m <- the rotation about an axis, times it. Rows are two complex numbers.
void rotate_rows(Axis axis, const HalfAngle& half, double* m) {
  const double c = half.cos, s = half.sin;
  for (int i = 0; i < 4; i += 2) {
    const double xr = m[i], xi = m[i + 1], yr = m[i + 4], yi = m[i + 5];
    if (axis == Axis::kZ) {
      m[i] = c * xr + s * xi;
      m[i + 1] = c * xi - s * xr;
      m[i + 4] = c * yr - s * yi;
      m[i + 5] = c * yi + s * yr;
    } else if (axis == Axis::kX) {
      m[i] = c * xr + s * yi;
      m[i + 1] = c * xi - s * yr;
      m[i + 4] = c * yr + s * xi;
      m[i + 5] = c * yi - s * xr;
    } else {
      m[i] = c * xr - s * yr;
      m[i + 1] = c * xi - s * yi;
      m[i + 4] = c * yr + s * xr;
      m[i + 5] = c * yi + s * xi;
    }
  }
}

// a <- b a for a diagonal b.
void scale_rows(const double* b, double* a) {
  for (int i = 0; i < 8; i += 2) {
    const double* by = i < 4 ? b : b + 6;
    const double re = a[i], im = a[i + 1];
    a[i] = by[0] * re - by[1] * im;
    a[i + 1] = by[0] * im + by[1] * re;
  }
}

// a <- b a, both 2 x 2, re and im.
void multiply2(const double* b, double* a) {
  for (int column = 0; column < 2; ++column) {
    double* x = a + 2 * column;
    double* y = a + 4 + 2 * column;
    const double xr = x[0], xi = x[1], yr = y[0], yi = y[1];
    x[0] = b[0] * xr - b[1] * xi + b[2] * yr - b[3] * yi;
    x[1] = b[0] * xi + b[1] * xr + b[2] * yi + b[3] * yr;
    y[0] = b[4] * xr - b[5] * xi + b[6] * yr - b[7] * yi;
    y[1] = b[4] * xi + b[5] * xr + b[6] * yi + b[7] * yr;
  }
}

// The 4 x 4 matrix `m` <- a 2 x 2 gate on the rows' bit `target` where bit `control` is 1, times
// it.
void multiply_rows(const double* gate, int target, int control, double* m) {
  for (int r = 0; r < 4; ++r) {
    if ((r & target) != 0 || (r & control) != control) continue;
    for (int c = 0; c < 4; c += 2) {
      double columns[8];  // two columns of the two rows as a 2 x 2 matrix
      std::copy(m + 8 * r + 2 * c, m + 8 * r + 2 * c + 4, columns);
      std::copy(m + 8 * (r | target) + 2 * c, m + 8 * (r | target) + 2 * c + 4, columns + 4);
      multiply2(gate, columns);
      std::copy(columns, columns + 4, m + 8 * r + 2 * c);
      std::copy(columns + 4, columns + 8, m + 8 * (r | target) + 2 * c);
    }
  }
}

// m <- gate m, with the gate's two bits in the other order where `turned`.
void multiply4(const double* gate, bool turned, double* m) {
  constexpr int kTurned[] = {0, 2, 1, 3}, kPlain[] = {0, 1, 2, 3};
  const int* at = turned ? kTurned : kPlain;
  double result[32] = {};
  for (int r = 0; r < 4; ++r) {
    for (int k = 0; k < 4; ++k) {
      const double re = gate[8 * at[r] + 2 * at[k]], im = gate[8 * at[r] + 2 * at[k] + 1];
      if (re == 0 && im == 0) continue;
      for (int c = 0; c < 4; ++c) {
        const double* x = m + 8 * k + 2 * c;
        result[8 * r + 2 * c] += re * x[0] - im * x[1];
        result[8 * r + 2 * c + 1] += re * x[1] + im * x[0];
      }
    }
  }
  std::copy(result, result + 32, m);
}

Shape shape_of(const double* m) {
  const auto zero = [m](int entry) { return m[2 * entry] == 0 && m[2 * entry + 1] == 0; };
  const auto one = [m](int entry) { return m[2 * entry] == 1 && m[2 * entry + 1] == 0; };
  if (zero(1) && zero(2)) return one(0) && one(3) ? Shape::kIdentity : Shape::kDiagonal;
  if (zero(0) && zero(3)) return one(1) && one(2) ? Shape::kFlip : Shape::kOpposite;
  if (m[1] == 0 && m[3] == 0 && m[5] == 0 && m[7] == 0) return Shape::kReal;
  if (m[1] == 0 && m[2] == 0 && m[4] == 0 && m[7] == 0) return Shape::kCrossed;
  return Shape::kGeneral;
}

bool is_diagonal4(const double* m) {
  for (int i = 0; i < 16; ++i) {
    if (i % 5 != 0 && (m[2 * i] != 0 || m[2 * i + 1] != 0)) return false;
  }
  return true;
}

}  // namespace

std::uint64_t Merged::touched() const {
  std::uint64_t all = 0;
  for (int i = 0; i < targets; ++i) all |= std::uint64_t{1} << target[static_cast<std::size_t>(i)];
  for (int i = 0; i < controls; ++i) {
    all |= std::uint64_t{1} << control[static_cast<std::size_t>(i)];
  }
  return all;
}

CircuitPlan::CircuitPlan(const Circuit& circuit, Fusion fusion)
    : qubits_(circuit.qubits()), parameters_(circuit.parameters()) {
  members_.reserve(circuit.gates().size());
  merged_.reserve(circuit.gates().size());
  add_gates(circuit, fusion != Fusion::kNone);
  if (fusion == Fusion::kPairs) merge_pairs();
  place_matrices();
  cosines_.resize(parameters_ + kLanes);
  sines_.resize(parameters_ + kLanes);
  bind(circuit.angles());
}

// One after the other and no larger than they are: binding and running go through them in order.
void CircuitPlan::place_matrices() {
  std::size_t doubles = 0;
  for (const Merged& merged : merged_) doubles += merged.targets == 1 ? 8 : 32;
  entries_.resize(doubles);
  bound_.resize(merged_.size());
  double* next = entries_.data();
  for (std::size_t i = 0; i < merged_.size(); ++i) {
    bound_[i].at = next;
    next += merged_[i].targets == 1 ? 8 : 32;
  }
}

void CircuitPlan::add_member(Merged& to, const Gate& gate, std::uint32_t angle) {
  const int index = static_cast<int>(members_.size());
  members_.push_back({gate.kind, axis_of(*gate.kind), gate.qubits, angle, -1});
  if (to.head < 0) {
    to.head = index;
  } else {
    members_[static_cast<std::size_t>(to.tail)].next = index;
  }
  to.tail = index;
  to.fixed = to.fixed && gate.kind->angles == 0;
}

void CircuitPlan::add_gates(const Circuit& circuit, bool runs) {
  open_.assign(static_cast<std::size_t>(qubits_), -1);
  std::uint32_t angle = 0;
  for (const Gate& gate : circuit.gates()) {
    if (gate.kind->targets == 2 && gate.kind->controls > 0) {
      // A controlled SWAP: the three CNOT of a SWAP, the middle one controlled.
      const GateKind& cnot = gate_kind("CNOT");
      const GateKind& toffoli = gate_kind("CCX");
      const auto [c, a, b] = gate.qubits;
      add_gate({&cnot, {b, a}, {}}, angle, runs);
      add_gate({&toffoli, {c, a, b}, {}}, angle, runs);
      add_gate({&cnot, {b, a}, {}}, angle, runs);
    } else {
      add_gate(gate, angle, runs);
    }
    angle += static_cast<std::uint32_t>(gate.kind->angles);
  }
}

void CircuitPlan::add_gate(const Gate& gate, std::uint32_t angle, bool runs) {
  const GateKind& kind = *gate.kind;
  const auto first = static_cast<std::size_t>(gate.qubits[0]);
  if (kind.qubits() == 1 && runs && open_[first] >= 0) {
    add_member(merged_[static_cast<std::size_t>(open_[first])], gate, angle);
    return;
  }
  Merged& merged = merged_.emplace_back();
  merged.controls = kind.controls;
  merged.targets = kind.targets;
  for (int i = 0; i < kind.qubits(); ++i) {
    const int qubit = gate.qubits[static_cast<std::size_t>(i)];
    if (i < kind.controls) {
      merged.control[static_cast<std::size_t>(i)] = qubit;
    } else {
      merged.target[static_cast<std::size_t>(i - kind.controls)] = qubit;
    }
    open_[static_cast<std::size_t>(qubit)] = -1;
  }
  if (kind.qubits() == 1) open_[first] = static_cast<int>(merged_.size()) - 1;
  add_member(merged, gate, angle);
}

// Groups what acts on the same two qubits, then keeps a group where one 4 x 4 matrix costs less.
void CircuitPlan::merge_pairs() {
  struct Group {
    std::array<int, 2> qubits{};
    std::vector<std::size_t> parts;
    bool pair = false;
  };
  std::vector<Group> groups;
  std::vector<int> open(static_cast<std::size_t>(qubits_), -1);
  for (std::size_t i = 0; i < merged_.size(); ++i) {
    const Merged& m = merged_[i];
    const int count = m.targets + m.controls;
    std::array<int, 2> on = m.target;
    if (count == 2 && m.controls == 1) on = {m.control[0], m.target[0]};
    if (count > 2) {
      for (int q = 0; q < qubits_; ++q) {
        if ((m.touched() >> q & 1) != 0) open[static_cast<std::size_t>(q)] = -1;
      }
      groups.push_back({on, {i}, false});
      continue;
    }
    int& a = open[static_cast<std::size_t>(on[0])];
    if (count == 1) {
      if (a < 0) {
        a = static_cast<int>(groups.size());
        groups.push_back({{on[0], -1}, {}, false});
      }
      groups[static_cast<std::size_t>(a)].parts.push_back(i);
      continue;
    }
    int& b = open[static_cast<std::size_t>(on[1])];
    if (a < 0 || a != b) {
      Group pair{on, {}, true};
      for (const int single : {a, b}) {
        if (single < 0 || groups[static_cast<std::size_t>(single)].pair) continue;
        auto& parts = groups[static_cast<std::size_t>(single)].parts;
        pair.parts.insert(pair.parts.end(), parts.begin(), parts.end());
        parts.clear();
      }
      a = b = static_cast<int>(groups.size());
      groups.push_back(std::move(pair));
    }
    groups[static_cast<std::size_t>(a)].parts.push_back(i);
  }
  const auto cost = [this](const Merged& m) {
    const bool cheap = m.head == m.tail && is_cheap(*member(m.head).kind);
    return kPass + (cheap ? kCheap : m.targets == 2 ? kMatrix4 : kMatrix / (1 + m.controls));
  };
  std::vector<Merged> result;
  for (const Group& group : groups) {
    double apart = 0;
    for (const std::size_t part : group.parts) apart += cost(merged_[part]);
    if (!group.pair || apart <= kPass + kMatrix4) {
      for (const std::size_t part : group.parts) result.push_back(merged_[part]);
      continue;
    }
    Merged block;
    block.targets = 2;
    block.target = group.qubits;
    for (const std::size_t part : group.parts) {
      if (block.head < 0) {
        block.head = merged_[part].head;
      } else {
        members_[static_cast<std::size_t>(block.tail)].next = merged_[part].head;
      }
      block.tail = merged_[part].tail;
      block.fixed = block.fixed && merged_[part].fixed;
    }
    result.push_back(block);
  }
  merged_ = std::move(result);
}

void CircuitPlan::bind(std::span<const double> angles) {
  if (angles.size() != parameters_) {
    throw Error(ErrorKind::kUsage, "the circuit has " + std::to_string(parameters_) + " angles, " +
                                       std::to_string(angles.size()) + " given");
  }
  double largest = 0;
  std::copy(angles.begin(), angles.end(), sines_.begin());
  for (const double angle : angles) {
    if (!std::isfinite(angle)) {
      throw Error(ErrorKind::kNumeric, "angle " + format_double(angle) + " is not a finite number");
    }
    largest = std::max(largest, std::abs(angle));
  }
  if (largest < 1e6) {
    double_kernels().half_angles(sines_.data(), angles.size(), cosines_.data(), sines_.data());
  } else {
    for (std::size_t i = 0; i < angles.size(); ++i) {
      cosines_[i] = std::cos(angles[i] / 2);
      sines_[i] = std::sin(angles[i] / 2);
    }
  }
  GateMatrix scratch;
  for (std::size_t i = 0; i < merged_.size(); ++i) {
    if (merged_[i].fixed && bound_once_) continue;
    if (merged_[i].targets == 1) {
      bind_one(merged_[i], scratch, bound_[i]);
    } else {
      bind_two(merged_[i], scratch, bound_[i]);
    }
  }
  bound_once_ = true;
}

void CircuitPlan::matrix_of(const Member& member, GateMatrix& out) const {
  HalfAngle half[3];
  for (int i = 0; i < member.kind->angles; ++i) {
    half[i] = half_angle(member.angle + static_cast<std::size_t>(i));
  }
  member.kind->matrix(half, out);
}

void CircuitPlan::bind_one(const Merged& merged, GateMatrix& matrix, BoundMatrix& out) const {
  double m[8] = {1, 0, 0, 0, 0, 0, 1, 0};  // stays in registers
  for (int i = merged.head;; i = member(i).next) {
    const Member& next = member(i);
    if (next.axis != Axis::kNone) {
      const HalfAngle half = half_angle(next.angle);
      if (i == merged.head) {
        set_rotation(next.axis, half, m);
      } else {
        rotate_rows(next.axis, half, m);
      }
    } else {
      matrix_of(next, matrix);
      const auto* gate = reinterpret_cast<const double*>(matrix.at.data());
      if (i == merged.head) {
        for (int k = 0; k < 8; ++k) m[k] = gate[k];
      } else if (next.kind->gate_class == GateClass::kDiagonal) {
        scale_rows(gate, m);
      } else {
        multiply2(gate, m);
      }
    }
    if (i == merged.tail) break;
  }
  out.routine = BoundMatrix::Routine::kOne;
  out.shape = shape_of(m);
  for (int k = 0; k < 8; ++k) out.at[k] = m[k];
}

void CircuitPlan::bind_two(const Merged& merged, GateMatrix& matrix, BoundMatrix& out) const {
  using Routine = BoundMatrix::Routine;
  std::fill(out.at, out.at + 32, 0.0);
  for (int i = 0; i < 4; ++i) out.at[10 * i] = 1;
  for (int i = merged.head;; i = member(i).next) {
    const Member& m = member(i);
    matrix_of(m, matrix);
    const auto* gate = reinterpret_cast<const double*>(matrix.at.data());
    const auto bit = [&](int qubit) { return qubit == merged.target[0] ? 2 : 1; };
    if (m.kind->targets == 2) {
      multiply4(gate, m.qubits[0] != merged.target[0], out.at);
    } else if (m.kind->controls == 1) {
      multiply_rows(gate, bit(m.qubits[1]), bit(m.qubits[0]), out.at);
    } else {
      multiply_rows(gate, bit(m.qubits[0]), 0, out.at);
    }
    if (i == merged.tail) break;
  }
  const GateKind& only = *member(merged.head).kind;
  if (merged.head == merged.tail && only.gate_class == GateClass::kPermutation) {
    out.routine = Routine::kSwap;  // the one permutation of two targets
  } else {
    out.routine = is_diagonal4(out.at) ? Routine::kTwoDiagonal : Routine::kTwo;
  }
}

}  // namespace nas
