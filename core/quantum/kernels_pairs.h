#pragma once

// The second half of kernels_body.h: gates on two bits, sums over states, angles.

#include "core/quantum/kernels_few.h"

namespace nas {
namespace {

// Row r of a 4 x 4 matrix on (first, second) times four blocks.
template <class R>
NAS_INLINE Block<R> row4(const double* m, const Block<R>* x) {
  Block<R> sum = product(factor<R>(m), x[0]);
  add_product(sum, factor<R>(m + 2), x[1]);
  add_product(sum, factor<R>(m + 4), x[2]);
  add_product(sum, factor<R>(m + 6), x[3]);
  return sum;
}

template <class R>
void two_high(R* state, uint64_t blocks, const double* m, uint64_t p, uint64_t q) {
  for_blocks(blocks, p | q, [&](uint64_t block) {
    Block<R> x[4];
    load(state, block, x[0]);
    load(state, block | q, x[1]);
    load(state, block | p, x[2]);
    load(state, block | p | q, x[3]);
    store(state, block, row4<R>(m, x));
    store(state, block | q, row4<R>(m + 8, x));
    store(state, block | p, row4<R>(m + 16, x));
    store(state, block | p | q, row4<R>(m + 24, x));
  });
}

// The entry of row (p, s) and column (c, s or not s), where s is the lane's bit `second`.
template <class R>
NAS_INLINE Block<R> lane_entry(const double* m, int second, int p, int c, bool crossed) {
  const I<R> upper = lanes_with<R>(uint64_t{1} << second);
  const int low = 8 * (2 * p) + 2 * (2 * c + (crossed ? 1 : 0));
  const int high = 8 * (2 * p + 1) + 2 * (2 * c + (crossed ? 0 : 1));
  return select<R>(upper, factor<R>(m + high), factor<R>(m + low));
}

template <class R, int Bit>
void two_mixed(R* state, uint64_t blocks, const double* m, uint64_t p) {
  Block<R> own[4], crossed[4];  // of (row's first bit, column's first bit)
  for (int i = 0; i < 4; ++i) {
    own[i] = lane_entry<R>(m, Bit, i / 2, i % 2, false);
    crossed[i] = lane_entry<R>(m, Bit, i / 2, i % 2, true);
  }
  for_blocks(blocks, p, [&](uint64_t block) {
    Block<R> x, y;
    load(state, block, x);
    load(state, block | p, y);
    const Block<R> xs = shuffle<R, (1 << Bit)>(x), ys = shuffle<R, (1 << Bit)>(y);
    for (int r = 0; r < 2; ++r) {
      Block<R> sum = product(own[2 * r], x);
      add_product(sum, crossed[2 * r], xs);
      add_product(sum, own[2 * r + 1], y);
      add_product(sum, crossed[2 * r + 1], ys);
      store(state, r == 0 ? block : block | p, sum);
    }
  });
}

template <class R, int A, int B>
void two_lanes(R* state, uint64_t blocks, const double* m) {
  const I<R> first = lanes_with<R>(1 << A), second = lanes_with<R>(1 << B);
  Block<R> by[4];  // multiplies the lane whose (first, second) differ by this
  for (int differ = 0; differ < 4; ++differ) {
    Block<R> of_row[4];
    for (int r = 0; r < 4; ++r) of_row[r] = factor<R>(m + 8 * r + 2 * (r ^ differ));
    by[differ] = select<R>(first, select<R>(second, of_row[3], of_row[2]),
                           select<R>(second, of_row[1], of_row[0]));
  }
  for_blocks(blocks, 0, [&](uint64_t block) {
    Block<R> x;
    load(state, block, x);
    Block<R> sum = product(by[0], x);
    add_product(sum, by[1], shuffle<R, (1 << B)>(x));
    add_product(sum, by[2], shuffle<R, (1 << A)>(x));
    add_product(sum, by[3], shuffle<R, ((1 << A) | (1 << B))>(x));
    store(state, block, sum);
  });
}

template <class R>
void two(R* state, uint64_t blocks, const TwoBits& gate) {
  // The higher bit becomes the first of the matrix.
  double turned[32];
  const double* m = gate.matrix;
  int first = gate.first, second = gate.second;
  if (first < second) {
    constexpr int kOther[] = {0, 2, 1, 3};
    for (int r = 0; r < 4; ++r) {
      for (int c = 0; c < 4; ++c) {
        turned[8 * r + 2 * c] = m[8 * kOther[r] + 2 * kOther[c]];
        turned[8 * r + 2 * c + 1] = m[8 * kOther[r] + 2 * kOther[c] + 1];
      }
    }
    m = turned;
    std::swap(first, second);
  }
  if (second >= Wide<R>::kBits) {
    two_high<R>(state, blocks, m, block_bit<R>(first), block_bit<R>(second));
  } else if (first >= Wide<R>::kBits) {
    with_lane<R>(second,
                 [&](auto bit) { two_mixed<R, bit>(state, blocks, m, block_bit<R>(first)); });
  } else {
    with_lane<R>(first, [&](auto a) {
      with_lane<R>(second, [&](auto b) {
        if constexpr (a > b) two_lanes<R, a, b>(state, blocks, m);
      });
    });
  }
}

// Factors of the four values of two bits.
template <class R>
void two_diagonal(R* state, uint64_t blocks, const TwoBits& gate) {
  constexpr int kBits = Wide<R>::kBits;
  const uint64_t p = gate.first >= kBits ? block_bit<R>(gate.first) : 0;
  const uint64_t q = gate.second >= kBits ? block_bit<R>(gate.second) : 0;
  const I<R> first = lanes_with<R>(p != 0 ? 0 : uint64_t{1} << gate.first);
  const I<R> second = lanes_with<R>(q != 0 ? 0 : uint64_t{1} << gate.second);
  Block<R> of[4];
  for (int i = 0; i < 4; ++i) of[i] = factor<R>(gate.matrix + 10 * i);
  // A bit of the block's index decides between two calls, a lane's bit between lanes.
  for (int high = 0; high < 4; ++high) {
    const bool a = (high & 2) != 0, b = (high & 1) != 0;
    if ((p == 0 && a) || (q == 0 && b)) continue;
    const Block<R> low_first = p == 0 ? select<R>(second, of[1], of[0]) : of[a ? 2 : 0];
    Block<R> by;
    if (p == 0 && q == 0) {
      by = select<R>(first, select<R>(second, of[3], of[2]), low_first);
    } else if (p == 0) {
      by = select<R>(first, of[b ? 3 : 2], of[b ? 1 : 0]);
    } else if (q == 0) {
      by = select<R>(second, of[a ? 3 : 1], of[a ? 2 : 0]);
    } else {
      by = of[high];
    }
    scale(state, blocks, (a ? p : 0) | (b ? q : 0), (a ? 0 : p) | (b ? 0 : q), by);
  }
}

// The lanes in which a sum counts: those that have all bits of `with` and none of `without`. The
// order of the sum never depends on the instruction set.
template <class R>
NAS_INLINE double sum_lanes(V<R> v, uint64_t with, uint64_t without) {
  const I<R> counted = lanes_with<R>(with) & ((Wide<R>::kIota & lane_bits<R>(without)) == 0);
  v = counted ? v : V<R>{};
  double sum = 0;
  for (int i = 0; i < Wide<R>::kLanes; ++i) sum += static_cast<double>(v[i]);
  return sum;
}

template <class R>
NAS_INLINE void put(const Block<R>& sum, uint64_t with, uint64_t without, double* out) {
  out[0] = sum_lanes<R>(sum.re, with, without);
  out[1] = sum_lanes<R>(sum.im, with, without);
}

template <class R, Shape S>
void step_back(R* psi, R* lambda, uint64_t blocks, const OneBit& gate, Overlap& overlap) {
  const Place<R> on(gate.controls);
  const Entries<R> e(gate.matrix, on.lanes);
  const Block<R> zero = {splat<R>(0), splat<R>(0)};
  if (gate.target >= Wide<R>::kBits) {
    const uint64_t t = block_bit<R>(gate.target);
    Block<R> sum[4] = {zero, zero, zero, zero};
    for_blocks(blocks, on.blocks | t, [&](uint64_t block) {
      const uint64_t low = block | on.blocks;
      Block<R> x, y, u, v;
      load(psi, low, x);
      load(psi, low | t, y);
      const Block<R> x2 = row<R, S>(e.a, e.b, x, y), y2 = row<R, S>(e.d, e.c, y, x);
      store(psi, low, x2);
      store(psi, low | t, y2);
      load(lambda, low, u);
      load(lambda, low | t, v);
      add_conjugate(sum[0], u, x2);
      add_conjugate(sum[1], u, y2);
      add_conjugate(sum[2], v, x2);
      add_conjugate(sum[3], v, y2);
      store(lambda, low, row<R, S>(e.a, e.b, u, v));
      store(lambda, low | t, row<R, S>(e.d, e.c, v, u));
    });
    for (int i = 0; i < 4; ++i) put<R>(sum[i], on.lanes, 0, overlap.sum + 2 * i);
    return;
  }
  Block<R> own, partner;
  lane_entries(e, gate.target, own, partner);
  with_lane<R>(gate.target, [&](auto bit) {
    Block<R> same = zero, crossed = zero;
    for_blocks(blocks, on.blocks, [&](uint64_t block) {
      Block<R> x, u;
      load(psi, block | on.blocks, x);
      const Block<R> x2 = row<R, S>(own, partner, x, shuffle<R, (1 << bit)>(x));
      store(psi, block | on.blocks, x2);
      load(lambda, block | on.blocks, u);
      add_conjugate(same, u, x2);
      add_conjugate(crossed, u, shuffle<R, (1 << bit)>(x2));
      store(lambda, block | on.blocks, row<R, S>(own, partner, u, shuffle<R, (1 << bit)>(u)));
    });
    const uint64_t t = uint64_t{1} << bit;
    put<R>(same, on.lanes, t, overlap.sum);
    put<R>(crossed, on.lanes, t, overlap.sum + 2);
    put<R>(crossed, on.lanes | t, 0, overlap.sum + 4);
    put<R>(same, on.lanes | t, 0, overlap.sum + 6);
  });
}

template <class R>
void inner(const R* a, const R* b, uint64_t blocks, double* out) {
  // Two sums hide the latency; the order never depends on the instruction set.
  Block<R> even = {splat<R>(0), splat<R>(0)}, odd = even;
  for (uint64_t i = 0; i < blocks; ++i) {
    Block<R> x, y;
    load(a, i, x);
    load(b, i, y);
    add_conjugate(i % 2 == 0 ? even : odd, x, y);
  }
  even.re += odd.re;
  even.im += odd.im;
  put<R>(even, 0, 0, out);
}

// Tables are aligned as their element.
typedef double LooseV __attribute__((vector_size(64), aligned(8), may_alias));

template <int M>
void flip_lanes(const double* in, double* out, uint64_t blocks, const FlipTable& table, bool add) {
  const uint64_t mask = table.mask >> Wide<double>::kBits;
  for (uint64_t i = 0; i < blocks; ++i) {
    Block<double> x, sum = {splat<double>(0), splat<double>(0)};
    if (add) load<double>(out, i, sum);
    load<double>(in, i ^ mask, x);
    const Block<double> moved = shuffle<double, M>(x);
    const V<double> re = *reinterpret_cast<const LooseV*>(table.re + 8 * i);
    if (table.im == nullptr) {
      sum.re += re * moved.re;
      sum.im += re * moved.im;
    } else {
      add_product(sum, {re, *reinterpret_cast<const LooseV*>(table.im + 8 * i)}, moved);
    }
    store(out, i, sum);
  }
}

void flip_add(const double* in, double* out, uint64_t blocks, const FlipTable& table, bool add) {
  const uint64_t lanes = table.mask & 7;
  [&]<int... M>(std::integer_sequence<int, M...>) {
    ((lanes == M ? flip_lanes<M>(in, out, blocks, table, add) : void()), ...);
  }
  (std::make_integer_sequence<int, 8>());
}

// Half an angle is brought to [-pi/4, pi/4] by a multiple of pi/2, which is subtracted in three
// parts of which the first two have 33 bits (so that the products are exact), then Taylor's series:
// at pi/4 the terms left out are below 1e-16 of the sum.
void half_angles(const double* angles, std::size_t count, double* cosines, double* sines) {
  constexpr double kHalfPi1 = 0x1.921fb544p+0, kHalfPi2 = 0x1.0b4611a6p-34,
                   kHalfPi3 = 0x1.3198a2e037073p-69;
  constexpr double kRound = 0x1.8p+52;  // added: rounds to whole numbers, which end the significand
  using D = V<double>;
  for (std::size_t i = 0; i < count; i += 8) {
    const D x = *reinterpret_cast<const LooseV*>(angles + i) * 0.5;
    const D shifted = x * 0.63661977236758134308 + kRound;
    const D whole = shifted - kRound;
    const D r = ((x - whole * kHalfPi1) - whole * kHalfPi2) - whole * kHalfPi3;
    const D z = r * r;
    D s = splat<double>(-1 / 1307674368000.0);  // 15!
    s = s * z + 1 / 6227020800.0;
    s = s * z - 1 / 39916800.0;
    s = s * z + 1 / 362880.0;
    s = s * z - 1 / 5040.0;
    s = s * z + 1 / 120.0;
    s = s * z - 1 / 6.0;
    s = r + r * z * s;
    D c = splat<double>(1 / 20922789888000.0);  // 16!
    c = c * z - 1 / 87178291200.0;
    c = c * z + 1 / 479001600.0;
    c = c * z - 1 / 3628800.0;
    c = c * z + 1 / 40320.0;
    c = c * z - 1 / 720.0;
    c = c * z + 1 / 24.0;
    c = c * z - 0.5;
    c = c * z + 1;
    const I<double> quarter = (I<double>)shifted & 3;
    const I<double> odd = (quarter & 1) != 0;
    const D sine = odd ? c : s, cosine = odd ? s : c;
    *reinterpret_cast<LooseV*>(sines + i) = (quarter & 2) != 0 ? -sine : sine;
    *reinterpret_cast<LooseV*>(cosines + i) = (quarter == 1) | (quarter == 2) ? -cosine : cosine;
  }
}

template <class R>
Kernels<R> make_kernels() {
  return {{mix<R, Shape::kGeneral>, mix<R, Shape::kReal>, crossed<R>, opposite<R>, diagonal<R>,
           flip<R>},
          two<R>,
          two_diagonal<R>,
          swap_bits<R>,
          {step_back<R, Shape::kGeneral>, step_back<R, Shape::kReal>, step_back<R, Shape::kGeneral>,
           step_back<R, Shape::kGeneral>, step_back<R, Shape::kDiagonal>,
           step_back<R, Shape::kGeneral>},
          inner<R>,
          {few<R, 1>, few<R, 2>, few<R, 4>}};
}

KernelSet make_kernel_set(const char* name) {
  return {make_kernels<double>(), make_kernels<float>(), {flip_add, half_angles, name}};
}

}  // namespace
}  // namespace nas
