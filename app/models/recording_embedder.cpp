#include "app/models/recording_embedder.h"

#include <map>
#include <string>

#include "app/models/model_recipe.h"
#include "core/data/audio/audio_file.h"
#include "core/data/audio/resample.h"
#include "core/problems/speaker.h"
#include "core/runtime/checkpoint.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/text.h"
#include "core/util/verification.h"

namespace nas {
namespace {

/// That of the recordings that the model was trained on.
int sample_rate_of(const std::filesystem::path& model) {
  if (const auto form = known_form(model, "onnx|tflite")) {
    throw Error(ErrorKind::kUsage, model.string() + ": a ." + *form +
                                       " file does not say how recordings are read; give the "
                                       ".safetensors file that training left");
  }
  const auto metadata = read_model_metadata(model);
  const auto problem = metadata.find("problem");
  const auto rate = metadata.find("data.sample_rate");
  const bool speakers = problem != metadata.end() && problem->second == speaker_problem.name;
  const auto value = rate == metadata.end() ? std::nullopt : parse_int(rate->second);
  if (!speakers || !value || *value < kLowestSampleRate || *value > kHighestSampleRate) {
    throw Error(ErrorKind::kUsage, model.string() +
                                       ": not a model of speakers; `nasctl arch train ... --data "
                                       "speakers:DIR` makes one");
  }
  return static_cast<int>(*value);
}

}  // namespace

RecordingEmbedder::RecordingEmbedder(const std::filesystem::path& model)
    : sample_rate_(sample_rate_of(model)),
      model_(open_model(model)),
      front_end_(std::make_unique<SpeechFrontEnd>(
          sample_rate_, speech_recipe(recipe_of_model(model, speaker_problem)))) {
  const ArchGraph& graph = model_.graph();
  const Shape& input = graph.output_types(graph.graph_inputs()[0])[0].shape;
  if (input != front_end_->shape()) {
    throw Error(ErrorKind::kData, model.string() + ": the network reads " + to_string(input) +
                                      ", its recipe makes " + to_string(front_end_->shape()));
  }
}

std::vector<float> RecordingEmbedder::embed(const std::filesystem::path& recording) {
  const Waveform waveform = resampled(read_audio_file(recording), sample_rate_);
  const auto pieces = static_cast<std::int64_t>(front_end_->test_pieces());
  std::vector<float> inputs(static_cast<std::size_t>(pieces * front_end_->shape().elements()));
  front_end_->test_pieces_of(to_int16(waveform.samples), inputs);
  const std::vector<float> outputs = model_.predict(inputs, pieces);
  return mean_direction(outputs, outputs.size() / static_cast<std::size_t>(pieces));
}

}  // namespace nas
