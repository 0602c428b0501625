#include "core/onnx/external_data.h"

#include <algorithm>
#include <filesystem>

#include "core/util/error.h"
#include "core/util/random_access_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 30;

[[noreturn]] void fail(const OnnxTensor& tensor, const std::string& what) {
  throw Error(ErrorKind::kData,
              "external data of tensor '" + printable(tensor.name) + "': " + what);
}

fs::path external_path(const OnnxModel& model, const OnnxTensor& tensor) {
  if (model.folder.empty()) fail(tensor, "the model is no file, so there is no folder for them");
  if (tensor.location.empty()) fail(tensor, "no location is given");
  const std::string shown = "'" + printable(tensor.location) + "'";
  const fs::path location(tensor.location);
  if (location.is_absolute() || tensor.location.find('\0') != std::string::npos) {
    fail(tensor, shown + " is not a path inside the model's folder");
  }
  std::error_code error;
  const fs::path folder = fs::canonical(model.folder, error);
  if (error) fail(tensor, "the model's folder cannot be read: " + error.message());
  const fs::path path = fs::weakly_canonical(folder / location, error);
  if (error) fail(tensor, shown + " cannot be resolved: " + error.message());
  const auto [in_folder, rest] =
      std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  if (in_folder != folder.end() || rest == path.end()) {
    fail(tensor, shown + " leads out of the model's folder");
  }
  return path;
}

}  // namespace

void check_external_location(const OnnxModel& model, const OnnxTensor& tensor) {
  external_path(model, tensor);
}

std::string stored_elsewhere(const OnnxModel& model, const OnnxTensor& tensor) {
  const auto offset = static_cast<std::uint64_t>(tensor.offset);
  if (tensor.place == OnnxTensor::Place::kInFile) {
    return model.file->read(offset, static_cast<std::uint64_t>(tensor.length));
  }
  const RandomAccessFile file(external_path(model, tensor), kMostBytes);
  const auto size = static_cast<std::int64_t>(file.size());
  const std::int64_t needed = bytes_of(tensor.type) * tensor.elements();
  const std::int64_t length = tensor.length >= 0 ? tensor.length : size - tensor.offset;
  if (tensor.offset > size || length > size - tensor.offset) {
    fail(tensor, std::to_string(std::max<std::int64_t>(length, 0)) + " bytes from " +
                     std::to_string(tensor.offset) + " on are not in " +
                     printable(tensor.location) + ", which has " + std::to_string(size));
  }
  if (length != needed) {
    fail(tensor,
         std::to_string(length) + " bytes, its shape and type take " + std::to_string(needed));
  }
  return file.read(offset, static_cast<std::uint64_t>(length));
}

}  // namespace nas
