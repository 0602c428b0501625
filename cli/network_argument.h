#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/models/stored_model.h"
#include "cli/architecture_argument.h"

namespace nas::cli {

/// What ARCHITECTURE may be where a network of no space will do as well, for help.
inline const std::string kNetworkHelp =
    std::string(kArchitectureWords) +
    "; or a network of no space: FILE.onnx, FILE.tflite, FILE.graph, a model FILE.safetensors, or "
    "model:NAME (nasctl model list)";

/// A network named on the command line.
struct GivenNetwork {
  std::optional<NamedArchitecture> named;  ///< of a space
  std::optional<FileNetwork> file;         ///< of a file
  std::string text;                        ///< canonical notation, the file, or model:NAME
  ShownNetwork shown;
  ArchGraph graph;
};

/// Reads `kNetworkHelp`. Options that choose a space or another network have no effect on a file
/// and are refused. Throws Error(kUsage), and as `read_network_file`.
GivenNetwork given_network(const Arguments& arguments, Context& context, std::string_view word,
                           bool with_weights = false);

/// The graph; of a trial that is a circuit with the angles of its fit, by its study's recipe.
ArchGraph with_fitted_angles(Context& context, const GivenNetwork& given);

/// Throws Error(kUsage) for options that choose a space or another network: `word` is a network by
/// itself.
void refuse_network_options(const Arguments& arguments, std::string_view word);

}  // namespace nas::cli
