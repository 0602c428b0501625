#include "app/study/winner.h"

#include <unistd.h>

#include <algorithm>
#include <thread>

#include "app/models/network_file.h"
#include "app/session/candidate.h"
#include "app/study/evaluators.h"
#include "app/study/study_data.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/qasm.h"
#include "core/runtime/checkpoint.h"
#include "core/runtime/weighted_model.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/interruption.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kDigestDigits = 8;
constexpr std::size_t kModelDigits = 16;  // of a teacher or a start, in fidelities

std::string short_digest(const Candidate& candidate) {
  return to_hex(candidate.digest).substr(0, kDigestDigits);
}

/// The metrics of the problem, which come before what else a judge says.
std::span<const NamedValue> declared(std::span<const NamedValue> values,
                                     const ProblemRecord& problem) {
  return values.first(std::min(values.size(), problem.metrics.size()));
}

/// What of the training is worth a row beside the model.
std::vector<MetricValue> training_metrics(const TrainReport& report, const ProblemRecord& problem,
                                          const std::string& fidelity, const std::string& network) {
  std::vector<MetricValue> metrics;
  const auto add = [&](const std::string& name, double value) {
    metrics.push_back({name, value, MetricSource::kMeasured, fidelity, std::nullopt, network});
  };
  for (const NamedValue& value : report.validation) add(value.name, value.value);
  for (const NamedValue& value : declared(report.test, problem)) {
    add(test_name(value.name), value.value);
  }
  if (problem.fits_itself()) return metrics;
  for (const NamedValue& value : report.train) add(train_name(value.name), value.value);
  add("train_loss", report.train_loss);
  return metrics;
}

/// A training prepared: everything that can be refused is refused before the first step.
struct Prepared {
  const SearchSpace* space = nullptr;  ///< null: a network of no space
  std::shared_ptr<const Problem> problem{};
  Candidate candidate{};  ///< of an architecture of `space`
  ArchGraph graph{};
  std::string fidelity{};
  std::string network{};           ///< text of the task; "" without a space
  std::filesystem::path output{};  ///< the wanted name; what becomes of it is decided at the end
  std::filesystem::path checkpoint{};
  std::optional<Model> start{};  ///< with the weights that the training starts from
  std::optional<Model> teacher{};
  DistillSetup distill{};  ///< of `teacher`; its pointer is set where the model has its last place
};

/// The network that is trained, of a space or of a file. Returns the default stem of its model.
std::string take_network(Session& session, const TrainRequest& request, Prepared& prepared) {
  if (!request.network.empty()) {
    prepared.graph = read_network_file(request.network, false).graph;
    // A fit checks its circuit itself.
    if (!prepared.problem->record().fits_itself()) {
      check_fits(prepared.graph, *prepared.problem, request.recipe);
    }
    prepared.candidate.digest = digest(prepared.graph);
    return request.network.stem().string();
  }
  const SearchSpace& space = session.space(request.space);
  const Architecture architecture = space.parse(request.architecture);
  validate(space, architecture);
  prepared.space = &space;
  prepared.candidate = identify(space, architecture);
  const Task task = task_for(space, *prepared.problem, request.recipe);
  prepared.graph = space.build(architecture, task);
  prepared.network = network_text(space, task);
  return request.space.name;
}

/// Takes the weights of a model, with its own graph of the network that is trained: that one has
/// the names of the weights.
void take_weights(const std::filesystem::path& model, Prepared& prepared) {
  FileNetwork file = read_network_file(model, true);
  if (digest(file.graph) != digest(prepared.graph)) {
    throw Error(ErrorKind::kUsage, printable(model.string()) +
                                       ": its weights are of another network than the one that is "
                                       "trained");
  }
  prepared.start = weighted_model(file.graph, file.weights, model.string());
  prepared.graph = std::move(file.graph);
}

Prepared prepare(Session& session, const TrainRequest& request) {
  Prepared prepared{.problem = session.problem(request.data)};
  const std::string stem = take_network(session, request, prepared);
  if (!request.weights.empty()) take_weights(request.weights, prepared);
  if (!request.teacher.empty()) {
    prepared.teacher = open_model(request.teacher);
    prepared.distill.teacher_text = sha256_file(request.teacher).substr(0, kModelDigits);
    prepared.distill.choice = request.distill;
  }
  prepared.fidelity = training_text(*prepared.problem, request.recipe,
                                    prepared.teacher ? &prepared.distill : nullptr);
  if (prepared.start) {
    prepared.fidelity += "; start=" + sha256_file(request.weights).substr(0, kModelDigits);
  }
  prepared.output = request.output;
  if (prepared.output.empty()) {
    prepared.output =
        session.models_directory() /
        (file_stem(request.stem.empty() ? stem : request.stem) + "-" +
         short_digest(prepared.candidate) + std::string(model_ending(prepared.problem->record())));
  } else {
    refuse_existing(prepared.output, request.force);
  }
  check_can_write(prepared.output);
  prepared.checkpoint = prepared.output.string() + "." +
                        sha256_hex(prepared.fidelity).substr(0, kDigestDigits) + ".checkpoint";
  return prepared;
}

/// Saves under the wanted name; a file that came to be there meanwhile stays, and the model gets
/// the next free name. Returns the path.
std::filesystem::path save(const Model& model, const Prepared& prepared,
                           const std::map<std::string, std::string>& metadata, bool force) {
  const bool special = std::filesystem::exists(prepared.output) && !holds_file(prepared.output);
  if (force || special) {
    save_model(model, prepared.output, metadata);
    return prepared.output;
  }
  const std::filesystem::path unfinished =
      prepared.output.string() + "." + std::to_string(getpid()) + ".unfinished";
  save_model(model, unfinished, metadata);
  while (true) {
    const std::filesystem::path path = free_path(prepared.output);
    if (rename_to_free(unfinished, path)) return path;
  }
}

/// Below this many multiply-accumulates in a batch, threads lose more in waiting for each other
/// than they gain: 0.24e9 (7.6 million of a small NAS-Bench-201 network, batch 32) ran 3 to 10
/// times slower on two threads of a busy machine than on one.
constexpr double kParallelMacs = 2e9;

int thread_count(const TrainRequest& request, std::int64_t macs) {
  if (request.threads > 0) return request.threads;
  const double work = static_cast<double>(macs) * static_cast<double>(request.recipe.batch);
  if (work < kParallelMacs) return 1;
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::string text_of(const DataFact& fact) {
  if (const auto* text = std::get_if<std::string>(&fact.value)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&fact.value)) return std::to_string(*whole);
  return format_double(std::get<double>(fact.value));
}

std::map<std::string, std::string> model_metadata(const Prepared& prepared,
                                                  const TrainRequest& request,
                                                  const TrainReport& report) {
  const ProblemRecord& problem = prepared.problem->record();
  const ProblemData& data = prepared.problem->data();
  std::map<std::string, std::string> metadata{{"fidelity", prepared.fidelity},
                                              {"problem", std::string(problem.name)},
                                              {"data", data.id},
                                              {"classes", join(data.classes, "\n")},
                                              {"version", version_text()}};
  if (prepared.space != nullptr) {
    metadata["space"] = request.space.name;
    metadata["architecture"] = prepared.candidate.text;
    metadata["network"] = prepared.network;
  }
  for (const DataFact& fact : data.facts) metadata["data." + fact.name] = text_of(fact);
  for (const NamedValue& value : declared(report.test, problem)) {
    metadata[test_name(value.name)] = format_double(value.value);
  }
  return metadata;
}

void record(Session& session, const ArchitectureKey& architecture,
            std::optional<std::int64_t> trial_id, const TrainOutcome& outcome) {
  Store& store = session.writer();
  ModelRow model;
  model.architecture_id = store.add_metrics(
      architecture,
      training_metrics(outcome.report, *outcome.problem, outcome.fidelity, outcome.network));
  model.trial_id = trial_id;
  model.path = session.kept_path(outcome.path);
  model.sha256 = outcome.sha256;
  model.fidelity = outcome.fidelity;
  model.network = outcome.network;
  if (!outcome.report.test.empty()) {
    model.metric = test_name(outcome.report.test.front().name);
    model.value = outcome.report.test.front().value;
  } else if (!outcome.report.validation.empty()) {
    model.metric = outcome.report.validation.front().name;
    model.value = outcome.report.validation.front().value;
  }
  store.add_model(model);
}

ArchitectureKey key_of(const PluginChoice& space, const Prepared& prepared) {
  const Candidate& candidate = prepared.candidate;
  return {space.name,       prepared.space->info().version, candidate.text,
          candidate.digest, candidate.published_params,     candidate.published_macs};
}

/// The circuit with the angles found, as OpenQASM; a fit takes no checkpoint.
TrainOutcome run_fit(Session& session, const TrainRequest& request, const Prepared& prepared,
                     const FittedProblem& problem) {
  TrainOutcome outcome;
  outcome.problem = &prepared.problem->record();
  outcome.fidelity = prepared.fidelity;
  outcome.network = prepared.network;
  outcome.params = graph_cost(prepared.graph).params;
  try {
    const Fitted fitted = problem.fit(prepared.graph, request.recipe, session.stop());
    outcome.report.validation = fitted.values;
    outcome.report.curve = fitted.curve;
    outcome.path = request.force ? prepared.output : free_path(prepared.output);
    write_file_atomically(outcome.path, to_qasm2(to_circuit(fitted.graph)));
    outcome.sha256 = sha256_file(outcome.path);
  } catch (const Interrupted&) {
    outcome.report.stopped = true;
  }
  return outcome;
}

TrainOutcome run_training(Session& session, const TrainRequest& request, Prepared& prepared) {
  if (const auto* fitted = dynamic_cast<const FittedProblem*>(prepared.problem.get())) {
    return run_fit(session, request, prepared, *fitted);
  }
  std::error_code ignored;
  if (!request.resume) std::filesystem::remove(prepared.checkpoint, ignored);
  const GraphCost cost = graph_cost(prepared.graph);
  set_intra_op_threads(thread_count(request, cost.macs));
  const auto seed = static_cast<std::uint64_t>(request.recipe.seed);
  Model model = prepared.start ? *std::move(prepared.start)
                               : Model(prepared.graph, RngKey{seed, 0, 0, Purpose::kInit});
  TrainSetup setup;
  if (prepared.teacher) {
    prepared.distill.teacher = &*prepared.teacher;
    setup.distill = &prepared.distill;
  }
  setup.problem = prepared.problem;
  setup.recipe = request.recipe;
  setup.checkpoint = prepared.checkpoint;
  setup.progress = &session.progress();
  setup.stop = session.stop();
  TrainOutcome outcome;
  outcome.report = train(model, setup, request.with_test);
  outcome.problem = &prepared.problem->record();
  outcome.fidelity = prepared.fidelity;
  outcome.network = prepared.network;
  outcome.params = cost.params;
  outcome.macs =
      prepared.space == nullptr ? cost.macs : published_macs(prepared.space->info(), cost);
  if (outcome.report.stopped) return outcome;
  outcome.path =
      save(model, prepared, model_metadata(prepared, request, outcome.report), request.force);
  std::filesystem::remove(prepared.checkpoint, ignored);
  if (holds_file(outcome.path)) outcome.sha256 = sha256_file(outcome.path);
  return outcome;
}

/// The model that a trial already has of this training, if its file is there unchanged.
std::optional<TrainOutcome> known_model(Session& session, const TrialRow& trial,
                                        const std::string& fidelity) {
  std::optional<TrainOutcome> known;
  for (const ModelRow& model : session.writer().models(trial.architecture_id)) {
    if (model.trial_id != trial.id || model.fidelity != fidelity) continue;
    const std::filesystem::path path = session.file_path(model.path);
    if (!holds_file(path) || sha256_file(path) != model.sha256) continue;
    known = TrainOutcome{};
    known->path = path;
    known->sha256 = model.sha256;
    known->fidelity = fidelity;
    const std::string_view metric = model.metric;
    if (metric.starts_with(kTestPrefix)) {
      known->report.test = {{std::string(metric.substr(kTestPrefix.size())), model.value}};
    } else if (!metric.empty()) {
      known->report.validation = {{model.metric, model.value}};
    }
  }
  return known;
}

const TrialRow& choose_winner(const StudyData& study, std::int64_t number) {
  const std::vector<TrialSummary> best = leaders(study, "", 1);
  if (number < 0 && best.empty()) {
    throw Error(ErrorKind::kUsage,
                "study '" + study.row.spec.name + "' has no feasible trial to train");
  }
  const std::int64_t wanted = number < 0 ? best.front().number : number;
  for (const TrialRow& trial : study.trials) {
    if (trial.number == wanted) return trial;
  }
  throw Error(ErrorKind::kUsage,
              "study '" + study.row.spec.name + "' has no trial " + std::to_string(wanted));
}

}  // namespace

std::string_view model_ending(const ProblemRecord& problem) {
  return problem.fits_itself() ? ".qasm" : ".safetensors";
}

ArchGraph fitted_graph(Session& session, const StudyConfig& config, const ArchGraph& graph) {
  if (config.data.empty()) return graph;
  const std::shared_ptr<const Problem> problem = session.problem(config.data);
  const auto* fitted = dynamic_cast<const FittedProblem*>(problem.get());
  if (fitted == nullptr) return graph;
  return fitted->fit(graph, make_recipe(config.recipe), session.stop()).graph;
}

TrainOutcome train_architecture(Session& session, const TrainRequest& request) {
  Prepared prepared = prepare(session, request);
  const TrainOutcome outcome = run_training(session, request, prepared);
  if (outcome.report.stopped || !request.record || prepared.space == nullptr) return outcome;
  record(session, key_of(request.space, prepared), std::nullopt, outcome);
  return outcome;
}

WinnerOutcome train_winner(Session& session, std::string_view name, const WinnerOptions& options) {
  Store& store = session.writer();
  const StudyData study = load_study(store, name);
  const TrialRow& trial = choose_winner(study, options.trial);
  if (study.config.data.empty()) {
    throw Error(ErrorKind::kUsage, "study '" + std::string(name) +
                                       "' names no data set, so there is nothing to train on");
  }
  TrainRequest request;
  request.space = study.config.space;
  request.architecture = trial.text;
  request.data = study.config.data;
  request.recipe = make_recipe(study.config.final_recipe, "final recipe");
  request.stem = std::string(name);
  request.resume = options.resume;
  request.threads = options.threads;
  Prepared prepared = prepare(session, request);
  if (auto known = known_model(session, trial, prepared.fidelity); known && !options.again) {
    known->problem = &prepared.problem->record();
    return {trial.number, trial.text, *std::move(known), true};
  }
  WinnerOutcome outcome{trial.number, trial.text, run_training(session, request, prepared), false};
  if (!outcome.training.report.stopped) {
    record(session, key_of(request.space, prepared), trial.id, outcome.training);
  }
  return outcome;
}

}  // namespace nas
