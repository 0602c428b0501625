#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/onnx/network_text.h"
#include "predictors/onnx_net/text_zero_shot.h"
#include "predictors/registry.h"
#include "predictors/state.h"
#include "predictors/transfer/diverse.h"
#include "predictors/transfer/measured_fit.h"
#include "predictors/transfer/transfer_base.h"

// ONNX-Net: any network as a text, a language model that scores the text, learned by which of two
// networks is better. The encoding and the protocols are re-implemented; instead of a pre-trained
// language model of 400 million parameters there is a small one that learns from the labels alone,
// and it reads the short text, in which repeated cells stand once (core/onnx/network_text.h).

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'onnx_net'";
constexpr std::string_view kReleased = "ONNX-Net (arXiv:2510.04938), released code";

struct OnnxNetOptions {
  std::int64_t width = 64;
  std::int64_t layers = 1;
  std::int64_t networks = 5;
  std::int64_t source_samples = 3000;
  std::int64_t epochs = 2;
  std::int64_t batch = 32;
  double learning_rate = 2e-3;
  double weight_decay = 0.1;
  double hidden = 0.1;
  double facts = 0.3;
  double macs_vote = 1;
  std::int64_t tune_epochs = 30;
  double tune_rate = 3e-4;
};

constexpr std::array kFields = {
    Field<OnnxNetOptions>{"width", &OnnxNetOptions::width,
                          "of the layers; a multiple of 16, each of which is a head of attention",
                          "units", 16, 1024},
    Field<OnnxNetOptions>{"layers", &OnnxNetOptions::layers, "of the transformer", "layers", 1, 24},
    Field<OnnxNetOptions>{"networks", &OnnxNetOptions::networks,
                          "that score another space together, each from its own random weights",
                          "networks", 1, 100},
    Field<OnnxNetOptions>{"source_samples", &OnnxNetOptions::source_samples,
                          "of each other space (published: 40,000; zero-shot 50,000)", "samples",
                          10, 1'000'000, kReleased},
    Field<OnnxNetOptions>{"epochs", &OnnxNetOptions::epochs,
                          "of training on the other spaces (published: 5)", "epochs", 1, 10'000,
                          kReleased},
    Field<OnnxNetOptions>{"batch", &OnnxNetOptions::batch,
                          "texts of a step, of one space, all pairs of which are compared", "texts",
                          2, 1000},
    Field<OnnxNetOptions>{"learning_rate", &OnnxNetOptions::learning_rate,
                          "of AdamW, with warm-up and linear decay (published: 5e-5, pre-trained)",
                          "", 1e-6, 1, kReleased},
    Field<OnnxNetOptions>{"weight_decay", &OnnxNetOptions::weight_decay, "of AdamW", "", 0, 1,
                          kReleased},
    Field<OnnxNetOptions>{"hidden", &OnnxNetOptions::hidden,
                          "part of the words that a step replaces by the unknown word, which is "
                          "what words of another space are",
                          "", 0, 0.9},
    Field<OnnxNetOptions>{"facts", &OnnxNetOptions::facts,
                          "weight of the error in what is counted on a network's paths, which is "
                          "learned beside the labels, of unlabelled networks of the space too",
                          "", 0, 100},
    Field<OnnxNetOptions>{"macs_vote", &OnnxNetOptions::macs_vote,
                          "weight of the logarithm of the MACs beside the texts' score, without "
                          "labels of the space",
                          "", 0, 10},
    Field<OnnxNetOptions>{"tune_epochs", &OnnxNetOptions::tune_epochs,
                          "of learning from labels of the space itself", "epochs", 0, 10'000},
    Field<OnnxNetOptions>{"tune_rate", &OnnxNetOptions::tune_rate, "learning rate of it", "", 1e-6,
                          1},
};

OnnxNetOptions parse(const OptionMap& options) {
  OnnxNetOptions parsed = parse_fields<OnnxNetOptions>(kFields, options, kWho);
  if (parsed.width % TextEncoder::kHeadWidth != 0) {
    throw Error(ErrorKind::kUsage, std::string(kWho) + ": width = " + std::to_string(parsed.width) +
                                       " must be a multiple of " +
                                       std::to_string(TextEncoder::kHeadWidth));
  }
  return parsed;
}

constexpr std::size_t kLeastSource = 10;
constexpr std::size_t kPool = 1000;  // networks that say what is usual in the space

std::string text_of(const Subject& subject) {
  if (subject.graph != nullptr) return network_text(*subject.graph, NetworkText::kRunLength);
  return network_text(
      subject.space->build(*subject.architecture, subject.space->info().default_task),
      NetworkText::kRunLength);
}

class OnnxNetPlugin final : public TransferBase {
 public:
  explicit OnnxNetPlugin(const OnnxNetOptions& options) : TransferBase(kWho), options_(options) {}

  /// Without other spaces it learns from the samples alone.
  void fit_alone(const SearchSpace& space, std::span<const Subject> subjects,
                 std::span<const double> targets, const FitContext& context) override {
    check_measurements(kWho, targets);
    begin(space.info().name, {}, context.seed);
    learn(subjects, targets, [&](std::size_t) { check_stop(kWho, context); });
  }

  void fit_tasks(std::span<const TransferTask> tasks, std::span<const Subject> pool,
                 const FitContext& context) override {
    NAS_CHECK(!tasks.empty() || !pool.empty(), "networks of the new space");
    for (const TransferTask& task : tasks) check_source(kWho, task, kLeastSource);
    std::vector<std::string> names;
    for (const TransferTask& task : tasks) names.push_back(task.name);
    const std::span<const Subject> usual = pool.empty() ? tasks.front().subjects : pool;
    begin(space_name(usual.front()), std::move(names), context.seed);
    if (tasks.empty()) return;
    pretrain(tasks, pool.first(std::min(pool.size(), kPool)), context);
    zero_shot_.settle(read(usual.first(std::min(usual.size(), kPool))), options_.macs_vote);
  }

  void adapt(std::span<const Subject> subjects, std::span<const double> targets) override {
    NAS_CHECK(begun_ && subjects.size() == targets.size(), "fitted; a target each");
    check_measurements(kWho, targets);
    check_space_name(kWho, subjects, space_);
    learn(subjects, targets, [](std::size_t) {});
  }

  std::vector<Forecast> forecast(std::span<const Subject> subjects) const override {
    NAS_CHECK(begun_ && (!names_.empty() || !fit_.targets.empty()), "fitted before it predicts");
    if (subjects.empty()) return {};
    check_space_name(kWho, subjects, space_);
    std::vector<Forecast> result;
    if (fit_.targets.empty()) {
      for (const double score : zero_shot_.score(read(subjects))) {
        result.push_back({zero_shot_.as_target(score)});
      }
      return result;
    }
    for (const double score : scores(tuned_, texts_of(subjects))) {
      result.push_back(fit_.forecast(score));
    }
    return result;
  }

  LeaveOneOut leave_one_out() const override { return fit_.leave_one_out(kWho); }

  std::vector<std::size_t> suggest(std::span<const Subject> candidates,
                                   std::span<const Subject> measured,
                                   std::size_t count) const override {
    NAS_CHECK(begun_, "fitted before it is asked");
    if (candidates.empty() || count == 0) return {};
    check_space_name(kWho, candidates, space_);
    return clustered(candidates, measured, count, rng(kSuggestStream));
  }

  std::vector<std::string> findings() const override {
    NAS_CHECK(!fit_.targets.empty(), "adapted before it is asked");
    if (names_.empty()) return {"learned from the labels alone"};
    return {"tuned what " + std::to_string(names_.size()) + " other space(s) taught"};
  }

  PredictorState save() const override;
  void restore(const PredictorState& state) override;

 private:
  static constexpr std::uint64_t kInitStream = 1, kTrainStream = 2, kSuggestStream = 3,
                                 kTuneStream = 4, kPartsStream = 5;
  using Each = std::function<void(std::size_t epoch)>;

  Rng rng(std::uint64_t stream) const {
    return Rng({.seed = seed_, .purpose = Purpose::kPredictor}).stream(stream);
  }

  std::vector<TextSubject> read(std::span<const Subject> subjects) const {
    std::vector<TextSubject> networks;
    for (const Subject& subject : subjects) {
      networks.push_back({tokens_.encode(text_of(subject)), path_features(subject)});
    }
    return networks;
  }

  TextZeroShotOptions parts() const {
    return {.shape = {.vocabulary = tokens_.words().size(),
                      .width = static_cast<std::size_t>(options_.width),
                      .layers = static_cast<std::size_t>(options_.layers),
                      .outputs = 1 + kTextFacts},
            .networks = static_cast<std::size_t>(options_.networks),
            .macs_vote = options_.macs_vote};
  }

  /// A network that learned nothing yet.
  void begin(std::string space, std::vector<std::string> names, std::uint64_t seed) {
    seed_ = seed;
    space_ = std::move(space);
    names_ = std::move(names);
    zero_shot_ = {};
    fit_ = {};
    begun_ = true;
  }

  void pretrain(std::span<const TransferTask> tasks, std::span<const Subject> pool,
                const FitContext& context) {
    ProgressSink& progress = context.progress == nullptr ? no_progress() : *context.progress;
    progress.begin("training on " + std::to_string(tasks.size()) + " spaces",
                   options_.epochs * options_.networks);
    std::vector<TextSource> sources;
    Rng draw = rng(kTrainStream);
    for (const TransferTask& task : tasks) {
      const TransferTask part =
          drawn_part(task, static_cast<std::size_t>(options_.source_samples), draw);
      sources.push_back({read(part.subjects), part.targets});
      check_stop(kWho, context);
    }
    zero_shot_.fit(sources, read(pool), parts(), training(options_.epochs, options_.learning_rate),
                   draw, [&](std::size_t epoch) {
                     check_stop(kWho, context);
                     progress.update(static_cast<std::int64_t>(epoch), "");
                   });
    progress.update(options_.epochs * options_.networks, "");
    progress.end();
  }

  std::vector<TokenText> texts_of(std::span<const Subject> subjects) const {
    std::vector<TokenText> texts;
    for (const Subject& subject : subjects) texts.push_back(tokens_.encode(text_of(subject)));
    return texts;
  }

  TextTraining training(std::int64_t epochs, double rate) const {
    return {.epochs = static_cast<std::size_t>(epochs),
            .batch = static_cast<std::size_t>(options_.batch),
            .rate = rate,
            .decay = options_.weight_decay,
            .hidden = options_.hidden,
            .facts = options_.facts};
  }

  void learn(std::span<const Subject> subjects, std::span<const double> targets, const Each& each) {
    const LabelledTexts measured{
        .texts = texts_of(subjects), .targets = {targets.begin(), targets.end()}, .facts = {}};
    const auto predict = [&](std::span<const std::size_t> kept, std::span<const std::size_t> left) {
      const LabelledTexts others = measured.subset(kept), asked = measured.subset(left);
      const TextEncoder net = tune(others, each);
      const MeasuredScale scale = MeasuredScale::of(scores(net, others.texts), others.targets);
      std::vector<double> predicted;
      for (const double score : scores(net, asked.texts)) predicted.push_back(scale.out(score));
      return predicted;
    };
    fit_.leave_out(targets, rng(kPartsStream), predict);
    tuned_ = tune(measured, each);
    fit_.scale = MeasuredScale::of(scores(tuned_, measured.texts), targets);
  }

  /// A copy of what the sources taught, or a fresh network, learns from labels of the space.
  TextEncoder tune(const LabelledTexts& measured, const Each& each) const {
    TextEncoder net =
        zero_shot_.fitted() ? zero_shot_.encoder() : TextEncoder(parts().shape, rng(kInitStream));
    const double rate = names_.empty() ? options_.learning_rate : options_.tune_rate;
    train_texts(net, std::span(&measured, 1), training(options_.tune_epochs, rate),
                rng(kTuneStream), each);
    return net;
  }

  static std::vector<double> scores(const TextEncoder& net, std::span<const TokenText> texts) {
    std::vector<const TokenText*> pointers;
    for (const TokenText& text : texts) pointers.push_back(&text);
    const std::vector<float> result = net.scores(pointers);
    return {result.begin(), result.end()};
  }
  OnnxNetOptions options_;
  TextTokens tokens_;
  bool begun_ = false;
  std::uint64_t seed_ = 0;
  std::string space_;
  std::vector<std::string> names_;  ///< of the sources; none: the labels are all there is
  TextZeroShot zero_shot_;
  // Of the space:
  TextEncoder tuned_;
  MeasuredFit fit_;
};

PredictorState OnnxNetPlugin::save() const {
  NAS_CHECK(begun_, "fitted before it is saved");
  PredictorState state;
  const auto keep = [&state](const char* name, const auto& values) {
    state.tensors.push_back(
        make_tensor(name, {std::ssize(values)}, {values.begin(), values.end()}));
  };
  if (zero_shot_.fitted()) zero_shot_.save(state.tensors);
  fit_.save(state.tensors);
  if (!fit_.targets.empty()) keep("space", tuned_.parameters());
  nlohmann::json text{{"space", space_}, {"sources", names_}, {"seed", seed_}};
  text["outputs"] = parts().shape.outputs;
  text["vocabulary"] = std::vector<std::string>(tokens_.words().begin(), tokens_.words().end());
  state.text = text.dump();
  return state;
}

void OnnxNetPlugin::restore(const PredictorState& state) {
  const nlohmann::json json = nlohmann::json::parse(state.text, nullptr, false);
  const auto damaged = [](const char* what) {
    throw Error(ErrorKind::kData, std::string(kWho) + ": its " + what);
  };
  std::vector<std::string> words;
  try {
    words = json.at("vocabulary").get<std::vector<std::string>>();
    begin(json.at("space").get<std::string>(), json.at("sources").get<std::vector<std::string>>(),
          json.at("seed").get<std::uint64_t>());
  } catch (const nlohmann::json::exception&) {
    damaged("description is damaged");
  }
  if (json.value("outputs", std::size_t{1}) != parts().shape.outputs) {
    throw Error(ErrorKind::kData,
                "was fitted by an earlier version, which told other facts of a text; fit it again "
                "(nasctl predictor fit --replace)");
  }
  if (!std::ranges::equal(words, tokens_.words())) {
    damaged("vocabulary is that of another version; fit it again");
  }
  if (!names_.empty()) zero_shot_.restore(state, parts());
  if (state_tensor(state, "targets").data.empty() && !names_.empty()) return;
  tuned_ = TextEncoder(parts().shape, rng(kInitStream));
  const std::vector<double>& values = state_tensor(state, "space").data;
  if (values.size() != tuned_.parameters().size()) damaged("tensors are of another size");
  std::ranges::transform(values, tuned_.parameters().begin(),
                         [](double value) { return static_cast<float>(value); });
  if (!fit_.restore(state)) damaged("tensors do not fit each other");
}

}  // namespace

extern const Plugin<Predictor> onnx_net_predictor;
constinit const Plugin<Predictor> onnx_net_predictor{
    .name = "onnx_net",
    .summary =
        "accuracy of any network, in spaces that were seen or not, from its ONNX text by a small "
        "language model",
    .paper =
        "S. Qin et al.: ONNX-Net: Towards Universal Representations and Instant Performance "
        "Prediction for Neural Architectures, arXiv:2510.04938; without its pre-trained model",
    .fields = [] { return describe_fields<OnnxNetOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<OnnxNetOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<OnnxNetPlugin>(parse(options));
    },
};

}  // namespace nas
