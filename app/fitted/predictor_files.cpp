#include "app/fitted/predictor_files.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/nesting.h"
#include "core/util/safetensors.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr int kVersion = 1;

std::string bytes_of(const std::vector<double>& values) {
  static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");
  std::string bytes(values.size() * sizeof(double), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<double> values_of(const StoredTensor& tensor, const std::string& name) {
  if (tensor.dtype != "F64") {
    throw Error(ErrorKind::kData, "tensor '" + name + "' is " + tensor.dtype + ", expected F64");
  }
  std::vector<double> values(tensor.bytes.size() / sizeof(double));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(double));
  return values;
}

nlohmann::json to_json(const PredictorFile& file, const std::string& sha256) {
  return {{"searchlight_predictor", kVersion},
          {"name", file.name},
          {"plugin", file.plugin.name},
          {"options", file.plugin.options},
          {"space", file.space},
          {"space_version", file.space_version},
          {"benchmark", file.benchmark},
          {"target", file.target},
          {"features", file.features},
          {"train", file.train},
          {"seen", file.seen},
          {"seed", file.seed},
          {"tensors_sha256", sha256},
          {"state", file.state.text}};
}

PredictorFile from_json(const nlohmann::json& json, const std::string& sha256) {
  if (json.at("searchlight_predictor").get<int>() != kVersion) {
    throw Error(ErrorKind::kData, "is of another version of this format");
  }
  if (json.at("tensors_sha256").get<std::string>() != sha256) {
    throw Error(ErrorKind::kData, "belongs to other tensors than those beside it; fit it again");
  }
  PredictorFile file;
  file.name = json.at("name").get<std::string>();
  file.plugin = {json.at("plugin").get<std::string>(), json.at("options").get<OptionMap>()};
  file.space = json.at("space").get<std::string>();
  file.space_version = json.at("space_version").get<std::string>();
  file.benchmark = json.at("benchmark").get<std::string>();
  file.target = json.at("target").get<std::string>();
  file.features = json.at("features").get<std::vector<std::string>>();
  file.train = json.at("train").get<std::size_t>();
  file.seen = json.value("seen", file.train);  // files before 2026-12 lack it
  file.seed = json.at("seed").get<std::uint64_t>();
  file.state.text = json.at("state").get<std::string>();
  return file;
}

}  // namespace

void check_predictor_name(const std::string& name) {
  check_plain_name(name, "predictor");
}

std::string write_predictor(const std::filesystem::path& path, const PredictorFile& file) {
  std::error_code code;
  std::filesystem::create_directories(path.parent_path(), code);
  if (code) {
    throw Error(ErrorKind::kIo,
                "cannot create " + path.parent_path().string() + ": " + code.message());
  }
  TensorFile tensors;
  tensors.metadata["predictor"] = file.name;
  for (const PredictorTensor& tensor : file.state.tensors) {
    tensors.tensors[tensor.name] = {"F64", tensor.shape, bytes_of(tensor.data)};
  }
  const std::string bytes = format_tensor_file(tensors);
  const std::string sha256 = sha256_hex(bytes);
  write_file_atomically(path, bytes);
  std::filesystem::path text = path;
  text.replace_extension(".json");
  write_file_atomically(text, to_json(file, sha256).dump(1) + "\n");
  return sha256;
}

PredictorFile read_predictor(const std::filesystem::path& tensors, const std::string& sha256) {
  const std::string bytes = read_file(tensors);
  if (sha256_hex(bytes) != sha256) {
    throw Error(ErrorKind::kData, tensors.string() +
                                      ": is not the file that the database knows (other SHA-256); "
                                      "restore it, or fit the predictor again");
  }
  std::filesystem::path text = tensors;
  text.replace_extension(".json");
  PredictorFile file;
  try {
    const std::string json = read_file(text);
    check_json_nesting(json, "its description");
    file = from_json(nlohmann::json::parse(json), sha256);
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::kData, text.string() + ": is damaged; fit the predictor again");
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    throw error.with_context(text.string());
  }
  for (const auto& [name, tensor] : parse_tensor_file(bytes, tensors.string()).tensors) {
    file.state.tensors.push_back({name, tensor.shape, values_of(tensor, name)});
  }
  return file;
}

}  // namespace nas
