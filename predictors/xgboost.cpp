#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/trees/boosted_trees.h"
#include "predictors/input_encoder.h"
#include "predictors/registry.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'xgboost'";

struct XgboostOptions {
  std::string encoding = "auto";
  std::int64_t longest_path = 0;
  std::int64_t rounds = 500;
  double learning_rate = 0.05;
  std::int64_t depth = 6;
  double subsample = 0.8;
  double columns = 0.8;
  double min_child_weight = 1;
};

constexpr std::string_view kNaslib = "NASLib";
constexpr std::array kFields = {
    Field<XgboostOptions>{.name = "encoding",
                          .member = &XgboostOptions::encoding,
                          .meaning = kEncodingMeaning,
                          .choices = kEncodingChoices},
    Field<XgboostOptions>{"longest_path", &XgboostOptions::longest_path,
                          "operations of the longest path told apart; 0 = half of the longest",
                          "operations", 0, 20, "BANANAS (arXiv:1910.11858)"},
    Field<XgboostOptions>{"rounds", &XgboostOptions::rounds, "trees", "trees", 1, 100'000, kNaslib},
    Field<XgboostOptions>{"learning_rate", &XgboostOptions::learning_rate, "shrinkage of each tree",
                          "", 1e-4, 1, "NASLib: 0.3; lower with more, thinned trees is better"},
    Field<XgboostOptions>{"depth", &XgboostOptions::depth, "of a tree", "", 1, 30, kNaslib},
    Field<XgboostOptions>{"subsample", &XgboostOptions::subsample,
                          "part of the samples a tree sees", "", 0.01, 1},
    Field<XgboostOptions>{"columns", &XgboostOptions::columns, "part of the inputs a tree sees", "",
                          0.01, 1},
    Field<XgboostOptions>{"min_child_weight", &XgboostOptions::min_child_weight,
                          "fewest samples of a leaf", "samples", 0, 1000, kNaslib},
};

XgboostOptions parse(const OptionMap& options) {
  return parse_fields<XgboostOptions>(kFields, options, kWho);
}

class XgboostPredictor final : public Predictor {
 public:
  explicit XgboostPredictor(XgboostOptions options) : options_(std::move(options)) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check_samples(kWho, samples, targets);
    encoder_ =
        InputEncoder(kWho, options_.encoding, static_cast<int>(options_.longest_path), samples);
    width_ = encoder_.width(space);
    scale_ = target_scale(targets);
    std::vector<double> labels;
    for (const double target : targets) labels.push_back(scale_.in(target));
    trees_.fit(encoder_.encode(space, samples), width_, labels,
               {.rounds = options_.rounds,
                .learning_rate = options_.learning_rate,
                .depth = options_.depth,
                .subsample = options_.subsample,
                .columns = options_.columns,
                .min_child_weight = options_.min_child_weight,
                .seed = stable_mix(context.seed, 0)},
               [&] { check_stop(kWho, context); });
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    if (samples.architectures.empty()) return {};
    NAS_CHECK(!trees_.empty() && encoder_.width(space) == width_,
              "a predictor of another space, or none");
    std::vector<Prediction> result;
    for (const double value : trees_.predict(encoder_.encode(space, samples), width_)) {
      result.push_back({scale_.out(value), 0});
    }
    return result;
  }

  PredictorState save() const override {
    const nlohmann::json json{{"inputs", encoder_.text()}, {"model", trees_.save()}};
    return {{make_tensor("target_scale", {2}, {scale_.mean, scale_.deviation}),
             make_tensor("width", {1}, {static_cast<double>(width_)})},
            json.dump()};
  }

  void restore(const PredictorState& state) override {
    const std::vector<double>& scale = state_tensor(state, "target_scale").data;
    const std::vector<double>& width = state_tensor(state, "width").data;
    if (scale.size() != 2 || width.size() != 1 || !(width[0] >= 1)) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": its tensors do not fit");
    }
    const nlohmann::json json = nlohmann::json::parse(state.text, nullptr, false);
    if (!json.is_object() || !json.contains("inputs") || !json.contains("model") ||
        !json["inputs"].is_string() || !json["model"].is_string()) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": its description is damaged");
    }
    encoder_ = InputEncoder::restored(kWho, json["inputs"].get<std::string>());
    scale_ = {scale[0], scale[1]};
    width_ = static_cast<std::size_t>(width[0]);
    trees_.restore(json["model"].get<std::string>());
  }

 private:
  XgboostOptions options_;
  InputEncoder encoder_;
  TargetScale scale_;
  std::size_t width_ = 0;
  BoostedTrees trees_{std::string(kWho)};
};

}  // namespace

extern const Plugin<Predictor> xgboost_predictor;
constinit const Plugin<Predictor> xgboost_predictor{
    .name = "xgboost",
    .summary = "gradient-boosted trees; takes missing features as they are",
    .paper =
        "T. Chen, C. Guestrin: XGBoost: A Scalable Tree Boosting System, 2016, arXiv:1603.02754",
    .fields = [] { return describe_fields<XgboostOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<XgboostOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<XgboostPredictor>(parse(options));
    },
};

}  // namespace nas
