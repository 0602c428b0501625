#include <array>
#include <cmath>
#include <optional>

#include "core/gp/gaussian_process.h"
#include "predictors/input_encoder.h"
#include "predictors/registry.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'gp'";

struct GpPredictorOptions {
  std::string encoding = "auto";
  std::int64_t longest_path = 0;
  std::string kernel = "matern52";
  bool ard = false;
  std::int64_t restarts = 2;
};

constexpr std::string_view kBook = "Rasmussen and Williams 2006, chapters 2 and 5";
constexpr std::array kFields = {
    Field<GpPredictorOptions>{.name = "encoding",
                              .member = &GpPredictorOptions::encoding,
                              .meaning = kEncodingMeaning,
                              .choices = kEncodingChoices},
    Field<GpPredictorOptions>{"longest_path", &GpPredictorOptions::longest_path,
                              "operations of the longest path told apart; 0 = half of the longest",
                              "operations", 0, 20, "BANANAS (arXiv:1910.11858)"},
    Field<GpPredictorOptions>{.name = "kernel",
                              .member = &GpPredictorOptions::kernel,
                              .meaning = "covariance of standardised inputs",
                              .source = kBook,
                              .choices = "matern52|rbf|hamming"},
    Field<GpPredictorOptions>{"ard", &GpPredictorOptions::ard,
                              "a length scale for each input instead of one for all"},
    Field<GpPredictorOptions>{"restarts", &GpPredictorOptions::restarts,
                              "further starts of the fit of the kernel", "", 0, 100},
};

GpPredictorOptions parse(const OptionMap& options) {
  return parse_fields<GpPredictorOptions>(kFields, options, kWho);
}

GpOptions gp_options(const GpPredictorOptions& options) {
  GpOptions result;
  result.kernel = options.kernel == "rbf"       ? GpKernel::kRbf
                  : options.kernel == "hamming" ? GpKernel::kHamming
                                                : GpKernel::kMatern52;
  result.ard = options.ard;
  result.fit_amplitude = true;
  result.fit_noise = true;
  result.noise = 1e-2;
  result.min_scale = 1e-2;
  result.max_scale = 1e3;
  result.restarts = static_cast<int>(options.restarts);
  return result;
}

class GpPredictor final : public Predictor {
 public:
  explicit GpPredictor(GpPredictorOptions options)
      : options_(std::move(options)), process_(gp_options(options_)) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    check_stop(kWho, context);
    encoder_ =
        InputEncoder(kWho, options_.encoding, static_cast<int>(options_.longest_path), samples);
    std::vector<double> rows = encoder_.encode(space, samples);
    scale_ = ColumnScale::of(rows, encoder_.width(space));
    prepare(rows);
    process_.fit(rows, targets, Rng({.seed = context.seed, .purpose = Purpose::kPredictor}));
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    if (samples.architectures.empty()) return {};
    std::vector<double> rows = encoder_.encode(space, samples);
    NAS_CHECK(process_.dimensions() == encoder_.width(space), "a predictor of another space");
    prepare(rows);
    std::vector<Prediction> result;
    for (const GpPosterior& posterior : process_.posteriors(rows)) {
      result.push_back({posterior.mean, posterior.deviation});
    }
    return result;
  }

  PredictorState save() const override {
    const auto doubles = [](std::span<const double> values) {
      return std::vector<double>(values.begin(), values.end());
    };
    const auto rows = static_cast<std::int64_t>(process_.targets().size());
    const auto width = static_cast<std::int64_t>(process_.dimensions());
    const auto parameters = static_cast<std::int64_t>(process_.log_parameters().size());
    return {{make_tensor("inputs", {rows, width}, doubles(process_.inputs())),
             make_tensor("targets", {rows}, doubles(process_.targets())),
             make_tensor("log_parameters", {parameters}, doubles(process_.log_parameters())),
             make_tensor("mean", {width}, scale_.mean),
             make_tensor("deviation", {width}, scale_.deviation)},
            encoder_.text()};
  }

  void restore(const PredictorState& state) override {
    encoder_ = InputEncoder::restored(kWho, state.text);
    scale_ = {state_tensor(state, "mean").data, state_tensor(state, "deviation").data};
    const PredictorTensor& inputs = state_tensor(state, "inputs");
    const std::vector<double>& targets = state_tensor(state, "targets").data;
    const std::vector<double>& parameters = state_tensor(state, "log_parameters").data;
    const std::size_t width = scale_.mean.size();
    const std::size_t expected = (options_.ard ? width : 1) + 2;
    if (inputs.data.size() != targets.size() * width || scale_.deviation.size() != width ||
        parameters.size() != expected) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": its tensors do not fit each other");
    }
    process_.condition(inputs.data, targets, parameters);
  }

 private:
  // Numbers of categories must stay apart or equal: the Hamming kernel sees raw inputs.
  void prepare(std::vector<double>& rows) const {
    if (options_.kernel == "hamming") {
      for (double& value : rows) value = std::isnan(value) ? 0 : value;
      return;
    }
    scale_.apply(rows);
    // Distances grow with the number of inputs; the bounds of the length scales do not.
    const double root = std::sqrt(static_cast<double>(scale_.mean.size()));
    for (double& value : rows) value /= root;
  }

  GpPredictorOptions options_;
  InputEncoder encoder_;
  ColumnScale scale_;
  GaussianProcess process_;
};

}  // namespace

extern const Plugin<Predictor> gp_predictor;
constinit const Plugin<Predictor> gp_predictor{
    .name = "gp",
    .summary = "Gaussian process; knows how uncertain it is",
    .paper =
        "C. E. Rasmussen, C. K. I. Williams: Gaussian Processes for Machine Learning, MIT Press, "
        "2006",
    .fields = [] { return describe_fields<GpPredictorOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<GpPredictorOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<GpPredictor>(parse(options));
    },
};

}  // namespace nas
