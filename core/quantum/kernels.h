#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nas {

// The inner loops, compiled once for each instruction set (kernels_avx512.cpp, ...) and chosen when
// the program runs. States are as BasicState lays them out; `blocks` counts blocks of lanes. Bit b
// of an index is called bit b here, whatever qubit lies there.

/// A matrix on one bit where all `controls` are 1.
struct OneBit {
  const double* matrix = nullptr;  ///< re, im of a, b, c, d: [[a, b], [c, d]]
  int target = 0;
  std::uint64_t controls = 0;
};

/// A 4 x 4 matrix (re, im, row-major) on two bits; `first` is the more significant of its rows.
struct TwoBits {
  const double* matrix = nullptr;
  int first = 0;
  int second = 0;
};

/// What a 2 x 2 matrix spares.
enum class Shape : std::uint8_t {
  kGeneral,
  kReal,      ///< all real: RY, H
  kCrossed,   ///< real diagonal, imaginary beside it: RX
  kOpposite,  ///< zero diagonal: X, Y
  kDiagonal,  ///< Z, S, RZ
  kFlip,      ///< exactly X
  kIdentity,
};
constexpr std::size_t kShapes = 6;  ///< those that have kernels

/// sum over the pairs of bit `target` of conj(lambda_r) psi_c: re, im of rr = 00, 01, 10, 11.
struct Overlap {
  double sum[8] = {};
};

/// One of the steps that `Kernels::few` runs. Not the identity.
struct FewStep {
  OneBit gate;
  Shape shape = Shape::kGeneral;
};

template <class Real>
struct Kernels {
  void (*one[kShapes])(Real* state, std::uint64_t blocks, const OneBit& gate);
  void (*two)(Real* state, std::uint64_t blocks, const TwoBits& gate);
  void (*two_diagonal)(Real* state, std::uint64_t blocks, const TwoBits& gate);
  void (*swap)(Real* state, std::uint64_t blocks, const TwoBits& gate);
  /// One step of the adjoint method: psi <- M psi, overlap of lambda with the new psi, lambda <-
  /// M lambda, where M undoes the gate. By the shape of M, as `one`.
  void (*step_back[kShapes])(Real* psi, Real* lambda, std::uint64_t blocks, const OneBit& gate,
                             Overlap& overlap);
  /// conj(a) b summed: re, im.
  void (*inner)(const Real* a, const Real* b, std::uint64_t blocks, double* sum);
  /// All steps on a state of 1, 2 or 4 blocks of lanes, which stays in registers meanwhile.
  void (*few[3])(Real* state, const FewStep* steps, std::size_t count);
};

/// A diagonal after a flip: factor_i stands before amplitude i xor mask. `im` null: real factors.
/// As many of them as lanes in all blocks.
struct FlipTable {
  std::uint64_t mask = 0;
  const double* re = nullptr;
  const double* im = nullptr;
};

/// The best this processor has.
template <class Real>
const Kernels<Real>& kernels();

/// What exists in double alone.
struct DoubleKernels {
  /// out_i (+)= factor_i in_(i xor mask); `add` false: out is overwritten.
  void (*flip_add)(const double* in, double* out, std::uint64_t blocks, const FlipTable& table,
                   bool add);
  /// cos and sin of half of each angle below 1e6 in size, in vectors; error about 1e-16. Reads and
  /// writes up to the next multiple of 8.
  void (*half_angles)(const double* angles, std::size_t count, double* cosines, double* sines);
  const char* name;
};
const DoubleKernels& double_kernels();

// What each instruction set's file defines.
struct KernelSet {
  Kernels<double> wide;
  Kernels<float> single;
  DoubleKernels rest;
};
/// All that run on this processor, the best last.
std::vector<KernelSet> available_kernels();
KernelSet baseline_kernels();
#if defined(__x86_64__)
KernelSet avx2_kernels();
KernelSet avx512_kernels();
#endif

}  // namespace nas
