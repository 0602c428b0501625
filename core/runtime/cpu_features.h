#pragma once

#include <string>

namespace nas {

/// Widest vector instructions that the processor and the operating system offer: "AVX512", "AVX2",
/// "baseline".
std::string simd_level();
/// AVX512_BF16 or AMX-BF16: bfloat16 convolutions are native, not emulated.
bool has_native_bfloat16();
std::string cpu_model_name();  ///< "AMD EPYC", or "unknown"

/// The library that answers BLAS calls, whatever else is loaded beside it.
struct BlasLibrary {
  std::string text;  ///< "openblas 0.3.21"
  bool fast = false;
};
BlasLibrary loaded_blas();

}  // namespace nas
