#pragma once

// States of at most four blocks stay in registers from gate to gate; see kernels_body.h for who
// includes this.

#include "core/quantum/kernels_body.h"

#define NAS_INLINE_LAMBDA __attribute__((always_inline))

namespace nas {
namespace {

/// Calls f with 0, ..., N - 1 as constants.
template <int N, class F>
NAS_INLINE void unrolled(F f) {
  [&]<int... K>(std::integer_sequence<int, K...>) NAS_INLINE_LAMBDA {
    (f(std::integral_constant<int, K>()), ...);
  }
  (std::make_integer_sequence<int, N>());
}

/// Puts new blocks in the place of old ones, in the lanes and blocks where all controls are 1.
template <class R, int B>
NAS_INLINE void take(Block<R> (&state)[B], const Block<R> (&made)[B], uint64_t controls) {
  const Place<R> on(controls);
  const I<R> lanes = lanes_with<R>(on.lanes);
  unrolled<B>([&](auto k) NAS_INLINE_LAMBDA {
    const I<R> here = (static_cast<uint64_t>(k) & on.blocks) == on.blocks ? lanes : I<R>{};
    state[k] = select<R>(here, made[k], state[k]);
  });
}

template <class R, int B, int Bit>
NAS_INLINE void few_mix(const Block<R> (&x)[B], const double* m, Block<R> (&made)[B]) {
  const Entries<R> e(m, 0);
  if constexpr (Bit < Wide<R>::kBits) {
    Block<R> own, partner;
    lane_entries(e, Bit, own, partner);
    unrolled<B>([&](auto k) NAS_INLINE_LAMBDA {
      made[k] = row<R, Shape::kGeneral>(own, partner, x[k], shuffle<R, (1 << Bit)>(x[k]));
    });
  } else {
    constexpr int kOther = 1 << (Bit - Wide<R>::kBits);
    unrolled<B>([&](auto k) NAS_INLINE_LAMBDA {
      if constexpr ((k & kOther) == 0) {
        made[k] = row<R, Shape::kGeneral>(e.a, e.b, x[k], x[k | kOther]);
        made[k | kOther] = row<R, Shape::kGeneral>(e.d, e.c, x[k | kOther], x[k]);
      }
    });
  }
}

template <class R, int B, int Bit>
NAS_INLINE void few_scale(const Block<R> (&x)[B], const double* m, Block<R> (&made)[B]) {
  const Entries<R> e(m, 0);
  if constexpr (Bit < Wide<R>::kBits) {
    Block<R> own, partner;
    lane_entries(e, Bit, own, partner);
    unrolled<B>([&](auto k) NAS_INLINE_LAMBDA { made[k] = product(own, x[k]); });
  } else {
    constexpr int kOther = 1 << (Bit - Wide<R>::kBits);
    unrolled<B>([&](auto k)
                    NAS_INLINE_LAMBDA { made[k] = product((k & kOther) == 0 ? e.a : e.d, x[k]); });
  }
}

template <class R, int B, int Bit>
NAS_INLINE void few_flip(const Block<R> (&x)[B], Block<R> (&made)[B]) {
  unrolled<B>([&](auto k) NAS_INLINE_LAMBDA {
    if constexpr (Bit < Wide<R>::kBits) {
      made[k] = shuffle<R, (1 << Bit)>(x[k]);
    } else {
      made[k] = x[k ^ (1 << (Bit - Wide<R>::kBits))];
    }
  });
}

template <class R, int B, int Bit>
NAS_INLINE void few_step(Block<R> (&state)[B], const FewStep& step) {
  Block<R> made[B];
  if (step.shape == Shape::kFlip) {
    few_flip<R, B, Bit>(state, made);
  } else if (step.shape == Shape::kDiagonal) {
    few_scale<R, B, Bit>(state, step.gate.matrix, made);
  } else {
    few_mix<R, B, Bit>(state, step.gate.matrix, made);
  }
  if (step.gate.controls != 0) {
    take<R, B>(state, made, step.gate.controls);
  } else {
    unrolled<B>([&](auto k) NAS_INLINE_LAMBDA { state[k] = made[k]; });
  }
}

template <class R, int B>
void few(R* data, const FewStep* steps, std::size_t count) {
  constexpr int kBits = Wide<R>::kBits + (B == 4 ? 2 : B == 2 ? 1 : 0);
  Block<R> state[B];
  unrolled<B>([&](auto k) NAS_INLINE_LAMBDA { load(data, k, state[k]); });
  for (const FewStep* step = steps; step != steps + count; ++step) {
    unrolled<kBits>([&](auto bit) NAS_INLINE_LAMBDA {
      if (step->gate.target == bit) few_step<R, B, bit>(state, *step);
    });
  }
  unrolled<B>([&](auto k) NAS_INLINE_LAMBDA { store(data, k, state[k]); });
}

}  // namespace
}  // namespace nas
