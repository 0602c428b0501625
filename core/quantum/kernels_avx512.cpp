// Standard headers come first: their inline functions are shared with files for every processor.
#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/quantum/kernels.h"

#if defined(__x86_64__)
#pragma GCC target("avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")
#include "core/quantum/kernels_pairs.h"

namespace nas {

KernelSet avx512_kernels() {
  return make_kernel_set("avx512");
}

}  // namespace nas
#endif
