// Standard headers come first: their inline functions are shared with files for every processor.
#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/quantum/kernels.h"

#if defined(__x86_64__)
#pragma GCC target("avx2,fma")
#include "core/quantum/kernels_pairs.h"

namespace nas {

KernelSet avx2_kernels() {
  return make_kernel_set("avx2");
}

}  // namespace nas
#endif
