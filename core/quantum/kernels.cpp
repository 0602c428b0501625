#include "core/quantum/kernels.h"

namespace nas {
namespace {

const KernelSet& chosen() {
  static const KernelSet set = available_kernels().back();
  return set;
}

}  // namespace

std::vector<KernelSet> available_kernels() {
  std::vector<KernelSet> sets = {baseline_kernels()};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    sets.push_back(avx2_kernels());
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw")) {
      sets.push_back(avx512_kernels());
    }
  }
#endif
  return sets;
}

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
