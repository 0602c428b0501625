#include "core/quantum/kernels.h"

namespace nas {
namespace {

KernelSet choose() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
    return avx512_kernels();
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2_kernels();
#endif
  return baseline_kernels();
}

const KernelSet& chosen() {
  static const KernelSet set = choose();
  return set;
}

}  // namespace

template <>
const Kernels<double>& kernels<double>() {
  return chosen().wide;
}
template <>
const Kernels<float>& kernels<float>() {
  return chosen().single;
}
const DoubleKernels& double_kernels() {
  return chosen().rest;
}

}  // namespace nas
