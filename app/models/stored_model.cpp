#include "app/models/stored_model.h"

#include <nlohmann/json.hpp>

#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kPrefix = "model:";

bool has_prefix(std::string_view word) {
  return word.starts_with(kPrefix);
}

std::string info_of(const FileNetwork& network) {
  const GraphCost cost = graph_cost(network.graph);
  const NodeId input = network.graph.graph_inputs().front();
  const nlohmann::json info = {{"source", network.path.filename().string()},
                               {"form", network.form},
                               {"input", to_string(network.graph.output_types(input)[0].shape)},
                               {"nodes", network.graph.size()},
                               {"params", cost.params},
                               {"macs", cost.macs}};
  return info.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Of the model of this name before it is replaced, else a name that no file has.
std::filesystem::path path_for(Session& session, const std::string& name) {
  if (session.store_exists()) {
    if (const auto row = session.reader().find_artifact(kStoredModel, name)) {
      return path_of_model(session, *row);
    }
  }
  return free_path(session.models_directory() / (name + ".safetensors"));
}

}  // namespace

bool is_network_word(std::string_view word) {
  return has_prefix(word) || is_network_file(word);
}

std::filesystem::path network_path(Session& session, std::string_view word) {
  if (!has_prefix(word)) return word;
  const ArtifactRow row = known_model(session, std::string(word.substr(kPrefix.size())));
  std::filesystem::path path = path_of_model(session, row);
  const std::string where = printable(word) + ": " + printable(path.string());
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw Error(ErrorKind::kIo, where + " is missing; restore it, or import the network again");
  }
  if (sha256_file(path) != row.sha256) {
    throw Error(ErrorKind::kData, where +
                                      " is not the file that the database knows (other SHA-256); "
                                      "restore it, or import the network again");
  }
  return path;
}

ArtifactRow keep_model(Session& session, const std::string& name, FileNetwork network,
                       bool replace) {
  check_plain_name(name, "model");
  const bool taken =
      session.store_exists() && session.reader().find_artifact(kStoredModel, name).has_value();
  if (taken && !replace) {
    throw Error(ErrorKind::kUsage, "the database has a model '" + name +
                                       "' already; give another --name, or replace it with "
                                       "--force");
  }
  ArtifactRow row;
  row.kind = kStoredModel;
  row.name = name;
  row.info = info_of(network);
  row.version = version_text();
  const std::string bytes = format_model_file(std::move(network));
  const std::filesystem::path path = path_for(session, name);
  make_directory(path.parent_path());
  write_file_atomically(path, bytes);
  row.path = session.kept_path(path);
  row.sha256 = sha256_hex(bytes);
  row.bytes = static_cast<std::int64_t>(bytes.size());
  return session.writer().put_artifact(row, {});
}

std::vector<ArtifactRow> stored_models(Session& session) {
  if (!session.store_exists()) return {};
  return session.reader().artifacts(kStoredModel);
}

ArtifactRow known_model(Session& session, const std::string& name) {
  std::vector<std::string> names;
  for (ArtifactRow& row : stored_models(session)) {
    if (row.name == name) return std::move(row);
    names.push_back(row.name);
  }
  throw Error(ErrorKind::kUsage,
              unknown_name("model", printable(name), names) +
                  (names.empty() ? "; nasctl arch import FILE.onnx --name NAME keeps one" : ""));
}

std::filesystem::path path_of_model(Session& session, const ArtifactRow& model) {
  return session.file_path(model.path);
}

void remove_model(Session& session, const std::string& name) {
  const ArtifactRow row = known_model(session, name);
  session.writer().remove_artifact(kStoredModel, name);
  std::error_code ignored;  // a file that is gone already is what was asked for
  std::filesystem::remove(path_of_model(session, row), ignored);
}

StoredModelFacts facts_of(const ArtifactRow& model) {
  try {
    const auto info = nlohmann::json::parse(model.info);
    return {.source = info.at("source"),
            .form = info.at("form"),
            .input = info.at("input"),
            .nodes = info.at("nodes"),
            .params = info.at("params"),
            .macs = info.at("macs")};
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::kData, "model '" + printable(model.name) +
                                      "' of the database says something else: " + error.what());
  }
}

std::filesystem::path model_of_trial(Session& session, const TrialRow& trial,
                                     std::string_view word) {
  std::filesystem::path found, changed;
  for (const ModelRow& model : session.reader().models(trial.architecture_id)) {
    std::error_code ignored;
    const std::filesystem::path path = session.file_path(model.path);
    if (model.trial_id != trial.id || !std::filesystem::exists(path, ignored)) continue;
    (sha256_file(path) == model.sha256 ? found : changed) = path;
  }
  if (!found.empty()) return found;
  if (!changed.empty()) {
    throw Error(ErrorKind::kData, printable(word) + ": " + printable(changed.string()) +
                                      " is not the file that the database knows (other SHA-256); "
                                      "restore it, or name it by its path to use it as it is");
  }
  throw Error(ErrorKind::kUsage,
              printable(word) +
                  ": the store knows no model of this trial whose file is there; train one with "
                  "`nasctl arch train " +
                  printable(word) + " --data KIND:DIR --output M.safetensors` and name that file");
}

}  // namespace nas
