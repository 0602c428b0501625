#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ir/arch_graph.h"
#include "core/runtime/model.h"
#include "core/util/safetensors.h"

namespace nas {

/// A network that a file holds: it is of no space, or of one that only its metadata name.
struct FileNetwork {
  std::filesystem::path path;
  ArchGraph graph;
  TensorFile weights{};  ///< tensors only where asked for; F32, named as in a model file
  std::vector<std::pair<std::string, std::string>> metadata{};  ///< texts, without the graph
  std::string form;        ///< "ONNX, opset 13", "model file", "TensorFlow Lite, int8"
  std::int64_t batch = 0;  ///< that an ONNX or .tflite file fixes; 0 = none
};

/// Whether a word names a file that holds a network, by its ending: .onnx, .tflite, .safetensors,
/// .qasm or .graph, the text form of a graph.
bool is_network_file(std::string_view word);
std::vector<std::string_view> network_file_endings();  ///< without the dot
/// Whether such a file holds weights as well: .graph has none, .qasm has angles in its network.
bool has_weights(const std::filesystem::path& network_file);

/// Throws Error(kIo | kData | kUnsupported), naming the file and, of an ONNX or .tflite file, all
/// operators that cannot be read (core/onnx/import_graph.h, core/tflite/import_graph.h).
FileNetwork read_network_file(const std::filesystem::path& path, bool with_weights);

/// One line for people: "network of m.onnx (ONNX, opset 13): input [3, 32, 32], logits [10]".
std::string network_heading(std::string_view name, const FileNetwork& network);

/// What the file says of itself, without its network.
std::map<std::string, std::string> network_metadata(const std::filesystem::path& path);

/// Throws Error(kUsage) for a network of a form without weights that has parameters.
void require_weights(const FileNetwork& network);

/// The network with its weights, ready to run. Throws Error(kUsage) for a circuit, and as
/// `require_weights` does.
Model open_network(const std::filesystem::path& path);
Model open_network(const FileNetwork& network);  ///< that was read with its weights

/// The content of a model file, which `open_model` (core/runtime/checkpoint.h) reads.
std::string format_model_file(const ArchGraph& graph, TensorFile weights);
/// The same of a network that was read with its weights, with what its file says of itself.
std::string format_model_file(FileNetwork network);

struct OnnxChoice {
  int opset = 17;
  bool dynamic_batch = false;
  bool fold_batch_norm = false;
  bool simplified = false;  ///< without dead operations, identities and zero branches
  std::vector<std::pair<std::string, std::string>> metadata{};
};

/// The content of an ONNX file. `weights`: null = only declared, as inputs of the network. Throws
/// as `to_onnx` (core/onnx/export_graph.h), and Error(kUsage) for folding without weights.
std::string format_onnx_file(const ArchGraph& graph, const TensorFile* weights,
                             const OnnxChoice& choice);

/// Metadata of a model for an ONNX file: "accuracy" first, where it is known, as ONNX-Bench has it.
std::vector<std::pair<std::string, std::string>> onnx_metadata(
    const std::vector<std::pair<std::string, std::string>>& metadata);

}  // namespace nas
