#include "core/quantum/gradient.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "core/quantum/kernels.h"
#include "core/quantum/plan.h"
#include "core/util/error.h"

namespace nas {
namespace {

// Small matrices, row-major, without the checks of std::complex's product.
struct Matrix2 {
  Amplitude at[4] = {};
};
Amplitude times(Amplitude a, Amplitude b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}
Matrix2 operator*(const Matrix2& a, const Matrix2& b) {
  Matrix2 out;
  for (int r = 0; r < 2; ++r) {
    for (int c = 0; c < 2; ++c) {
      out.at[2 * r + c] = times(a.at[2 * r], b.at[c]) + times(a.at[2 * r + 1], b.at[2 + c]);
    }
  }
  return out;
}
Matrix2 adjoint(const Matrix2& m) {
  return {{std::conj(m.at[0]), std::conj(m.at[2]), std::conj(m.at[1]), std::conj(m.at[3])}};
}
Matrix2 small(const GateMatrix& m) {
  return {{m.at[0], m.at[1], m.at[2], m.at[3]}};
}

template <int kSize>
void adjoint(const double* m, double* out) {
  for (int r = 0; r < kSize; ++r) {
    for (int c = 0; c < kSize; ++c) {
      out[2 * (c * kSize + r)] = m[2 * (r * kSize + c)];
      out[2 * (c * kSize + r) + 1] = -m[2 * (r * kSize + c) + 1];
    }
  }
}

// 2 Re trace(dR w) of a rotation R about an axis, w_cr = overlap_rc: dR is half the rotation by an
// angle that is pi larger, so cos -> -sin / 2 and sin -> cos / 2 of the half angle.
double rotation_slope(Axis axis, const HalfAngle& half, const double* overlap) {
  const double cosine = -half.sin * (overlap[0] + overlap[6]);
  if (axis == Axis::kX) return cosine + half.cos * (overlap[3] + overlap[5]);
  if (axis == Axis::kY) return cosine + half.cos * (overlap[4] - overlap[2]);
  return cosine + half.cos * (overlap[1] - overlap[7]);
}

// Walks back through the merged gates with psi and lambda = O psi.
class Backward {
 public:
  Backward(const CircuitPlan& plan, State& psi, State& lambda, std::span<double> gradient)
      : plan_(plan), psi_(psi), lambda_(lambda), gradient_(gradient) {}

  void run() {
    for (std::size_t i = plan_.merged().size(); i-- > 0;) {
      const Merged& gate = plan_.merged()[i];
      const BoundMatrix& matrix = plan_.bound(i);
      double inverse[32];
      if (gate.targets == 1) {
        adjoint<2>(matrix.at, inverse);
      } else {
        adjoint<4>(matrix.at, inverse);
      }
      if (gate.targets == 1) {
        step_one(gate, matrix, inverse);
      } else {
        step_two(gate, matrix, inverse);
      }
    }
  }

 private:
  int bit(int qubit) const { return plan_.qubits() - 1 - qubit; }

  void step_one(const Merged& gate, const BoundMatrix& matrix, const double* inverse) {
    const Kernels<double>& kernel = kernels<double>();
    OneBit place = {inverse, bit(gate.target[0]), 0};
    for (int i = 0; i < gate.controls; ++i) {
      place.controls |= std::uint64_t{1} << bit(gate.control[static_cast<std::size_t>(i)]);
    }
    if (gate.fixed) {
      if (matrix.shape == Shape::kIdentity) return;
      const auto undo = kernel.one[static_cast<std::size_t>(matrix.shape)];
      undo(psi_.data(), psi_.blocks(), place);
      undo(lambda_.data(), lambda_.blocks(), place);
      return;
    }
    Overlap overlap;
    // The inverse of a matrix has its shape.
    const Shape shape = matrix.shape == Shape::kIdentity ? Shape::kDiagonal : matrix.shape;
    kernel.step_back[static_cast<std::size_t>(shape)](psi_.data(), lambda_.data(), psi_.blocks(),
                                                      place, overlap);
    derive(gate, matrix, overlap);
  }

  // With w_cr = overlap_rc, d<O> = 2 Re trace(dU w). Of U = g_k ... g_1 and d g_j this is
  // 2 Re trace(d g_j r_j), r_j = g_(j-1) ... g_1 w g_k ... g_(j+1); r_(j+1) follows from r_j.
  void derive(const Merged& gate, const BoundMatrix& matrix, const Overlap& overlap) {
    const bool single = gate.head == gate.tail;
    const Member& first = plan_.member(gate.head);
    if (single && first.axis != Axis::kNone) {
      gradient_[first.angle] =
          rotation_slope(first.axis, plan_.half_angle(first.angle), overlap.sum);
      return;
    }
    Matrix2 w, all;
    for (int r = 0; r < 2; ++r) {
      for (int c = 0; c < 2; ++c) {
        const int at = 2 * (2 * r + c);
        w.at[2 * c + r] = {overlap.sum[at], overlap.sum[at + 1]};
        all.at[2 * r + c] = {matrix.at[at], matrix.at[at + 1]};
      }
    }
    if (!single) w = w * all;
    HalfAngle half[3];
    GateMatrix scratch;
    for (int i = gate.head;; i = plan_.member(i).next) {
      const Member& member = plan_.member(i);
      read_angles(member, half);
      Matrix2 own;
      if (!single) {
        member.kind->matrix(half, scratch);
        own = small(scratch);
        w = w * adjoint(own);
      }
      for (int k = 0; k < member.kind->angles; ++k) {
        member.kind->derivative(half, k, scratch);
        double trace = 0;
        for (int r = 0; r < 2; ++r) {
          for (int c = 0; c < 2; ++c) {
            const Amplitude d = scratch.at[static_cast<std::size_t>(2 * r + c)];
            const Amplitude x = w.at[2 * c + r];
            trace += d.real() * x.real() - d.imag() * x.imag();
          }
        }
        gradient_[member.angle + static_cast<std::size_t>(k)] = 2 * trace;
      }
      if (i == gate.tail) return;
      w = own * w;
    }
  }

  // Rotations about two qubits at once are rare: a copy of psi takes the derivative.
  void step_two(const Merged& gate, const BoundMatrix& matrix, const double* inverse) {
    const Kernels<double>& kernel = kernels<double>();
    const auto apply = [&](const double* m, State& state) {
      kernel.two(state.data(), state.blocks(), {m, bit(gate.target[0]), bit(gate.target[1])});
    };
    if (matrix.routine == BoundMatrix::Routine::kSwap) {
      for (State* state : {&psi_, &lambda_}) {
        kernel.swap(state->data(), state->blocks(),
                    {inverse, bit(gate.target[0]), bit(gate.target[1])});
      }
      return;
    }
    apply(inverse, psi_);
    const Member& member = plan_.member(gate.head);
    HalfAngle half[3];
    read_angles(member, half);
    for (int k = 0; k < member.kind->angles; ++k) {
      GateMatrix derivative;
      member.kind->derivative(half, k, derivative);
      State moved = psi_;
      apply(reinterpret_cast<const double*>(derivative.at.data()), moved);
      gradient_[member.angle + static_cast<std::size_t>(k)] =
          2 * inner_product(lambda_, moved).real();
    }
    apply(inverse, lambda_);
  }

  void read_angles(const Member& member, HalfAngle* half) const {
    for (int k = 0; k < member.kind->angles; ++k) {
      half[k] = plan_.half_angle(member.angle + static_cast<std::size_t>(k));
    }
  }

  const CircuitPlan& plan_;
  State& psi_;
  State& lambda_;
  std::span<double> gradient_;
};

// 4 x 4 blocks would need an overlap of their own on the way back.
SimulatorOptions without_pairs(SimulatorOptions options) {
  if (options.fusion != Fusion::kNone) options.fusion = Fusion::kRuns;
  return options;
}

}  // namespace

CircuitObjective::CircuitObjective(const Circuit& circuit, Observable observable,
                                   const SimulatorOptions& options)
    : simulator_(circuit, without_pairs(options)),
      start_(circuit.qubits()),
      psi_(circuit.qubits()),
      lambda_(circuit.qubits()) {
  if (observable.qubits() != circuit.qubits()) {
    throw Error(ErrorKind::kUsage, "the circuit has " + std::to_string(circuit.qubits()) +
                                       " qubits, the observable " +
                                       std::to_string(observable.qubits()));
  }
  function_ = [observable = std::move(observable)](const State& psi, State& slope) {
    return observable.apply(psi, slope);
  };
}

CircuitObjective::CircuitObjective(const Circuit& circuit, State start, StateFunction function,
                                   const SimulatorOptions& options)
    : simulator_(circuit, without_pairs(options)),
      function_(std::move(function)),
      start_(std::move(start)),
      psi_(circuit.qubits()),
      lambda_(circuit.qubits()) {
  if (start_.qubits() != circuit.qubits()) {
    throw Error(ErrorKind::kUsage, "the circuit has " + std::to_string(circuit.qubits()) +
                                       " qubits, the state it starts from " +
                                       std::to_string(start_.qubits()));
  }
}

double CircuitObjective::value(std::span<const double> angles) {
  simulator_.bind(angles);
  psi_ = start_;
  simulator_.apply(psi_);
  return function_(psi_, lambda_);
}

double CircuitObjective::value_and_gradient(std::span<const double> angles,
                                            std::span<double> gradient) {
  const double result = value(angles);
  if (gradient.size() != parameters()) {
    throw Error(ErrorKind::kUsage, "the gradient has " + std::to_string(parameters()) +
                                       " parts, room for " + std::to_string(gradient.size()));
  }
  Backward(simulator_.plan(), psi_, lambda_, gradient).run();
  return result;
}

std::vector<double> parameter_shift_gradient(const Circuit& circuit, const Observable& observable) {
  CircuitObjective objective(circuit, observable);
  std::vector<double> angles = circuit.angles(), gradient;
  const auto difference = [&](std::size_t angle, double shift) {
    const double center = angles[angle];
    angles[angle] = center + shift;
    const double above = objective.value(angles);
    angles[angle] = center - shift;
    const double below = objective.value(angles);
    angles[angle] = center;
    return above - below;
  };
  constexpr double kPi = std::numbers::pi;
  for (const Gate& gate : circuit.gates()) {
    for (int k = 0; k < gate.kind->angles; ++k) {
      const std::size_t angle = gradient.size();
      // The spectrum of a generator has gaps of 1, under a control also of 1/2: Wierichs et al.,
      // General parameter-shift rules, Quantum 2022, arXiv 2107.12390, eq. for two frequencies.
      if (gate.kind->controls == 0) {
        gradient.push_back(difference(angle, kPi / 2) / 2);
      } else {
        const double root = std::numbers::sqrt2;
        gradient.push_back((root + 1) / (4 * root) * difference(angle, kPi / 2) -
                           (root - 1) / (4 * root) * difference(angle, 3 * kPi / 2));
      }
    }
  }
  return gradient;
}

}  // namespace nas
