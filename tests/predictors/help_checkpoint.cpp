#include "tests/predictors/help_checkpoint.h"

#include <cstring>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/util/file.h"

namespace nas::test {

HelpTensors help_checkpoint(const std::filesystem::path& folder, const std::string& space) {
  using Json = nlohmann::json;
  const Json manifest = Json::parse(read_file(folder / (space + "_manifest.json")));
  const std::string bytes = read_file(folder / (space + "_weights_f32le.bin"));
  HelpTensors tensors;
  for (const Json& entry : manifest.at("tensors")) {
    const std::string name =
        entry.at("group").get<std::string>() + "/" + entry.at("name").get<std::string>();
    std::vector<float> values(entry.at("count").get<std::size_t>());
    std::memcpy(values.data(), bytes.data() + entry.at("offset_bytes").get<std::size_t>(),
                values.size() * sizeof(float));
    tensors[name] = {
        name, entry.at("shape").get<std::vector<std::int64_t>>(), {values.begin(), values.end()}};
  }
  return tensors;
}

}  // namespace nas::test
