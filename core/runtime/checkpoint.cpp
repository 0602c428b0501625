#include "core/runtime/checkpoint.h"

#include "core/ir/forms/text_form.h"
#include "core/runtime/entries.h"
#include "core/runtime/weighted_model.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
TensorFile model_weights(const Model& model) {
  return torch_table<RuntimeTorch>().read_weights(model.impl());
}

void save_model(const Model& model, const std::filesystem::path& path,
                const std::map<std::string, std::string>& metadata) {
  TensorFile file = model_weights(model);
  file.metadata = metadata;
  file.metadata[std::string(kGraphKey)] = to_text(model.graph());
  write_file_atomically(path, format_tensor_file(file));
}

void load_model(Model& model, const std::filesystem::path& path) {
  const TensorFile file = parse_tensor_file(read_file(path), path.string());
  torch_table<RuntimeTorch>().write_weights(model.impl(), file, path.string());
}

ArchGraph stored_graph(const TensorFile& file, std::string_view name) {
  const auto text = file.metadata.find(std::string(kGraphKey));
  if (text == file.metadata.end()) {
    throw Error(ErrorKind::kData, std::string(name) +
                                      ": the file holds no graph; it was not written by "
                                      "Searchlight");
  }
  try {
    return parse_graph(text->second);
  } catch (const Error& error) {
    throw Error(ErrorKind::kData, std::string(name) + ": " + error.what());
  }
}

Model open_model(const std::filesystem::path& path) {
  const TensorFile file = parse_tensor_file(read_file(path), path.string());
  return weighted_model(stored_graph(file, path.string()), file, path.string());
}

std::map<std::string, std::string> read_model_metadata(const std::filesystem::path& path) {
  return parse_tensor_metadata(read_file(path), path.string());
}

}  // namespace nas
