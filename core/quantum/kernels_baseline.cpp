#include "core/quantum/kernels_pairs.h"

namespace nas {

KernelSet baseline_kernels() {
  return make_kernel_set("baseline");
}

}  // namespace nas
