#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/models/network_file.h"
#include "app/session/session.h"

namespace nas {

// A network of no space becomes a citizen of the database under a name: an artifact whose file, a
// model file, lies in models/ beside the database. "model:NAME" means it wherever a network is
// asked for.

inline constexpr std::string_view kStoredModel = "model";  ///< the kind of its artifact

/// Whether a word names a network that belongs to no space: a file (`is_network_file`) or
/// "model:NAME".
bool is_network_word(std::string_view word);

/// The file of what `is_network_word` accepts. Throws Error(kUsage) with the near miss for an
/// unknown name, Error(kIo | kData) where the file is missing or was changed.
std::filesystem::path network_path(Session& session, std::string_view word);

/// Writes the network as a model file and keeps it under `name`; its source and its sizes are the
/// row's information. Throws Error(kUsage) for a name that is no plain name, or that is taken
/// (unless `replace`).
ArtifactRow keep_model(Session& session, const std::string& name, FileNetwork network,
                       bool replace);

std::vector<ArtifactRow> stored_models(Session& session);  ///< by name
/// Throws Error(kUsage) with the near miss for an unknown name.
ArtifactRow known_model(Session& session, const std::string& name);
std::filesystem::path path_of_model(Session& session, const ArtifactRow& model);

/// Removes the row and its file. Throws as `known_model`.
void remove_model(Session& session, const std::string& name);

/// What a row says of its network.
struct StoredModelFacts {
  std::string source;  ///< the file that it was imported from
  std::string form;    ///< "ONNX, opset 13"
  std::string input;   ///< "[3, 32, 32]"
  std::int64_t nodes = 0;
  std::int64_t params = 0;
  std::int64_t macs = 0;
};
/// Throws Error(kData) for a row that says something else.
StoredModelFacts facts_of(const ArtifactRow& model);

/// The model file of a trial that was trained to the end, the latest that is still there. Throws
/// Error(kUsage) that calls the trial `word`, where there is none.
std::filesystem::path model_of_trial(Session& session, const TrialRow& trial,
                                     std::string_view word);

}  // namespace nas
