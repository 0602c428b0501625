#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/nasflat/training.h"
#include "predictors/registry.h"
#include "predictors/state.h"
#include "predictors/transfer/diverse.h"
#include "predictors/transfer/measured_fit.h"
#include "predictors/transfer/transfer_base.h"

// NASFLAT: a graph network that ranks on many devices, told apart by an embedding; a new device
// starts from the embedding of the source that orders its measurements best, and all is fine-tuned.
// The released code fine-tunes one network device after device by accident (its reset shares memory
// with the network); here every device starts from a copy.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'nasflat'";
constexpr std::string_view kReleased = "NASFLAT (arXiv:2403.02446), released code";

struct NasflatOptions {
  std::int64_t width = 64;
  std::int64_t epochs = 40;
  std::int64_t batch = 16;
  std::int64_t pairs = 4;
  double learning_rate = 1e-3;
  double weight_decay = 1e-5;
  std::int64_t source_samples = 512;
  std::string supplement = "costs";
  std::int64_t tune_epochs = 30;
  double tune_rate = 1e-3;
};

constexpr std::array kFields = {
    Field<NasflatOptions>{"width", &NasflatOptions::width, "of the layers (published: 128)",
                          "units", 4, 1024},
    Field<NasflatOptions>{"epochs", &NasflatOptions::epochs,
                          "of training on the source devices (published: 150)", "epochs", 1,
                          10'000},
    Field<NasflatOptions>{"batch", &NasflatOptions::batch, "samples of a step, of one device",
                          "samples", 2, 1000, kReleased},
    Field<NasflatOptions>{"pairs", &NasflatOptions::pairs,
                          "that a sample of a batch is compared in", "pairs", 1, 1000, kReleased},
    Field<NasflatOptions>{"learning_rate", &NasflatOptions::learning_rate,
                          "of AdamW, cosine to 1e-6", "", 1e-6, 1, kReleased},
    Field<NasflatOptions>{"weight_decay", &NasflatOptions::weight_decay, "of AdamW", "", 0, 1,
                          kReleased},
    Field<NasflatOptions>{"source_samples", &NasflatOptions::source_samples,
                          "of each source device (published: 800 for FBNet)", "samples", 10,
                          100'000, kReleased},
    Field<NasflatOptions>{
        .name = "supplement",
        .member = &NasflatOptions::supplement,
        .meaning =
            "what is read beside the graph in spaces without cells: costs of the network, or "
            "nothing (the released list of runs for FBNet has 13 zero-cost scores, or vectors of "
            "auto-encoders)",
        .choices = "costs|none"},
    Field<NasflatOptions>{"tune_epochs", &NasflatOptions::tune_epochs,
                          "of fine-tuning on the new device", "epochs", 0, 10'000, kReleased},
    Field<NasflatOptions>{"tune_rate", &NasflatOptions::tune_rate,
                          "learning rate of it (published: 1e-4 for NAS-Bench-201)", "", 1e-6, 1,
                          kReleased},
};

NasflatOptions parse(const OptionMap& options) {
  return parse_fields<NasflatOptions>(kFields, options, kWho);
}

constexpr std::size_t kLeastSource = 10;

class NasflatPlugin final : public TransferBase {
 public:
  explicit NasflatPlugin(const NasflatOptions& options) : TransferBase(kWho), options_(options) {}

  /// Without other devices a network learns from the samples alone.
  void fit_alone(const SearchSpace& space, std::span<const Subject> subjects,
                 std::span<const double> targets, const FitContext& context) override {
    check_measurements(kWho, targets);
    begin(space, subjects, {}, context.seed);
    learn(subjects, targets, [&](std::size_t) { check_stop(kWho, context); });
  }

  void fit_tasks(std::span<const TransferTask> tasks, std::span<const Subject> /*pool*/,
                 const FitContext& context) override {
    if (tasks.empty()) {
      throw Error(ErrorKind::kData,
                  std::string(kWho) +
                      " learns from other devices, of which none is known; give a "
                      "benchmark with columns of others, or use transfer");
    }
    for (const TransferTask& task : tasks) check_source(kWho, task, kLeastSource);
    pretrain(tasks, context);
  }

  void adapt(std::span<const Subject> subjects, std::span<const double> targets) override {
    NAS_CHECK(!space_.empty() && subjects.size() == targets.size(), "fitted; a target each");
    check_measurements(kWho, targets);
    check_space(kWho, subjects, space_);
    learn(subjects, targets, [](std::size_t) {});
  }

  std::vector<Forecast> forecast(std::span<const Subject> subjects) const override {
    NAS_CHECK(!fit_.targets.empty(), "adapted before it predicts");
    if (subjects.empty()) return {};
    check_space(kWho, subjects, space_);
    const NasflatSamples asked{graphs_of(subjects), {}, names_.size()};
    std::vector<Forecast> result;
    for (const float score : tuned_.scores(asked.pointers(), asked.device)) {
      result.push_back(fit_.forecast(static_cast<double>(score)));
    }
    return result;
  }

  LeaveOneOut leave_one_out() const override { return fit_.leave_one_out(kWho); }

  std::vector<std::size_t> suggest(std::span<const Subject> candidates,
                                   std::span<const Subject> measured,
                                   std::size_t count) const override {
    NAS_CHECK(!space_.empty(), "fitted before it is asked");
    if (candidates.empty() || count == 0) return {};
    check_space(kWho, candidates, space_);
    return clustered(candidates, measured, count,
                     Rng({.seed = seed_, .purpose = Purpose::kPredictor}).stream(kSuggestStream));
  }

  std::vector<std::string> findings() const override {
    NAS_CHECK(!fit_.targets.empty(), "adapted before it is asked");
    if (names_.empty()) return {"learned from the measurements alone"};
    return {"began from source '" + names_[source_] + "', which orders the measurements best"};
  }

  PredictorState save() const override;
  void restore(const PredictorState& state) override;

 private:
  static constexpr std::uint64_t kInitStream = 1, kTrainStream = 2, kSuggestStream = 3,
                                 kTuneStream = 4, kPartsStream = 5;

  Rng rng(std::uint64_t stream) const {
    return Rng({.seed = seed_, .purpose = Purpose::kPredictor}).stream(stream);
  }

  using Each = std::function<void(std::size_t epoch)>;

  /// A network that learned nothing yet. The device to come is the last of its devices. `like`: the
  /// supplementary numbers are scaled by theirs.
  void begin(const SearchSpace& space, std::span<const Subject> like,
             std::vector<std::string> names, std::uint64_t seed) {
    seed_ = seed;
    space_ = space.info().name;
    shape_ = {cell_vocabulary(space), names.size() + 1, static_cast<std::size_t>(options_.width)};
    if (options_.supplement == "costs" && dynamic_cast<const CellGraphs*>(&space) == nullptr) {
      costs_ = BlockScale::of(cost_rows(like));
      shape_.supplement = costs_.mean.front().size();
    }
    names_ = std::move(names);
    net_ = NasflatNet(shape_, rng(kInitStream));
    fit_ = {};
  }

  std::vector<NasflatGraph> graphs_of(std::span<const Subject> subjects) const {
    std::vector<NasflatGraph> graphs;
    for (const Subject& subject : subjects) {
      graphs.push_back({cell_graph_of(*subject.space, *subject.architecture), {}});
    }
    const std::size_t width = shape_.supplement;
    if (width == 0) return graphs;
    BlockRows rows = cost_rows(subjects);
    if (rows.blocks.front().size() != graphs.size() * width) {
      throw Error(ErrorKind::kData,
                  std::string(kWho) + ": was fitted by an earlier version, with " +
                      std::to_string(width) +
                      " costs of a network; fit it again (nasctl predictor fit --replace)");
    }
    costs_.apply(rows);
    for (std::size_t i = 0; i < graphs.size(); ++i) {
      for (const double value : std::span(rows.blocks.front()).subspan(i * width, width)) {
        graphs[i].supplement.push_back(static_cast<float>(value));
      }
    }
    return graphs;
  }

  void learn(std::span<const Subject> subjects, std::span<const double> targets, const Each& each) {
    const NasflatSamples measured{
        graphs_of(subjects), {targets.begin(), targets.end()}, names_.size()};
    leave_out(measured, each);
    tuned_ = tune(measured, each, &source_);
    fit_.scale = scale_of(tuned_, measured);
  }

  void pretrain(std::span<const TransferTask> tasks, const FitContext& context) {
    const SearchSpace& space = check_space(kWho, tasks.front().subjects, "");
    for (const TransferTask& task : tasks) check_space(kWho, task.subjects, space.info().name);
    std::vector<std::string> names;
    for (const TransferTask& task : tasks) names.push_back(task.name);
    begin(space, tasks.front().subjects, std::move(names), context.seed);
    std::vector<NasflatSamples> devices;
    Rng draw = rng(kTrainStream);
    for (const TransferTask& task : tasks) devices.push_back(drawn(task, devices.size(), draw));
    ProgressSink& progress = context.progress == nullptr ? no_progress() : *context.progress;
    progress.begin("training on " + std::to_string(devices.size()) + " devices", options_.epochs);
    train_nasflat(net_, devices, training(options_.epochs, options_.learning_rate), draw,
                  [&](std::size_t epoch) {
                    check_stop(kWho, context);
                    progress.update(static_cast<std::int64_t>(epoch), "");
                  });
    progress.update(options_.epochs, "");
    progress.end();
  }

  /// Measurements of a source that are learned from.
  NasflatSamples drawn(const TransferTask& task, std::size_t device, Rng& draw) const {
    const TransferTask part =
        drawn_part(task, static_cast<std::size_t>(options_.source_samples), draw);
    return {graphs_of(part.subjects), part.targets, device};
  }

  NasflatTraining training(std::int64_t epochs, double rate) const {
    return {static_cast<std::size_t>(epochs), static_cast<std::size_t>(options_.batch),
            static_cast<std::size_t>(options_.pairs), rate, options_.weight_decay};
  }

  /// A copy of what the sources taught, for a new device that starts as the best of them. Without
  /// sources it is trained as they are.
  NasflatNet tune(const NasflatSamples& measured, const Each& each,
                  std::size_t* source = nullptr) const {
    NasflatNet net = net_;
    const auto one = std::span(&measured, 1);
    if (names_.empty()) {
      train_nasflat(net, one, training(options_.epochs, options_.learning_rate), rng(kTuneStream),
                    each);
      return net;
    }
    std::size_t best = 0;
    double most = -2;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const std::vector<float> scores = net.scores(measured.pointers(), i);
      const double agreement =
          spearman(measured.targets, std::vector<double>(scores.begin(), scores.end()))
              .value_or(-1);
      if (agreement <= most) continue;
      most = agreement;
      best = i;
    }
    std::ranges::copy(std::vector<float>(net.device(best).begin(), net.device(best).end()),
                      net.device(measured.device).begin());
    train_nasflat(net, one, training(options_.tune_epochs, options_.tune_rate), rng(kTuneStream),
                  each);
    if (source != nullptr) *source = best;
    return net;
  }

  static MeasuredScale scale_of(const NasflatNet& net, const NasflatSamples& measured) {
    const std::vector<float> scores = net.scores(measured.pointers(), measured.device);
    return MeasuredScale::of(std::vector<double>(scores.begin(), scores.end()), measured.targets);
  }

  /// Predictions of the measurements, a fifth at a time, from the others.
  void leave_out(const NasflatSamples& measured, const Each& each) {
    const auto predict = [&](std::span<const std::size_t> kept, std::span<const std::size_t> left) {
      const NasflatSamples others = measured.subset(kept), asked = measured.subset(left);
      const NasflatNet net = tune(others, each);
      const MeasuredScale scale = scale_of(net, others);
      std::vector<double> predicted;
      for (const float score : net.scores(asked.pointers(), asked.device)) {
        predicted.push_back(scale.out(static_cast<double>(score)));
      }
      return predicted;
    };
    fit_.leave_out(measured.targets, rng(kPartsStream), predict);
  }

  NasflatOptions options_;
  std::uint64_t seed_ = 0;
  NasflatShape shape_;
  BlockScale costs_;
  std::string space_;
  std::vector<std::string> names_;  ///< of the sources; none: the measurements are all there is
  NasflatNet net_;                  ///< of the sources; the new device's embedding is the last
  // Of the device:
  NasflatNet tuned_;
  std::size_t source_ = 0;
  MeasuredFit fit_;
};

PredictorState NasflatPlugin::save() const {
  NAS_CHECK(!fit_.targets.empty(), "adapted before it is saved");
  PredictorState state;
  const auto keep = [&state](const char* name, const auto& values) {
    state.tensors.push_back(
        make_tensor(name, {std::ssize(values)}, {values.begin(), values.end()}));
  };
  keep("sources", net_.parameters());
  keep("device", tuned_.parameters());
  fit_.save(state.tensors);
  if (shape_.supplement > 0) {
    keep("costs.mean", costs_.mean.front());
    keep("costs.factor", costs_.factor.front());
  }
  nlohmann::json text{{"space", space_}, {"vocabulary", shape_.vocabulary}};
  text.update({{"sources", names_}, {"source", source_}, {"seed", seed_}});
  text["supplement"] = shape_.supplement;
  state.text = text.dump();
  return state;
}

void NasflatPlugin::restore(const PredictorState& state) {
  const nlohmann::json json = nlohmann::json::parse(state.text, nullptr, false);
  const auto damaged = [](const char* what) {
    throw Error(ErrorKind::kData, std::string(kWho) + ": its " + what);
  };
  constexpr std::size_t kMost = 10'000;
  try {
    space_ = json.at("space").get<std::string>();
    names_ = json.at("sources").get<std::vector<std::string>>();
    shape_.vocabulary = json.at("vocabulary").get<std::size_t>();
    source_ = json.at("source").get<std::size_t>();
    seed_ = json.at("seed").get<std::uint64_t>();
    shape_.supplement = json.value("supplement", std::size_t{0});  // states before 2026-12 lack it
  } catch (const nlohmann::json::exception&) {
    damaged("description is damaged");
  }
  if (names_.size() > kMost || source_ >= std::max<std::size_t>(names_.size(), 1) ||
      shape_.vocabulary == 0 || shape_.vocabulary > kMost) {
    damaged("description is damaged");
  }
  costs_ = {};
  if (shape_.supplement > 0) {
    costs_ = {{state_tensor(state, "costs.mean").data}, {state_tensor(state, "costs.factor").data}};
    if (costs_.mean.front().size() != shape_.supplement ||
        costs_.factor.front().size() != shape_.supplement) {
      damaged("tensors are of another size");
    }
  }
  shape_.devices = names_.size() + 1;
  shape_.width = static_cast<std::size_t>(options_.width);
  net_ = NasflatNet(shape_, rng(kInitStream));
  tuned_ = net_;
  const auto read = [&](const char* name, NasflatNet& net) {
    const std::vector<double>& values = state_tensor(state, name).data;
    if (values.size() != net.parameters().size()) damaged("tensors are of another size");
    std::ranges::transform(values, net.parameters().begin(),
                           [](double value) { return static_cast<float>(value); });
  };
  read("sources", net_);
  read("device", tuned_);
  if (!fit_.restore(state)) damaged("tensors do not fit each other");
}

}  // namespace

extern const Plugin<Predictor> nasflat_predictor;
constinit const Plugin<Predictor> nasflat_predictor{
    .name = "nasflat",
    .summary =
        "a new device from twenty measurements: a graph network that ranks on other devices, "
        "fine-tuned from the one that is most alike",
    .paper =
        "Y. Akhauri, M. S. Abdelfattah: On Latency Predictors for Neural Architecture Search, "
        "MLSys 2024, arXiv:2403.02446",
    .fields = [] { return describe_fields<NasflatOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<NasflatOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<NasflatPlugin>(parse(options));
    },
};

}  // namespace nas
