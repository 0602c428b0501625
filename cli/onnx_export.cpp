#include "cli/onnx_export.h"

#include <filesystem>

#include "cli/model_argument.h"
#include "core/ir/same/digest.h"
#include "core/ir/same/simplify.h"
#include "core/onnx/export_graph.h"
#include "core/onnx/read_onnx.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

constexpr std::string_view kInitial = "initial", kNone = "none";

using Metadata = std::vector<std::pair<std::string, std::string>>;

/// The graph that is written with its weights.
struct Weighted {
  ArchGraph graph;
  std::optional<TensorFile> weights;
  Metadata metadata;
  std::string note;
};

std::string text_of(const Metadata& metadata, std::string_view key) {
  for (const auto& [name, value] : metadata) {
    if (name == key) return value;
  }
  return "";
}

/// Weights from a model file are of the network that the file holds: of the same architecture, in
/// the size in which it was trained.
Weighted with_model(const GivenNetwork& given, const std::filesystem::path& path) {
  FileNetwork model = read_network_file(path, true);
  const std::string architecture = text_of(model.metadata, "architecture");
  const bool same = given.named && !architecture.empty()
                        ? architecture == given.named->text &&
                              text_of(model.metadata, "space") == given.named->space->info().name
                        : digest(model.graph) == digest(given.graph);
  if (!same) {
    throw Error(ErrorKind::kUsage,
                "--weights " + printable(path.string()) + ": these are of " +
                    (architecture.empty() ? "another network" : printable(architecture)) +
                    ", not of " + printable(given.text));
  }
  Weighted result{std::move(model.graph), std::move(model.weights), std::move(model.metadata), ""};
  result.note = "weights of " + path.string();
  const std::string network = text_of(result.metadata, "network");
  if (!network.empty()) result.note += ", network: " + describe_task(network);
  return result;
}

Metadata own_metadata(const GivenNetwork& given) {
  if (given.file) return given.file->metadata;
  return {{"space", given.named->space->info().name},
          {"architecture", given.named->text},
          {"network", given.shown.text}};
}

/// Of a network with other weights than its file has: what a training said does not hold of them.
Metadata untrained_metadata(const GivenNetwork& given) {
  Metadata kept;
  for (const auto& [key, value] : own_metadata(given)) {
    if (key == "space" || key == "architecture" || key == "network") kept.emplace_back(key, value);
  }
  return kept;
}

Weighted weighted(const Arguments& arguments, Context& context, const GivenNetwork& given) {
  const std::string word =
      arguments.text_or("weights", given.file && has_weights(given.file->path) ? "" : kInitial);
  if (word.empty()) {
    return {given.graph, given.file->weights, own_metadata(given), "weights of " + given.text};
  }
  if (word == kNone) {
    return {given.graph, std::nullopt, untrained_metadata(given),
            "without weights: whoever runs the file must give them as inputs"};
  }
  if (word == kInitial) {
    return {given.graph, initial_weights(given.graph), untrained_metadata(given),
            "the weights are untrained; --weights names trained ones"};
  }
  if (!word.starts_with("trial:") && !is_network_word(word)) {
    throw Error(ErrorKind::kUsage, "--weights = " + printable(word) +
                                       ", expected initial, none, or " + std::string(kModelHelp));
  }
  return with_model(given, model_argument(arguments, context, word));
}

}  // namespace

std::vector<OptionSpec> onnx_options() {
  return {{.name = "weights",
           .value = "WHICH",
           .help = "of an ONNX file: those of a model (FILE.safetensors, FILE.onnx, model:NAME, or "
                   "trial:STUDY/N with a stored one), `initial` (untrained), or `none` (default: "
                   "the file's own, else initial)",
           .completes = "file"},
          {.name = "opset",
           .value = "N",
           .help = "version of the ONNX operators, 7 to 21",
           .standard = std::to_string(OnnxChoice{}.opset)},
          {.name = "dynamic-batch", .value = "", .help = "leave the batch of an ONNX file open"},
          {.name = "fold-batch-norm",
           .value = "",
           .help = "fold batch normalisations into the layers before them"}};
}

std::string onnx_content(const Arguments& arguments, Context& context, const GivenNetwork& given) {
  OnnxChoice choice;
  choice.opset = static_cast<int>(arguments.whole("opset", kFirstOnnxOpset, kLastOnnxOpset));
  choice.dynamic_batch = arguments.has("dynamic-batch");
  choice.fold_batch_norm = arguments.has("fold-batch-norm");
  choice.simplified = arguments.has("simplified");
  const Weighted network = weighted(arguments, context, given);
  choice.metadata = onnx_metadata(network.metadata);
  const TensorFile* weights = network.weights ? &*network.weights : nullptr;
  std::string content = format_onnx_file(network.graph, weights, choice);
  context.note(network.note);
  return content;
}

std::string network_text_content(const Arguments& arguments, const GivenNetwork& given) {
  const NetworkText mode = network_text_mode(arguments.value("text-mode"));
  const bool simpler = arguments.has("simplified");
  if (!simpler && given.file && known_form(given.file->path, "onnx")) {
    return network_text(read_onnx(given.file->path), mode) + "\n";
  }
  return network_text(simpler ? simplified(given.graph) : given.graph, mode) + "\n";
}

}  // namespace nas::cli
