#pragma once

#include <cstddef>
#include <cstdint>

namespace nas {

// The part of ONNX Runtime's C interface that we call. The library exports one function,
// OrtGetApiBase; all others stand in a table whose first 102 places are version 1 and the same in
// every release since (onnxruntime_c_api.h and the assertions below it in onnxruntime_c_api.cc of
// microsoft/onnxruntime). Objects of the library are opaque; a function that can fail returns a
// status, null if all went well.

struct OrtStatus;
struct OrtEnv;
struct OrtSession;
struct OrtSessionOptions;
struct OrtRunOptions;
struct OrtValue;
struct OrtMemoryInfo;

/// Version 1 of the table; places that we do not call keep their room.
struct OrtApiTable {
  using Unused = void (*)();
  static constexpr std::size_t kPlaces = 102;

  Unused unused_0[2];
  const char* (*get_error_message)(const OrtStatus*);
  OrtStatus* (*create_env)(int log_level, const char* log_name, OrtEnv**);
  Unused unused_4[4];
  OrtStatus* (*create_session_from_array)(const OrtEnv*, const void* bytes, std::size_t size,
                                          const OrtSessionOptions*, OrtSession**);
  OrtStatus* (*run)(OrtSession*, const OrtRunOptions*, const char* const* input_names,
                    const OrtValue* const* inputs, std::size_t input_count,
                    const char* const* output_names, std::size_t output_count, OrtValue** outputs);
  OrtStatus* (*create_session_options)(OrtSessionOptions**);
  Unused unused_11[13];
  OrtStatus* (*set_intra_op_threads)(OrtSessionOptions*, int threads);
  OrtStatus* (*set_inter_op_threads)(OrtSessionOptions*, int threads);
  Unused unused_26[23];
  OrtStatus* (*create_tensor_with_data)(const OrtMemoryInfo*, void* data, std::size_t bytes,
                                        const std::int64_t* dims, std::size_t rank, int type,
                                        OrtValue**);
  Unused unused_50;
  OrtStatus* (*get_tensor_data)(OrtValue*, void** data);
  Unused unused_52[17];
  OrtStatus* (*create_cpu_memory_info)(int allocator, int memory, OrtMemoryInfo**);
  Unused unused_70[22];
  void (*release_env)(OrtEnv*);
  void (*release_status)(OrtStatus*);
  void (*release_memory_info)(OrtMemoryInfo*);
  void (*release_session)(OrtSession*);
  void (*release_value)(OrtValue*);
  Unused unused_97[3];
  void (*release_session_options)(OrtSessionOptions*);
  Unused unused_101;
};
static_assert(sizeof(OrtApiTable) == OrtApiTable::kPlaces * sizeof(void*));

struct OrtApiBase {
  const OrtApiTable* (*get_api)(std::uint32_t version);  ///< null: not in this library
  const char* (*version)();
};

/// OrtLoggingLevel: errors alone, else every node without a kernel of its own is reported.
inline constexpr int kOrtLogErrors = 3;
/// OrtAllocatorType and OrtMemType of a tensor whose numbers are ours.
inline constexpr int kOrtArenaAllocator = 1, kOrtDefaultMemory = 0;

}  // namespace nas
