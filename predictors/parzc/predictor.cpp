#include "predictors/parzc/predictor.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "predictors/parzc/node_statistics.h"

namespace nas {
namespace {

constexpr std::int64_t kPatch = 16;
constexpr std::string_view kSheet = "ParZC (arXiv 2402.02105), released settings of NAS-Bench-201";

constexpr Field<ParzcOptions> kCommonFields[] = {
    {.name = "loss",
     .member = &ParzcOptions::loss,
     .meaning = "sum of diffkendall, pairwise and mse, joined by '+'",
     .source = kSheet},
    {"alpha", &ParzcOptions::alpha, "steepness of DiffKendall on standardised targets", "", 1e-3,
     1e3, "DiffKendall (arXiv 2307.15317)"},
    {"epochs", &ParzcOptions::epochs, "passes over the training architectures", "", 1, 1e5,
     "released runs used 40 to 300"},
    {"batch", &ParzcOptions::batch, "architectures a step; a last one of 1 joins the step before",
     "", 2, 1e4, kSheet},
    {"learning_rate", &ParzcOptions::learning_rate, "of Adam, falling to 0 by a cosine", "", 1e-7,
     1, kSheet},
    {"weight_decay", &ParzcOptions::weight_decay, "L2 term of Adam", "", 0, 1, kSheet},
    {"draws", &ParzcOptions::draws,
     "draws of the Bayesian weights averaged when predicting; 0: their means", "", 0, 1000,
     "released code: one draw"},
    {"target_mean", &ParzcOptions::target_mean, "subtracted from the targets", "", -1e6, 1e6,
     "released: 83.6735 for CIFAR-10 validation in percent"},
    {"target_deviation", &ParzcOptions::target_deviation,
     "targets are divided by it; 0: mean and deviation of the training targets", "", 0, 1e6,
     "released: 12.8051 for CIFAR-10 validation in percent"},
    {"mixer_hidden", &ParzcOptions::mixer_hidden, "outputs of the mixer's first layer, times 16",
     "", 16, 1 << 16, kSheet},
    {"mixer_width", &ParzcOptions::mixer_width, "width of the mixer's tokens", "", 2, 1 << 14,
     "512 and 1600 in the released code; 128 is faster (docs/reproduction.md: its ranks)"},
    {"mixer_depth", &ParzcOptions::mixer_depth, "pairs of feed-forwards in the mixer", "", 1, 64,
     kSheet},
    {"dropout", &ParzcOptions::dropout, "probability", "", 0, 0.9, kSheet},
};

constexpr Field<ParzcOptions> kHostFields[] = {
    {"width", &ParzcOptions::width, "of the transformer's tokens", "", 1, 1 << 14,
     "765 in the released code"},
    {"layers", &ParzcOptions::layers, "of the transformer", "", 1, 64, kSheet},
    {"attention", &ParzcOptions::attention, "width of queries, keys and values", "", 1, 1 << 14,
     kSheet},
    {"feed_forward", &ParzcOptions::feed_forward, "hidden units of a feed-forward", "", 1, 1 << 16,
     kSheet},
    {"structure", &ParzcOptions::structure, "hidden units of the attention by structure", "", 1,
     1 << 14, kSheet},
};

std::vector<Field<ParzcOptions>> fields_of(bool hosted) {
  std::vector<Field<ParzcOptions>> fields(std::begin(kCommonFields), std::end(kCommonFields));
  if (hosted) fields.insert(fields.end(), std::begin(kHostFields), std::end(kHostFields));
  return fields;
}

std::string who(bool hosted) {
  return hosted ? "predictor 'parzc_host'" : "predictor 'parzc'";
}

class ParzcPredictor final : public Predictor {
 public:
  ParzcPredictor(const ParzcOptions& options, bool hosted) : options_(options), hosted_(hosted) {}

  void fit(const SearchSpace& space, const Samples& samples, std::span<const double> targets,
           const FitContext& context) override {
    check(samples, targets);
    statistics_ = NodeStatistics(samples.feature_names);
    mean_ = options_.target_deviation > 0 ? options_.target_mean : mean(targets);
    deviation_ =
        options_.target_deviation > 0 ? options_.target_deviation : sample_deviation(targets);
    if (!(deviation_ > 0)) deviation_ = 1;
    std::vector<double> standardised;
    for (const double target : targets) standardised.push_back((target - mean_) / deviation_);
    seed_ = context.seed;
    vertices_ = 0;
    const RankSamples rows = read(space, samples);
    make(rows);
    regressor_->fit(rows, standardised, context);
  }

  std::vector<Prediction> predict(const SearchSpace& space, const Samples& samples) const override {
    NAS_CHECK(regressor_ != nullptr, "a predictor predicts after a fit");
    if (samples.architectures.empty()) return {};
    std::vector<Prediction> result = regressor_->predict(read(space, samples));
    for (Prediction& prediction : result) {
      prediction.mean = mean_ + deviation_ * prediction.mean;
      prediction.deviation *= deviation_;
    }
    return result;
  }

  PredictorState save() const override {
    NAS_CHECK(regressor_ != nullptr, "a predictor is saved after a fit");
    const nlohmann::json text{{"features", statistics_.names()}, {"mean", mean_},
                              {"deviation", deviation_},         {"seed", seed_},
                              {"vertices", vertices_},           {"operations", operations_}};
    return {regressor_->save(), text.dump()};
  }

  void restore(const PredictorState& state) override {
    try {
      const nlohmann::json text = nlohmann::json::parse(state.text);
      statistics_ = NodeStatistics(text.at("features").get<std::vector<std::string>>());
      mean_ = text.at("mean");
      deviation_ = text.at("deviation");
      seed_ = text.at("seed");
      vertices_ = text.at("vertices");
      operations_ = text.at("operations");
    } catch (const nlohmann::json::exception& error) {
      throw Error(ErrorKind::kData, who(hosted_) + ": damaged description: " + error.what());
    }
    constexpr std::int64_t kMost = 1 << 12;
    if (vertices_ < 0 || vertices_ > kMost || operations_ < 0 || operations_ > kMost ||
        hosted_ != (vertices_ > 0)) {
      throw Error(ErrorKind::kData, who(hosted_) + ": damaged description: bad sizes of cells");
    }
    RankSamples like;
    like.inputs = statistics_.inputs();
    like.vertices = vertices_;
    like.operations = operations_;
    make(like);
    regressor_->restore(state);
  }

 private:
  void check(const Samples& samples, std::span<const double> targets) const {
    if (targets.size() < 2 || targets.size() != samples.architectures.size()) {
      throw Error(ErrorKind::kData, who(hosted_) + ": needs at least two architectures, got " +
                                        std::to_string(targets.size()));
    }
    for (const double target : targets) {
      if (!std::isfinite(target)) {
        throw Error(ErrorKind::kData, who(hosted_) + ": a target is not finite");
      }
    }
  }

  RankSamples read(const SearchSpace& space, const Samples& samples) const {
    RankSamples rows;
    statistics_.fill(samples, rows);
    if (!hosted_) return rows;
    fill_graphs(space, samples.architectures, vertices_, rows);
    if (vertices_ > 0 && rows.operations != operations_) {
      throw Error(ErrorKind::kUsage, who(hosted_) + ": was fitted in a space with " +
                                         std::to_string(operations_) + " operations, not " +
                                         std::to_string(rows.operations));
    }
    return rows;
  }

  void make(const RankSamples& like) {
    vertices_ = like.vertices;
    operations_ = like.operations;
    const MixerShape mixer{options_.mixer_hidden, kPatch, options_.mixer_width,
                           options_.mixer_depth, options_.dropout};
    const HostShape host{options_.width,        options_.layers,    options_.attention,
                         options_.feed_forward, options_.structure, options_.dropout};
    const RankTraining training{
        options_.loss,          options_.alpha,        options_.epochs, options_.batch,
        options_.learning_rate, options_.weight_decay, options_.draws,  seed_};
    regressor_ = make_rank_regressor(mixer, hosted_ ? &host : nullptr, training, like);
  }

  ParzcOptions options_;
  bool hosted_;
  NodeStatistics statistics_;
  double mean_ = 0;
  double deviation_ = 1;
  std::uint64_t seed_ = 0;
  std::int64_t vertices_ = 0;
  std::int64_t operations_ = 0;
  std::unique_ptr<RankRegressor> regressor_;
};

}  // namespace

ParzcOptions parse_parzc_options(const OptionMap& options, bool hosted) {
  const std::vector<Field<ParzcOptions>> fields = fields_of(hosted);
  const ParzcOptions parsed =
      parse_fields(std::span<const Field<ParzcOptions>>(fields), options, who(hosted));
  check_rank_loss(parsed.loss);
  if (parsed.mixer_hidden % kPatch != 0) {
    throw Error(ErrorKind::kUsage, who(hosted) +
                                       ": mixer_hidden = " + std::to_string(parsed.mixer_hidden) +
                                       ", must be a multiple of 16");
  }
  return parsed;
}

std::vector<FieldDoc> parzc_fields(bool hosted) {
  const std::vector<Field<ParzcOptions>> fields = fields_of(hosted);
  return describe_fields(std::span<const Field<ParzcOptions>>(fields));
}

OptionMap parzc_option_map(const ParzcOptions& options, bool hosted) {
  const std::vector<Field<ParzcOptions>> fields = fields_of(hosted);
  return fields_to_map(std::span<const Field<ParzcOptions>>(fields), options);
}

std::unique_ptr<Predictor> make_parzc(const ParzcOptions& options, bool hosted) {
  return std::make_unique<ParzcPredictor>(options, hosted);
}

}  // namespace nas
