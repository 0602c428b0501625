#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "core/runtime/model.h"
#include "core/util/safetensors.h"

namespace nas {

/// Writes weights and buffers as safetensors, names = ArchGraph::path + "." + ParamSpec::name;
/// metadata holds the graph's text form, so that a file can be opened alone. Atomic.
void save_model(const Model& model, const std::filesystem::path& path,
                const std::map<std::string, std::string>& metadata = {});

/// The tensors of a model by the same names.
TensorFile model_weights(const Model& model);

/// Reads weights into a model of the same graph. Executes nothing. Throws Error(kData) in one line
/// for a damaged file (header length, overlap, hole, dtype, shape, missing or extra tensor) and for
/// pickles.
void load_model(Model& model, const std::filesystem::path& path);

/// Rebuilds graph and weights from the file alone.
Model open_model(const std::filesystem::path& path);

/// The metadata of a model file that holds its graph's text form.
inline constexpr std::string_view kGraphKey = "searchlight.graph";

/// The graph of a model file; loads no LibTorch. Throws Error(kData), naming the file `name`, where
/// it holds none.
ArchGraph stored_graph(const TensorFile& file, std::string_view name);

std::map<std::string, std::string> read_model_metadata(const std::filesystem::path& path);

}  // namespace nas
