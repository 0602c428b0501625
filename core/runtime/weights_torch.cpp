#include <set>

#include "core/runtime/entries_torch.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/tensor_store_torch.h"
#include "core/util/text.h"

namespace nas::on_torch {

TensorFile read_weights(const ModelImpl& model) {
  TensorFile file;
  for (NodeId node = 0; node < model.graph.size(); ++node) {
    std::size_t index = 0;
    const ParamList params = model.graph.params(node);
    for (const ParamSpec& spec : params) {
      file.tensors[model.graph.path(node) + "." + std::string(spec.name)] =
          store_tensor(model.tensors[node][index++]);
    }
  }
  return file;
}

void write_weights(ModelImpl& model, const TensorFile& file, const std::string& name) {
  std::set<std::string> known;
  // Shapes are checked before the first value changes: a file that does not fit leaves the model
  // alone.
  model.visit([&](const std::string& path, at::Tensor& tensor, const ParamSpec&) {
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
  model.visit([&](const std::string& path, at::Tensor& tensor, const ParamSpec&) {
    restore_tensor(file, name, path, tensor);
  });
}

}  // namespace nas::on_torch
