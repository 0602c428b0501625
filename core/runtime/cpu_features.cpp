#include "core/runtime/cpu_features.h"

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "core/util/text.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace nas {

std::string simd_level() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return "AVX512";
  if (__builtin_cpu_supports("avx2")) return "AVX2";
#elif defined(__aarch64__)
  return "NEON";
#endif
  return "baseline";
}

bool has_native_bfloat16() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx512f")) return false;
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  const bool amx_bf16 = (d & (1U << 22)) != 0;
  const bool has_subleaf = a >= 1;
  if (!has_subleaf || __get_cpuid_count(7, 1, &a, &b, &c, &d) == 0) return amx_bf16;
  return amx_bf16 || (a & (1U << 5)) != 0;  // EAX bit 5: AVX512_BF16
#else
  return false;
#endif
}

std::string cpu_model_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (line.starts_with("model name") && colon != std::string::npos) {
      return std::string(trim(std::string_view(line).substr(colon + 1)));
    }
  }
  return "unknown";
}

BlasLibrary loaded_blas() {
  // Other libraries may load OpenBLAS for themselves while libblas.so.3 is the slow reference: what
  // counts is the file that the symbol sgemm_ comes from.
  void* gemm = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  if (gemm == nullptr || dladdr(gemm, &info) == 0 || info.dli_fname == nullptr) {
    return {"no BLAS", false};
  }
  std::error_code ignored;
  const std::string file = std::filesystem::canonical(info.dli_fname, ignored).string();
  if (file.find("openblas") != std::string::npos) {
    using Config = const char* (*)();
    // POSIX allows this conversion; the language only warns about it.
    const auto config = reinterpret_cast<Config>(dlsym(RTLD_DEFAULT, "openblas_get_config"));
    const std::vector<std::string> words = split_words(config == nullptr ? "" : config());
    return {words.size() > 1 ? "openblas " + words[1] : "openblas", true};
  }
  for (const char* name : {"mkl", "blis", "atlas"}) {
    if (file.find(name) != std::string::npos) return {name, true};
  }
  return {"reference BLAS (slow): install libopenblas0-pthread", false};
}

}  // namespace nas
