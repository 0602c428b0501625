#include <algorithm>
#include <array>
#include <memory>

#include "core/util/text.h"
#include "predictors/help/adaptation.h"
#include "predictors/help/meta_training.h"
#include "predictors/help/references.h"
#include "predictors/registry.h"
#include "predictors/state.h"
#include "predictors/transfer/diverse.h"
#include "predictors/transfer/measured_scale.h"
#include "predictors/transfer/transfer_base.h"

// HELP: a network that was meta-trained on other devices takes two gradient steps on a few
// measurements of a new one. The pieces are in help/.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'help'";
constexpr std::string_view kReleased = "HELP (arXiv:2106.08630), released code";

struct HelpOptions {
  std::int64_t episodes = 2000;
  std::int64_t devices = 8;
  std::int64_t support = 10;
  std::int64_t queries = 200;
  std::int64_t steps = 2;
  double learning_rate = 1e-4;
  double inner_rate = 1e-3;
  double kl = 0.1;
  std::int64_t evaluate_every = 50;
  std::int64_t validation = 0;
  std::string protocol = "honest";
  std::string references;
};

constexpr std::array kFields = {
    Field<HelpOptions>{"episodes", &HelpOptions::episodes,
                       "of meta-training; 4,000 were published for FBNet", "episodes", 1, 1'000'000,
                       kReleased},
    Field<HelpOptions>{"devices", &HelpOptions::devices, "source devices of an episode", "devices",
                       1, 1000, kReleased},
    Field<HelpOptions>{"support", &HelpOptions::support,
                       "samples that the inner steps learn from in meta-training", "samples", 1,
                       1000, kReleased},
    Field<HelpOptions>{"queries", &HelpOptions::queries,
                       "samples that the adapted network is judged on", "samples", 1, 10'000,
                       kReleased},
    Field<HelpOptions>{"steps", &HelpOptions::steps, "inner gradient steps", "steps", 1, 10,
                       kReleased},
    Field<HelpOptions>{"learning_rate", &HelpOptions::learning_rate, "of Adam", "", 1e-7, 1,
                       kReleased},
    Field<HelpOptions>{"inner_rate", &HelpOptions::inner_rate,
                       "that the learned rate of each parameter starts from", "", 0, 1, kReleased},
    Field<HelpOptions>{"kl", &HelpOptions::kl, "weight of the divergence of z", "", 0, 100,
                       kReleased},
    Field<HelpOptions>{"evaluate_every", &HelpOptions::evaluate_every,
                       "episodes between two evaluations; the best one is kept", "episodes", 1,
                       1'000'000, kReleased},
    Field<HelpOptions>{"validation", &HelpOptions::validation,
                       "last ones of the source devices, which only choose what is kept", "devices",
                       0, 1000},
    Field<HelpOptions>{
        .name = "protocol",
        .member = &HelpOptions::protocol,
        .meaning = "honest: every measurement is learned from, and they alone scale the labels; "
                   "published: the first ones beside the references are learned from (support), "
                   "the others only scale the labels",
        .choices = "honest|published"},
    Field<HelpOptions>{
        "references", &HelpOptions::references,
        "texts of the ten architectures that represent a device, separated by ';' or spaces "
        "(default: spread over the sources' ranks)"},
};

HelpOptions parse(const OptionMap& options) {
  return parse_fields<HelpOptions>(kFields, options, kWho);
}

constexpr std::size_t kLeastSource = 10;

class HelpPlugin final : public TransferBase {
 public:
  explicit HelpPlugin(const HelpOptions& options)
      : TransferBase(kWho),
        options_(options),
        adaptation_({kWho, options.protocol == "honest", static_cast<std::size_t>(options.support),
                     static_cast<std::size_t>(options.steps)}) {}

  /// Without other devices the samples are the one device of meta-training.
  void fit_alone(const SearchSpace& /*space*/, std::span<const Subject> subjects,
                 std::span<const double> targets, const FitContext& context) override {
    const TransferTask task{
        "the samples", {subjects.begin(), subjects.end()}, {targets.begin(), targets.end()}};
    meta_train(std::span(&task, 1), 0, context);
    adapt(subjects, targets);
  }

  void fit_tasks(std::span<const TransferTask> tasks, std::span<const Subject> /*pool*/,
                 const FitContext& context) override {
    const auto validation = static_cast<std::size_t>(options_.validation);
    if (tasks.size() <= validation) {
      throw Error(ErrorKind::kData,
                  std::string(kWho) + " learns from other devices, of which " +
                      std::to_string(tasks.size()) + " are known and validation takes " +
                      std::to_string(validation) +
                      "; give a benchmark with columns of others, or use transfer");
    }
    meta_train(tasks, validation, context);
  }

  void adapt(std::span<const Subject> subjects, std::span<const double> targets) override {
    adaptation_.adapt(subjects, targets);
  }
  std::vector<Forecast> forecast(std::span<const Subject> subjects) const override {
    return adaptation_.forecast(subjects);
  }
  LeaveOneOut leave_one_out() const override { return adaptation_.leave_one_out(); }

  /// The references, then what is most unlike all before.
  std::vector<std::size_t> suggest(std::span<const Subject> candidates,
                                   std::span<const Subject> measured,
                                   std::size_t count) const override {
    NAS_CHECK(adaptation_.started(), "fitted before it is asked");
    if (candidates.empty()) return {};
    check_space(kWho, candidates, adaptation_.learned().space);
    return most_different(candidates, measured, references(), count);
  }

  std::vector<Architecture> references() const override { return adaptation_.learned().references; }
  std::vector<std::string> findings() const override { return adaptation_.findings(); }
  PredictorState save() const override { return adaptation_.save(); }
  void restore(const PredictorState& state) override { adaptation_.restore(state); }

 private:
  void meta_train(std::span<const TransferTask> tasks, std::size_t validation,
                  const FitContext& context) {
    for (const TransferTask& task : tasks) check_source(kWho, task, kLeastSource);
    const SearchSpace& space = check_space(kWho, tasks.front().subjects, "");
    for (const TransferTask& task : tasks) check_space(kWho, task.subjects, space.info().name);
    const std::vector<Architecture> references =
        options_.references.empty() ? spread_references(kWho, tasks)
                                    : read_references(kWho, space, options_.references);
    std::vector<HelpTask> devices;
    for (const TransferTask& task : tasks) devices.push_back(help_task(kWho, task, references));
    const auto count = [](std::int64_t value) { return static_cast<std::size_t>(value); };
    HelpMetaTraining training(help_encoder(space), devices,
                              {.episodes = count(options_.episodes),
                               .devices = count(options_.devices),
                               .support = count(options_.support),
                               .queries = count(options_.queries),
                               .steps = count(options_.steps),
                               .learning_rate = options_.learning_rate,
                               .inner_rate = options_.inner_rate,
                               .kl = options_.kl,
                               .evaluate_every = count(options_.evaluate_every),
                               .validation = validation},
                              Rng({.seed = context.seed, .purpose = Purpose::kPredictor}));
    ProgressSink& progress = context.progress == nullptr ? no_progress() : *context.progress;
    progress.begin("meta-training", options_.episodes);
    training.run([&](std::size_t done) {
      check_stop(kWho, context);
      std::string note;
      if (!training.evaluations().empty()) {
        const HelpMetaTraining::Evaluation& last = training.evaluations().back();
        note = "spearman " + format_short(std::max(last.training, last.validation), 3);
      }
      progress.update(static_cast<std::int64_t>(done), note);
    });
    progress.end();
    adaptation_.start({space.info().name, references, training.kept_episode(), help_encoder(space),
                       training.checkpoint()});
  }

  HelpOptions options_;
  HelpAdaptation adaptation_;
};

}  // namespace

extern const Plugin<Predictor> help_predictor;
constinit const Plugin<Predictor> help_predictor{
    .name = "help",
    .summary =
        "a new device from ten measurements: two gradient steps of a network that was meta-trained "
        "on other devices",
    .paper =
        "H. Lee, S. Lee, S. Chong, S. J. Hwang: HELP: Hardware-Adaptive Efficient Latency "
        "Prediction for NAS via Meta-Learning, NeurIPS 2021, arXiv:2106.08630",
    .fields = [] { return describe_fields<HelpOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<HelpOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<HelpPlugin>(parse(options));
    },
};

}  // namespace nas
