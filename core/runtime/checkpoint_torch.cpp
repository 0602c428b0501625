#include <set>

#include "core/ir/forms/text_form.h"
#include "core/runtime/checkpoint.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/tensor_store_torch.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr const char* kGraphKey = "searchlight.graph";

void load_tensors(Model& model, const TensorFile& file, const std::string& name) {
  std::set<std::string> known;
  // Shapes are checked before the first value changes: a file that does not fit leaves the model
  // alone.
  model.impl().visit([&](const std::string& path, at::Tensor& tensor, const ParamSpec&) {
    at::Tensor scratch = at::Tensor(tensor).detach().clone();
    restore_tensor(file, name, path, scratch);
    known.insert(path);
  });
  for (const auto& [path, tensor] : file.tensors) {
    if (!known.contains(path)) {
      throw Error(ErrorKind::kData,
                  name + ": tensor '" + printable(path) + "' is not part of the network");
    }
  }
  model.impl().visit([&](const std::string& path, at::Tensor& tensor, const ParamSpec&) {
    restore_tensor(file, name, path, tensor);
  });
}

}  // namespace

void save_model(const Model& model, const std::filesystem::path& path,
                const std::map<std::string, std::string>& metadata) {
  TensorFile file;
  file.metadata = metadata;
  file.metadata[kGraphKey] = to_text(model.graph());
  const ModelImpl& impl = model.impl();
  for (NodeId node = 0; node < impl.graph.size(); ++node) {
    std::size_t index = 0;
    const ParamList params = impl.graph.params(node);
    for (const ParamSpec& spec : params) {
      file.tensors[impl.graph.path(node) + "." + std::string(spec.name)] =
          store_tensor(impl.tensors[node][index++]);
    }
  }
  write_file_atomically(path, format_tensor_file(file));
}

void load_model(Model& model, const std::filesystem::path& path) {
  load_tensors(model, parse_tensor_file(read_file(path), path.string()), path.string());
}

Model open_model(const std::filesystem::path& path) {
  const TensorFile file = parse_tensor_file(read_file(path), path.string());
  const auto text = file.metadata.find(kGraphKey);
  if (text == file.metadata.end()) {
    throw Error(ErrorKind::kData,
                path.string() + ": the file holds no graph; it was not written by Searchlight");
  }
  try {
    Model model(parse_graph(text->second), RngKey{});
    load_tensors(model, file, path.string());
    return model;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage || error.kind() == ErrorKind::kData) {
      throw Error(ErrorKind::kData, path.string() + ": " + error.what());
    }
    throw;
  }
}

std::map<std::string, std::string> read_model_metadata(const std::filesystem::path& path) {
  return parse_tensor_metadata(read_file(path), path.string());
}

}  // namespace nas
