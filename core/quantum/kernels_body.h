#pragma once

// Included by one file for each instruction set, after it has chosen that set; never elsewhere.
// Vectors are GCC's: 64 bytes, which the compiler cuts to what the set has. Functions have internal
// linkage, so that no other file runs code for a processor it may not be on.

#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "core/quantum/kernels.h"

#pragma GCC diagnostic ignored "-Wpsabi"  // 64-byte vectors are passed only where inlined
#define NAS_INLINE inline __attribute__((always_inline))

namespace nas {
namespace {

using std::uint64_t;

template <class R>
struct Wide;
template <>
struct Wide<double> {
  typedef double V __attribute__((vector_size(64), may_alias));
  typedef long long I __attribute__((vector_size(64)));
  static constexpr int kLanes = 8, kBits = 3;
  static constexpr I kIota = {0, 1, 2, 3, 4, 5, 6, 7};
};
template <>
struct Wide<float> {
  typedef float V __attribute__((vector_size(64), may_alias));
  typedef int I __attribute__((vector_size(64)));
  static constexpr int kLanes = 16, kBits = 4;
  static constexpr I kIota = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
};

template <class R>
using V = typename Wide<R>::V;
template <class R>
using I = typename Wide<R>::I;

// One block: as many amplitudes as a vector has lanes.
template <class R>
struct Block {
  V<R> re, im;
};
template <class R>
NAS_INLINE void load(const R* state, uint64_t block, Block<R>& out) {
  const R* p = state + block * (2 * Wide<R>::kLanes);
  out.re = *reinterpret_cast<const V<R>*>(p);
  out.im = *reinterpret_cast<const V<R>*>(p + Wide<R>::kLanes);
}
template <class R>
NAS_INLINE void store(R* state, uint64_t block, const Block<R>& in) {
  R* p = state + block * (2 * Wide<R>::kLanes);
  *reinterpret_cast<V<R>*>(p) = in.re;
  *reinterpret_cast<V<R>*>(p + Wide<R>::kLanes) = in.im;
}

template <class R>
NAS_INLINE V<R> splat(double value) {
  return V<R>{} + static_cast<R>(value);
}
// A complex factor, which may differ between lanes.
template <class R>
NAS_INLINE Block<R> factor(const double* value) {
  return {splat<R>(value[0]), splat<R>(value[1])};
}
template <class R>
NAS_INLINE Block<R> select(const I<R>& mask, const Block<R>& yes, const Block<R>& no) {
  return {mask ? yes.re : no.re, mask ? yes.im : no.im};
}
// The same bits in every lane.
template <class R>
NAS_INLINE I<R> lane_bits(uint64_t bits) {
  return I<R>{} + static_cast<typename std::conditional_t<sizeof(R) == 8, long long, int>>(bits);
}
// All ones in the lanes whose index has all bits of `bits`.
template <class R>
NAS_INLINE I<R> lanes_with(uint64_t bits) {
  const I<R> wanted = lane_bits<R>(bits);
  return (Wide<R>::kIota & wanted) == wanted;
}

// Lane i of the result is lane i xor M.
template <class R, int M>
NAS_INLINE V<R> shuffle(const V<R>& v) {
  if constexpr (M == 0) return v;
  constexpr I<R> kIndex = Wide<R>::kIota ^ M;
  return __builtin_shuffle(v, kIndex);
}
template <class R, int M>
NAS_INLINE Block<R> shuffle(const Block<R>& b) {
  return {shuffle<R, M>(b.re), shuffle<R, M>(b.im)};
}

template <class R>
NAS_INLINE void add_product(Block<R>& sum, const Block<R>& f, const Block<R>& x) {
  sum.re += f.re * x.re - f.im * x.im;
  sum.im += f.re * x.im + f.im * x.re;
}
template <class R>
NAS_INLINE Block<R> product(const Block<R>& f, const Block<R>& x) {
  return {f.re * x.re - f.im * x.im, f.re * x.im + f.im * x.re};
}
// conj(a) b
template <class R>
NAS_INLINE void add_conjugate(Block<R>& sum, const Block<R>& a, const Block<R>& b) {
  sum.re += a.re * b.re + a.im * b.im;
  sum.im += a.re * b.im - a.im * b.re;
}

// Calls f(block) for the blocks whose index has none of the bits `fixed`; f adds those it wants.
template <class F>
NAS_INLINE void for_blocks(uint64_t blocks, uint64_t fixed, F f) {
  const uint64_t count = blocks >> std::popcount(fixed);
  uint64_t block = 0;
  for (uint64_t i = 0; i < count; ++i) {
    f(block);
    block = ((block | fixed) + 1) & ~fixed;  // the carry runs over the fixed bits
  }
}

// Calls f with the lane bit as a constant.
template <class R, class F>
NAS_INLINE void with_lane(int bit, F f) {
  if (bit == 0) f(std::integral_constant<int, 0>());
  if (bit == 1) f(std::integral_constant<int, 1>());
  if (bit == 2) f(std::integral_constant<int, 2>());
  if constexpr (Wide<R>::kBits == 4) {
    if (bit == 3) f(std::integral_constant<int, 3>());
  }
}

// Where a gate acts: bits within a block and bits of the block's index.
template <class R>
struct Place {
  explicit Place(uint64_t controls)
      : lanes(controls & (Wide<R>::kLanes - 1)), blocks(controls >> Wide<R>::kBits) {}
  uint64_t lanes, blocks;
};
template <class R>
NAS_INLINE uint64_t block_bit(int bit) {
  return uint64_t{1} << (bit - Wide<R>::kBits);
}

// sum = first x + second y, sparing what the shape makes zero. S: of the whole matrix.
template <class R, Shape S>
NAS_INLINE Block<R> row(const Block<R>& diagonal, const Block<R>& beside, const Block<R>& x,
                        const Block<R>& y) {
  if constexpr (S == Shape::kReal) {
    return {diagonal.re * x.re + beside.re * y.re, diagonal.re * x.im + beside.re * y.im};
  } else if constexpr (S == Shape::kCrossed) {
    return {diagonal.re * x.re - beside.im * y.im, diagonal.re * x.im + beside.im * y.re};
  } else if constexpr (S == Shape::kOpposite) {
    return product(beside, y);
  } else if constexpr (S == Shape::kDiagonal) {
    return product(diagonal, x);
  } else {
    Block<R> sum = product(diagonal, x);
    add_product(sum, beside, y);
    return sum;
  }
}

// The matrix's entries, the identity in the lanes where a control is 0.
template <class R>
struct Entries {
  NAS_INLINE Entries(const double* m, uint64_t lane_controls)
      : a(factor<R>(m)), b(factor<R>(m + 2)), c(factor<R>(m + 4)), d(factor<R>(m + 6)) {
    if (lane_controls == 0) return;
    const I<R> on = lanes_with<R>(lane_controls);
    const Block<R> one = {splat<R>(1), splat<R>(0)}, zero = {splat<R>(0), splat<R>(0)};
    a = select<R>(on, a, one);
    b = select<R>(on, b, zero);
    c = select<R>(on, c, zero);
    d = select<R>(on, d, one);
  }
  Block<R> a, b, c, d;
};
// For a target within the lanes: what multiplies the lane itself and what its partner.
template <class R>
NAS_INLINE void lane_entries(const Entries<R>& e, int target, Block<R>& own, Block<R>& partner) {
  const I<R> upper = lanes_with<R>(uint64_t{1} << target);
  own = select<R>(upper, e.d, e.a);
  partner = select<R>(upper, e.c, e.b);
}

template <class R, Shape S>
void mix(R* state, uint64_t blocks, const OneBit& gate) {
  const Place<R> on(gate.controls);
  const Entries<R> e(gate.matrix, on.lanes);
  if (gate.target >= Wide<R>::kBits) {
    const uint64_t t = block_bit<R>(gate.target);
    for_blocks(blocks, on.blocks | t, [&](uint64_t block) {
      const uint64_t low = block | on.blocks;
      Block<R> x, y;
      load(state, low, x);
      load(state, low | t, y);
      store(state, low, row<R, S>(e.a, e.b, x, y));
      store(state, low | t, row<R, S>(e.d, e.c, y, x));
    });
    return;
  }
  Block<R> own, partner;
  lane_entries(e, gate.target, own, partner);
  with_lane<R>(gate.target, [&](auto bit) {
    for_blocks(blocks, on.blocks, [&](uint64_t block) {
      Block<R> x;
      load(state, block | on.blocks, x);
      const Block<R> y = shuffle<R, (1 << bit)>(x);
      store(state, block | on.blocks, row<R, S>(own, partner, x, y));
    });
  });
}

// What the shape says of the matrix a lane's control makes untrue: there the identity stands.
template <class R>
void crossed(R* state, uint64_t blocks, const OneBit& gate) {
  if (Place<R>(gate.controls).lanes == 0) {
    mix<R, Shape::kCrossed>(state, blocks, gate);
  } else {
    mix<R, Shape::kGeneral>(state, blocks, gate);
  }
}
template <class R>
void opposite(R* state, uint64_t blocks, const OneBit& gate) {
  if (Place<R>(gate.controls).lanes == 0) {
    mix<R, Shape::kOpposite>(state, blocks, gate);
  } else {
    mix<R, Shape::kGeneral>(state, blocks, gate);
  }
}

template <class R>
NAS_INLINE void scale(R* state, uint64_t blocks, uint64_t ones, uint64_t zeros,
                      const Block<R>& by) {
  for_blocks(blocks, ones | zeros, [&](uint64_t block) {
    Block<R> x;
    load(state, block | ones, x);
    store(state, block | ones, product(by, x));
  });
}

template <class R>
void diagonal(R* state, uint64_t blocks, const OneBit& gate) {
  const Place<R> on(gate.controls);
  const Entries<R> e(gate.matrix, on.lanes);
  if (gate.target < Wide<R>::kBits) {
    Block<R> own, partner;
    lane_entries(e, gate.target, own, partner);
    scale(state, blocks, on.blocks, 0, own);
    return;
  }
  const uint64_t t = block_bit<R>(gate.target);
  // Phase gates leave the lower half as it is.
  const bool lower = gate.matrix[0] != 1 || gate.matrix[1] != 0;
  if (lower) scale(state, blocks, on.blocks, t, e.a);
  scale(state, blocks, on.blocks | t, 0, e.d);
}

template <class R>
void flip(R* state, uint64_t blocks, const OneBit& gate) {
  const Place<R> on(gate.controls);
  const I<R> moved = lanes_with<R>(on.lanes);
  if (gate.target < Wide<R>::kBits) {
    with_lane<R>(gate.target, [&](auto bit) {
      for_blocks(blocks, on.blocks, [&](uint64_t block) {
        Block<R> x;
        load(state, block | on.blocks, x);
        store(state, block | on.blocks, select<R>(moved, shuffle<R, (1 << bit)>(x), x));
      });
    });
    return;
  }
  const uint64_t t = block_bit<R>(gate.target);
  for_blocks(blocks, on.blocks | t, [&](uint64_t block) {
    const uint64_t low = block | on.blocks;
    Block<R> x, y;
    load(state, low, x);
    load(state, low | t, y);
    store(state, low, select<R>(moved, y, x));
    store(state, low | t, select<R>(moved, x, y));
  });
}

template <class R>
void swap_bits(R* state, uint64_t blocks, const TwoBits& gate) {
  constexpr int kBits = Wide<R>::kBits;
  const int high = gate.first > gate.second ? gate.first : gate.second;
  const int low = gate.first + gate.second - high;
  if (low >= kBits) {
    const uint64_t p = block_bit<R>(high), q = block_bit<R>(low);
    for_blocks(blocks, p | q, [&](uint64_t block) {
      Block<R> x, y;
      load(state, block | p, x);
      load(state, block | q, y);
      store(state, block | p, y);
      store(state, block | q, x);
    });
  } else if (high >= kBits) {
    const uint64_t p = block_bit<R>(high);
    const I<R> upper = lanes_with<R>(uint64_t{1} << low);
    with_lane<R>(low, [&](auto bit) {
      for_blocks(blocks, p, [&](uint64_t block) {
        Block<R> x, y;
        load(state, block, x);
        load(state, block | p, y);
        store(state, block, select<R>(upper, shuffle<R, (1 << bit)>(y), x));
        store(state, block | p, select<R>(upper, y, shuffle<R, (1 << bit)>(x)));
      });
    });
  } else {
    const I<R> both = lanes_with<R>(uint64_t{1} << low) ^ lanes_with<R>(uint64_t{1} << high);
    with_lane<R>(low, [&](auto a) {
      with_lane<R>(high, [&](auto b) {
        if constexpr (b > a) {
          for_blocks(blocks, 0, [&](uint64_t block) {
            Block<R> x;
            load(state, block, x);
            store(state, block, select<R>(both, shuffle<R, ((1 << a) | (1 << b))>(x), x));
          });
        }
      });
    });
  }
}

}  // namespace
}  // namespace nas
