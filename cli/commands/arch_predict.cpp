#include <algorithm>
#include <cmath>

#include "app/models/image_classifier.h"
#include "app/presentation/table.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/model_argument.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas::cli {
namespace {

/// "0.485,0.456,0.406" of --mean or --deviation.
std::vector<float> channel_numbers(const Arguments& arguments, const char* option, bool positive) {
  std::vector<float> numbers;
  for (const std::string& part : split(*arguments.text(option), ',')) {
    const auto number = parse_double(trim(part));
    if (!number || !(std::abs(*number) <= 1e6) || (positive && !(*number > 0))) {
      throw Error(ErrorKind::kUsage, std::string("--") + option + " = " +
                                         printable(*arguments.text(option)) + ", expected " +
                                         (positive ? "positive numbers" : "numbers") +
                                         ", one for each channel or one for all");
    }
    numbers.push_back(static_cast<float>(*number));
  }
  return numbers;
}

/// The lines of a file of names; blank ones at its end do not count.
std::vector<std::string> names_in(const std::string& file) {
  constexpr std::size_t kMostBytes = 16 << 20;
  std::vector<std::string> names = split(read_file(file, kMostBytes), '\n');
  for (std::string& name : names) name = trim(name);
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (names.empty()) throw Error(ErrorKind::kData, printable(file) + ": holds no names");
  return names;
}

ClassifierOptions classifier_options(const Arguments& arguments) {
  ClassifierOptions options;
  if (arguments.has("mean")) {
    options.scale = PixelScale{channel_numbers(arguments, "mean", false),
                               channel_numbers(arguments, "deviation", true)};
  }
  if (const auto file = arguments.text("names")) options.classes = names_in(*file);
  options.resize = arguments.has("resize");
  return options;
}

int run_predict(const Arguments& arguments, Context& context) {
  constexpr std::int64_t kMostClasses = 1 << 20;
  const std::int64_t top = arguments.whole("top", 1, kMostClasses);
  set_intra_op_threads(static_cast<int>(arguments.whole("threads", 1, 1024)));
  ImageClassifier classifier(model_argument(arguments, context, *arguments.text("MODEL")),
                             classifier_options(arguments));
  Table table{
      .kind = "predictions",
      .columns = {
          {"image", "", false, true}, {"rank"}, {"number"}, {"class", "", true}, {"probability"}}};
  for (const std::string& image : arguments.all("IMAGE")) {
    const std::vector<ClassForecast> forecasts = classifier.classify(image);
    const std::size_t shown = std::min(forecasts.size(), static_cast<std::size_t>(top));
    for (std::size_t i = 0; i < shown; ++i) {
      const ClassForecast& forecast = forecasts[i];
      table.rows.push_back(
          {image, static_cast<std::int64_t>(i + 1), static_cast<std::int64_t>(forecast.number),
           forecast.name.empty() ? Cell() : Cell(forecast.name), forecast.probability});
    }
  }
  context.print(table);
  return 0;
}

}  // namespace

const Command arch_predict{
    .noun = "arch",
    .verb = "predict",
    .summary = "the classes that a trained model sees in image files",
    .description =
        "Images are scaled as those that the model was trained on, and have its size; --resize "
        "scales\n"
        "others as folder:DIR@N does. A model that nasctl trained states both. For others,\n"
        "--mean and --deviation say how pixels in 0 to 1 become inputs. Prints the most probable "
        "classes.",
    .examples =
        "nasctl arch predict trial:first/12 a.png b.jpg\n"
        "nasctl arch predict winner.onnx photo.jpg --resize --top 3 --json\n"
        "nasctl arch predict model:mobilenet photo.jpg --resize --mean 0.485,0.456,0.406 \\\n"
        "    --deviation 0.229,0.224,0.225 --names imagenet.txt",
    .positionals =
        {{.name = "MODEL", .help = kModelHelp, .completes = "model-file"},
         {.name = "IMAGE", .help = "PNG or JPEG files", .repeated = true, .completes = "file"}},
    .options = {{.name = "top", .value = "N", .help = "classes of each image", .standard = "5"},
                {.name = "resize", .value = "", .help = "scale images of another size"},
                {.name = "mean",
                 .value = "LIST",
                 .help = "subtracted from pixels in 0 to 1, one number for each channel or one "
                         "for all (default: the model's)",
                 .needs = "deviation"},
                {.name = "deviation",
                 .value = "LIST",
                 .help = "what the differences are divided by (default: the model's)",
                 .needs = "mean"},
                {.name = "names",
                 .value = "FILE",
                 .help = "names of the classes, one per line (default: the model's)",
                 .completes = "file"},
                {.name = "threads", .value = "N", .help = "CPU threads", .standard = "1"}},
    .run = run_predict};

}  // namespace nas::cli
