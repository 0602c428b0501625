#include "core/runtime/checkpoint.h"

#include "core/ir/forms/text_form.h"
#include "core/runtime/entries.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
namespace {

constexpr const char* kGraphKey = "searchlight.graph";

}  // namespace

void save_model(const Model& model, const std::filesystem::path& path,
                const std::map<std::string, std::string>& metadata) {
  TensorFile file = torch_table<RuntimeTorch>().read_weights(model.impl());
  file.metadata = metadata;
  file.metadata[kGraphKey] = to_text(model.graph());
  write_file_atomically(path, format_tensor_file(file));
}

void load_model(Model& model, const std::filesystem::path& path) {
  const TensorFile file = parse_tensor_file(read_file(path), path.string());
  torch_table<RuntimeTorch>().write_weights(model.impl(), file, path.string());
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
    torch_table<RuntimeTorch>().write_weights(model.impl(), file, path.string());
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
