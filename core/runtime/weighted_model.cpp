#include "core/runtime/weighted_model.h"

#include "core/runtime/entries.h"
#include "core/util/error.h"

namespace nas {

Model weighted_model(const ArchGraph& graph, const TensorFile& file, std::string_view name) {
  try {
    Model model(graph, RngKey{});
    torch_table<RuntimeTorch>().write_weights(model.impl(), file, std::string(name));
    return model;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kUsage || error.kind() == ErrorKind::kData) {
      throw Error(ErrorKind::kData, std::string(name) + ": " + error.what());
    }
    throw;
  }
}

}  // namespace nas
