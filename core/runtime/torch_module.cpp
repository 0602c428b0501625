#include "core/runtime/torch_module.h"

#include <dlfcn.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <utility>

#include "core/runtime/entries.h"
#include "core/runtime/model.h"
#include "core/util/error.h"

namespace nas {
namespace {

constexpr const char* kFileName = "libnas_torch.so";

std::atomic<bool> is_open = false;
/// What set_intra_op_threads has asked for while the module was not open; 0: nothing.
thread_local int wanted_threads = 0;

/// The module lies beside the library that this function is part of.
std::string module_path() {
  Dl_info own{};
  const auto* address = reinterpret_cast<const void*>(&torch_is_open);
  NAS_CHECK(dladdr(address, &own) != 0, "a loaded library has a file");
  return (std::filesystem::path(own.dli_fname).parent_path() / kFileName).string();
}

void* open_module() {
  const std::string path = module_path();
  // Its symbols stay its own: nothing of LibTorch and what that brings along takes the place of a
  // symbol of the program.
  void* module = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module == nullptr) {
    const char* reason = dlerror();
    throw Error(ErrorKind::kIo,
                "LibTorch cannot be loaded: " + std::string(reason == nullptr ? path : reason) +
                    "; install the packages of scripts/packages.txt");
  }
  is_open = true;
  return module;
}

const void* find_symbol(const char* symbol) {
  static void* const kModule = open_module();  // tried again after a failure
  const void* found = dlsym(kModule, symbol);
  NAS_CHECK(found != nullptr, std::string(kFileName) + " has no " + symbol);
  return found;
}

const RuntimeTorch& runtime_entries() {
  return *static_cast<const RuntimeTorch*>(find_symbol(RuntimeTorch::kSymbol));
}

}  // namespace

bool torch_is_open() {
  return is_open;
}

const void* torch_symbol(const char* symbol) {
  const void* found = find_symbol(symbol);
  if (wanted_threads > 0) {
    runtime_entries().set_intra_op_threads(std::exchange(wanted_threads, 0));
  }
  return found;
}

void set_intra_op_threads(int threads) {
  wanted_threads = threads;
  if (torch_is_open()) torch_symbol(RuntimeTorch::kSymbol);
}

}  // namespace nas
