#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/onnx/onnx_model.h"

namespace nas {

/// What a file may claim. Every claim is checked before memory is taken for it.
struct OnnxLimits {
  std::size_t file_bytes = std::size_t{1} << 31;   ///< protobuf's own limit
  std::size_t nodes = 250'000;                     ///< the largest of ONNX-Bench has 3,503
  std::size_t items = 4'000'000;                   ///< names, attributes, numbers of lists, in all
  std::size_t name_bytes = 4096;                   ///< of one name
  std::size_t text_bytes = std::size_t{16} << 20;  ///< of one value of metadata or string attribute
  std::size_t total_text_bytes = std::size_t{64} << 20;  ///< of all names and texts
  std::size_t rank = 16;
};

/// Reads the structure of a model; weights of large files stay there, so that a model of
/// 100 MB takes the memory of its nodes. External data are not opened, but a location
/// outside of the model's folder is refused. Throws Error(kIo) for a file that cannot be read,
/// Error(kData) in one line for one that is no ONNX model (a web page, an archive, cut off), that
/// exceeds a limit, or whose tensors claim other sizes than they have.
OnnxModel read_onnx(const std::filesystem::path& path, const OnnxLimits& limits = {});

/// The same of bytes; `source` names them in errors. `folder`: where external data may lie; "":
/// nowhere.
OnnxModel parse_onnx(std::string bytes, std::string_view source, std::string_view folder = "",
                     const OnnxLimits& limits = {});

/// All numbers of a constant, row-major. Opens external data. Throws Error(kData | kIo |
/// kUnsupported), naming the tensor: a type that is not real or integer, fewer numbers than its
/// shape has, external data that are missing, too short or outside of the model's folder.
std::vector<float> tensor_reals(const OnnxModel& model, const OnnxTensor& tensor);
std::vector<std::int64_t> tensor_ints(const OnnxModel& model, const OnnxTensor& tensor);

}  // namespace nas
