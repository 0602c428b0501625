#include "app/deploy/network_program.h"

#include <algorithm>

#include "app/models/int8_network.h"
#include "app/models/model_recipe.h"
#include "app/models/network_file.h"
#include "core/int8/executor.h"
#include "core/int8/sample_input.h"
#include "core/tflite/import_program.h"
#include "core/tflite/read_tflite.h"
#include "core/util/error.h"
#include "core/util/file_form.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Test vectors of real data: enough to see a wrong layout, few enough to flash.
constexpr std::size_t kSamples = 2;

bool is_int8_model(const TfliteModel& model) {
  return !model.inputs.empty() && std::ranges::all_of(model.inputs, [&](std::int32_t input) {
    return model.tensors[static_cast<std::size_t>(input)].type == TfliteType::kInt8;
  });
}

/// The first test samples, as the program reads them.
std::vector<std::string> first_samples(const MicroProgram& program, const Problem& problem,
                                       const Recipe& recipe) {
  std::vector<std::uint32_t> chosen = all_samples(problem, Part::kTest);
  chosen.resize(std::min(chosen.size(), kSamples));
  const auto source = problem.batches(Part::kTest, chosen, recipe, {.batch = 1});
  source->start_epoch(0);
  const Shape shape = problem.poses(recipe).input;
  MicroExecutor executor(program);
  const int input = program.inputs.at(0);
  std::vector<std::string> samples;
  Batch batch;
  while (samples.size() < kSamples && source->next(batch)) {
    const auto width = static_cast<std::size_t>(shape.elements());
    const std::span<const float> first = std::span<const float>(batch.inputs).first(width);
    executor.set_input(
        0, as_program_input(first, shape, program.tensors[static_cast<std::size_t>(input)]));
    const auto bytes = executor.bytes(input);
    samples.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return samples;
}

}  // namespace

std::optional<NetworkProgram> int8_file(const std::filesystem::path& file) {
  if (!known_form(file, "tflite")) return std::nullopt;
  const TfliteModel model = read_tflite(file);
  if (!is_int8_model(model)) return std::nullopt;
  NetworkProgram result{.program = to_program(model)};
  result.notes.push_back("the scales are those of " + file.string() +
                         "; nothing was calibrated here");
  return result;
}

NetworkProgram quantised_file(const std::filesystem::path& file,
                              const std::optional<CalibrationData>& data,
                              const QuantisationOptions& options) {
  if (!data) {
    throw Error(ErrorKind::kUsage,
                printable(file.string()) +
                    ": its numbers are real; --data KIND:DIR names the data whose samples say how "
                    "large they become");
  }
  const FileNetwork network = read_network_file(file, true);
  const Recipe recipe = recipe_of_model(file, data->kind, {});
  QuantisedNetwork made =
      quantised_network(network.graph, network.weights, *data->problem, recipe, options);
  NetworkProgram result{.program = std::move(made.program)};
  result.notes = std::move(made.notes);
  result.samples = first_samples(result.program, *data->problem, recipe);
  return result;
}

}  // namespace nas
