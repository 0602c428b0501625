#include "app/models/image_classifier.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "core/api/recipe.h"
#include "core/data/image_file.h"
#include "core/data/orientation.h"
#include "core/problems/images.h"
#include "core/runtime/weighted_model.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string text_of(const FileNetwork& network, const std::string& wanted) {
  for (const auto& [key, value] : network.metadata) {
    if (key == wanted) return value;
  }
  return "";
}

[[noreturn]] void refuse(const FileNetwork& network, const std::string& why) {
  throw Error(ErrorKind::kUsage,
              printable(network.path.string()) + ": not a classifier of images: " + why);
}

/// The size of the images that a network reads.
Shape image_shape(const FileNetwork& network) {
  const std::string problem = text_of(network, "problem");
  if (!problem.empty() && problem != images_problem.name) {
    refuse(network, "it was trained for the problem '" + printable(problem) + "'");
  }
  const ArchGraph& graph = network.graph;
  if (graph.graph_inputs().size() != 1) {
    refuse(network, "it has " + counted(std::ssize(graph.graph_inputs()), "input"));
  }
  const Shape& shape = graph.output_types(graph.graph_inputs()[0])[0].shape;
  if (shape.rank() != 3 || (shape[0] != 1 && shape[0] != 3)) {
    refuse(network, "it reads " + to_string(shape) + ", and an image is [1 or 3, height, width]");
  }
  return shape;
}

std::size_t class_count(const FileNetwork& network) {
  const GraphOutput& output = network.graph.graph_outputs()[0];
  const Shape& shape = network.graph.type(output.value).shape;
  if (shape.rank() == 1 && shape[0] >= 2) return static_cast<std::size_t>(shape[0]);
  refuse(network, "its output '" + printable(output.name) + "' is " + to_string(shape) +
                      ", and classes are a vector of at least two scores");
}

/// Mean and deviation of the training images, as `ImagesProblem` states them of its data; nullopt
/// where the model does not say them.
std::optional<PixelScale> stated_scale(const FileNetwork& network, std::size_t channels) {
  const Fidelity fidelity = parse_fidelity(text_of(network, "fidelity"));
  const auto own = fidelity.options.find("normalisation");
  if (own != fidelity.options.end() && own->second == "half") return PixelScale{{0.5F}, {0.5F}};
  PixelScale scale;
  for (std::size_t c = 0; c < channels; ++c) {
    const std::string key = "data.channel_" + std::to_string(c);
    const auto mean = parse_double(text_of(network, key + "_mean"));
    const auto deviation = parse_double(text_of(network, key + "_deviation"));
    if (!mean || !deviation || !(*deviation > 0)) return std::nullopt;
    scale.mean.push_back(static_cast<float>(*mean));
    scale.deviation.push_back(static_cast<float>(*deviation));
  }
  return scale;
}

/// One number for each channel.
std::vector<float> spread(const std::vector<float>& numbers, std::size_t channels,
                          std::string_view what) {
  if (numbers.size() == channels) return numbers;
  if (numbers.size() == 1) return std::vector<float>(channels, numbers.front());
  throw Error(ErrorKind::kUsage,
              std::string(what) + " has " + counted(std::ssize(numbers), "number") +
                  ", the network reads " + counted(static_cast<std::int64_t>(channels), "channel"));
}

ImageWriter make_scaling(const FileNetwork& network, const Shape& input,
                         const ClassifierOptions& options) {
  const auto channels = static_cast<std::size_t>(input[0]);
  const auto scale = options.scale ? options.scale : stated_scale(network, channels);
  if (!scale) {
    throw Error(ErrorKind::kUsage,
                printable(network.path.string()) +
                    " does not say how its images are normalised; say it with --mean and "
                    "--deviation of pixels in 0 to 1 (ImageNet: 0.485,0.456,0.406 and "
                    "0.229,0.224,0.225; as they are: 0 and 1)");
  }
  return ImageWriter(input, spread(scale->mean, channels, "the mean"),
                     spread(scale->deviation, channels, "the deviation"), 0);
}

std::vector<std::string> class_names(const FileNetwork& network, std::size_t classes,
                                     const ClassifierOptions& options) {
  if (!options.classes.empty()) {
    if (options.classes.size() == classes) return options.classes;
    throw Error(ErrorKind::kUsage, counted(std::ssize(options.classes), "name") +
                                       " of classes, the network has " + std::to_string(classes) +
                                       " classes");
  }
  std::vector<std::string> names = split(text_of(network, "classes"), '\n');
  return names.size() == classes ? names : std::vector<std::string>();
}

/// Networks of others often end in a softmax of their own.
bool are_probabilities(std::span<const float> outputs) {
  constexpr double kRounding = 1e-3;
  double sum = 0;
  for (const float value : outputs) {
    if (!(value >= 0)) return false;
    sum += value;
  }
  return std::abs(sum - 1) < kRounding;
}

std::vector<double> probabilities(std::span<const float> outputs) {
  std::vector<double> values(outputs.begin(), outputs.end());
  if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) {
    throw Error(ErrorKind::kData, "the network's outputs are not finite numbers");
  }
  if (are_probabilities(outputs)) return values;
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double& value : values) {
    value = std::exp(value - largest);
    sum += value;
  }
  for (double& value : values) value /= sum;
  return values;
}

/// The picture with as many channels as the network reads: grey becomes colour.
void fit_channels(DecodedImage& image, std::size_t channels, const std::filesystem::path& path) {
  if (image.channels > channels) {
    throw Error(ErrorKind::kData,
                printable(path.string()) + ": the image is in colour, the network reads grey ones");
  }
  const std::vector<std::uint8_t> grey = image.pixels;
  for (; image.channels < channels; ++image.channels) {
    image.pixels.insert(image.pixels.end(), grey.begin(), grey.end());
  }
}

std::string size_text(std::size_t width, std::size_t height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

/// The picture in the size that the network reads.
DecodedImage fitted(const std::filesystem::path& path, const Shape& input, bool resize) {
  DecodedImage image = read_image_file(path);
  const auto height = static_cast<std::size_t>(input[1]);
  const auto width = static_cast<std::size_t>(input[2]);
  if (image.height == height && image.width == width) return image;
  const std::string sizes = printable(path.string()) + ": the image is " +
                            size_text(image.width, image.height) + ", the network reads " +
                            size_text(width, height);
  if (!resize) throw Error(ErrorKind::kData, sizes + "; --resize scales it");
  if (height != width) {
    throw Error(ErrorKind::kUnsupported, sizes + ", and images are scaled to squares only");
  }
  return resized(image, width);
}

}  // namespace

ImageClassifier::ImageClassifier(const std::filesystem::path& model,
                                 const ClassifierOptions& options)
    : ImageClassifier(read_network_file(model, true), options) {}

ImageClassifier::ImageClassifier(const FileNetwork& network, const ClassifierOptions& options)
    : input_(image_shape(network)),
      classes_(class_count(network)),
      names_(class_names(network, classes_, options)),
      resize_(options.resize),
      scaling_(make_scaling(network, input_, options)),
      model_(weighted_model(network.graph, network.weights, network.path.string())) {}

std::vector<ClassForecast> ImageClassifier::classify(const std::filesystem::path& path) {
  DecodedImage image = fitted(path, input_, resize_);
  fit_channels(image, static_cast<std::size_t>(input_[0]), path);
  std::vector<float> inputs(static_cast<std::size_t>(input_.elements()));
  scaling_.write(image.pixels, {}, inputs.data());
  const std::vector<double> values = probabilities(model_.predict(inputs, 1));
  std::vector<ClassForecast> forecasts(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    forecasts[i] = {i, names_.empty() ? "" : names_[i], values[i]};
  }
  std::ranges::stable_sort(forecasts, std::greater(), &ClassForecast::probability);
  return forecasts;
}

}  // namespace nas
