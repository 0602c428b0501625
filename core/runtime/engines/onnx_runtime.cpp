#include "core/runtime/engines/onnx_runtime.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "core/ir/same/simplify.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/write_onnx.h"
#include "core/runtime/engines/onnx_runtime_api.h"
#include "core/runtime/pass_timing.h"
#include "core/runtime/thread_pins.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVariable = "SEARCHLIGHT_ONNXRUNTIME";

/// What to open, best first.
std::vector<std::string> library_names() {
  const char* given = std::getenv(kVariable);
  if (given == nullptr || *given == '\0') return {"libonnxruntime.so.1", "libonnxruntime.so"};
  std::error_code ignored;
  if (!fs::is_directory(given, ignored)) return {given};
  std::vector<std::string> names;
  constexpr auto kOptions = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry(given, kOptions, ignored), end; entry != end;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with("libonnxruntime.so")) names.push_back(entry->path().string());
  }
  std::ranges::sort(names);
  return names;
}

class Library {
 public:
  Library() {
    std::string reason = "it is not there";
    void* module = nullptr;
    for (const std::string& name : library_names()) {
      module = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
      if (module != nullptr) break;
      if (const char* text = dlerror()) reason = text;
    }
    if (module == nullptr) fail(reason);
    using Base = const OrtApiBase* (*)();
    const auto base = reinterpret_cast<Base>(dlsym(module, "OrtGetApiBase"));
    if (base == nullptr) fail("the library has no OrtGetApiBase");
    table_ = base()->get_api(1);
    if (table_ == nullptr) fail("the library has no version 1 of its interface");
    version_ = base()->version();
    check(table_->create_env(kOrtLogErrors, "searchlight", &environment_));
  }

  const OrtApiTable& table() const { return *table_; }
  const std::string& version() const { return version_; }
  const OrtEnv* environment() const { return environment_; }

  void check(OrtStatus* status) const {
    if (status == nullptr) return;
    const std::string text = printable(table_->get_error_message(status));
    table_->release_status(status);
    throw Error(ErrorKind::kUnsupported, "ONNX Runtime " + version_ + ": " + text);
  }

 private:
  [[noreturn]] static void fail(const std::string& reason) {
    throw Error(ErrorKind::kUnsupported,
                "ONNX Runtime cannot be loaded (" + printable(reason) + "); set " + kVariable +
                    " to libonnxruntime.so or to the folder in which it lies");
  }

  const OrtApiTable* table_ = nullptr;
  std::string version_;
  OrtEnv* environment_ = nullptr;  // lives as long as the program, as the library does
};

/// Never closed: its threads may outlive a static object.
const Library& library() {
  static const Library* const kLibrary = new Library;  // tried again after a failure
  return *kLibrary;
}

template <class Object>
using Owned = std::unique_ptr<Object, void (*)(Object*)>;

/// A network in the engine with an input to run it on.
class LoadedNetwork {
 public:
  LoadedNetwork(const ArchGraph& whole, const PassSettings& settings) {
    // As in LibTorch, where nothing behind a zero runs; the engine would multiply by it.
    const ArchGraph graph = simplified(whole);
    const TensorFile weights = initial_weights(graph);
    const OnnxModel model = to_onnx(graph, &weights, {.batch = settings.batch});
    const std::string bytes = format_onnx(model);
    OrtSessionOptions* made = nullptr;
    engine_.check(api_.create_session_options(&made));
    const Owned<OrtSessionOptions> options(made, api_.release_session_options);
    engine_.check(api_.set_intra_op_threads(options.get(), settings.threads));
    engine_.check(api_.set_inter_op_threads(options.get(), 1));
    OrtSession* session = nullptr;
    engine_.check(api_.create_session_from_array(engine_.environment(), bytes.data(), bytes.size(),
                                                 options.get(), &session));
    session_.reset(session);
    OrtMemoryInfo* memory = nullptr;
    engine_.check(api_.create_cpu_memory_info(kOrtArenaAllocator, kOrtDefaultMemory, &memory));
    memory_.reset(memory);
    for (const OnnxValueInfo& input : model.inputs) add_input(input);
    for (const OnnxValueInfo& output : model.outputs) output_names_.push_back(output.name);
  }

  /// One pass; what it computes is thrown away.
  void run() const {
    std::vector<const char*> names, wanted;
    std::vector<const OrtValue*> values;
    for (const Input& input : inputs_) {
      names.push_back(input.name.c_str());
      values.push_back(input.value.get());
    }
    for (const std::string& name : output_names_) wanted.push_back(name.c_str());
    std::vector<OrtValue*> results(wanted.size());
    engine_.check(api_.run(session_.get(), nullptr, names.data(), values.data(), names.size(),
                           wanted.data(), wanted.size(), results.data()));
    for (OrtValue* result : results) api_.release_value(result);
  }

 private:
  struct Input {
    std::string name;
    std::vector<char> bytes;
    Owned<OrtValue> value;
  };

  /// Grey images; indices are all the first.
  void add_input(const OnnxValueInfo& info) {
    std::vector<std::int64_t> dims;
    std::size_t elements = 1;
    for (const OnnxDim& dim : info.dims) {
      dims.push_back(dim.value);
      elements *= static_cast<std::size_t>(dim.value);
    }
    Input& input = inputs_.emplace_back(
        Input{info.name,
              std::vector<char>(elements * static_cast<std::size_t>(bytes_of(info.type))),
              {nullptr, api_.release_value}});
    if (info.type == OnnxType::kFloat) {
      std::fill_n(reinterpret_cast<float*>(input.bytes.data()), elements, 0.5F);
    }
    OrtValue* value = nullptr;
    engine_.check(api_.create_tensor_with_data(memory_.get(), input.bytes.data(),
                                               input.bytes.size(), dims.data(), dims.size(),
                                               static_cast<int>(info.type), &value));
    input.value.reset(value);
  }

  const Library& engine_ = library();
  const OrtApiTable& api_ = engine_.table();
  Owned<OrtMemoryInfo> memory_{nullptr, api_.release_memory_info};
  Owned<OrtSession> session_{nullptr, api_.release_session};
  std::vector<Input> inputs_;
  std::vector<std::string> output_names_;
};

/// With one thread the engine runs on the caller's. The threads that it makes itself cannot be
/// reached.
void on_calling_thread(int threads, const std::function<void(std::size_t)>& body) {
  if (threads == 1) body(0);
}

}  // namespace

std::string onnx_runtime() {
  return std::string(kOnnxRuntime) + " " + library().version();
}

HostTiming time_on_onnx_runtime(const ArchGraph& graph, const Device& device,
                                const TimingOptions& options) {
  const PassSettings settings = pass_settings(device, kOnnxRuntime);
  const LoadedNetwork network(graph, settings);
  const ThreadPins pins(settings.threads, on_calling_thread);
  HostTiming timing = time_engine([&] { network.run(); }, settings.threads, options);
  timing.pinned = pins.pinned() && settings.threads == 1;
  return timing;
}

}  // namespace nas
