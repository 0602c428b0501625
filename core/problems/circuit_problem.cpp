#include "core/problems/circuit_problem.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/quantum/circuit_graph.h"
#include "core/quantum/noise.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/interruption.h"
#include "core/util/text.h"

namespace nas {
namespace {

struct CircuitRecipe {
  std::int64_t iterations = 200;
  std::int64_t restarts = 3;
  std::int64_t shots = 0;
  double tolerance = 1e-9;
  std::string start = "own";
  double gate_error = 0;
  double pair_error = 0;
  std::int64_t trajectories = 1000;
};

constexpr std::array kFields = {
    Field<CircuitRecipe>{"iterations", &CircuitRecipe::iterations, "most steps of the optimiser",
                         "steps", 0, 1e6},
    Field<CircuitRecipe>{"restarts", &CircuitRecipe::restarts,
                         "fits from different angles, the best of which counts", "", 1, 1e6},
    Field<CircuitRecipe>{"shots", &CircuitRecipe::shots,
                         "measurements behind a value that spsa sees; 0 = exact values", "", 0,
                         1e12},
    Field<CircuitRecipe>{"tolerance", &CircuitRecipe::tolerance,
                         "change of the value in a step below which a fit ends", "", 0, 1},
    Field<CircuitRecipe>{.name = "start",
                         .member = &CircuitRecipe::start,
                         .meaning = "angles of the first fit: the circuit's own where it has any, "
                                    "random ones, or zeros; further fits start at random ones",
                         .choices = "own|random|zero"},
    Field<CircuitRecipe>{.name = "gate_error",
                         .member = &CircuitRecipe::gate_error,
                         .meaning = "probability that a gate on one qubit depolarises it, in what "
                                    "a fitted circuit is judged by; 0 = no noise",
                         .min = 0,
                         .max = 1,
                         .before = "0"},
    Field<CircuitRecipe>{.name = "pair_error",
                         .member = &CircuitRecipe::pair_error,
                         .meaning = "the same of each qubit after a gate on two",
                         .min = 0,
                         .max = 1,
                         .before = "0"},
    Field<CircuitRecipe>{.name = "trajectories",
                         .member = &CircuitRecipe::trajectories,
                         .meaning = "noisy runs that are averaged, where there is noise",
                         .min = 2,
                         .max = 1e9,
                         .before = "1000"},
};

constexpr OwnFields kOwnFields = own_fields<CircuitRecipe, kFields>();

CircuitRecipe own_recipe(const Recipe& recipe) {
  return parse_own<CircuitRecipe, kFields>(recipe.problem);
}

std::vector<double> start_angles(const Circuit& circuit, const Recipe& recipe,
                                 const CircuitRecipe& own, std::int64_t restart) {
  std::vector<double> angles = circuit.angles();
  const bool stated = std::any_of(angles.begin(), angles.end(), [](double a) { return a != 0; });
  if (restart == 0 && own.start == "own" && stated) return angles;
  if (restart == 0 && own.start == "zero") return std::vector<double>(angles.size(), 0);
  Rng rng({.seed = static_cast<std::uint64_t>(recipe.seed),
           .study = stable_hash("angles"),
           .trial = static_cast<std::uint64_t>(restart),
           .purpose = Purpose::kInit});
  for (double& angle : angles) angle = rng.uniform(0, 2 * std::numbers::pi);
  return angles;
}

FitOptions fit_options(const Recipe& recipe, const CircuitRecipe& own) {
  return {.rule = parse_fit_rule(recipe.optimizer),
          .max_steps = static_cast<int>(own.iterations),
          .step = recipe.learning_rate,
          .tolerance = own.tolerance,
          .shots = own.shots};
}

class FitEvaluator final : public Evaluator {
 public:
  FitEvaluator(std::shared_ptr<const Problem> problem, const Recipe& recipe,
               const SearchSpace& space)
      : problem_(std::move(problem)),
        fitted_(dynamic_cast<const FittedProblem*>(problem_.get())),
        recipe_(recipe) {
    NAS_CHECK(fitted_ != nullptr, "only a problem that fits its architectures itself");
    fitted_->check_recipe(recipe);
    for (const MetricInfo& metric : problem_->record().metrics) {
      info_.metrics.emplace_back(metric.name);
    }
    info_.name = "fit";
    info_.expense = 50;
    info_.task = task_for(space, *problem_, recipe_);
    info_.network = network_text(space, info_.task);
    info_.fidelity = fidelity_text(*problem_, recipe_);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const Fitted fitted = fitted_->fit(request.graph, recipe_, request.stop);
    EvalResult result;
    result.curve = fitted.curve;
    for (const NamedValue& value : fitted.values) {
      result.metrics.push_back({.name = value.name,
                                .value = value.value,
                                .source = MetricSource::kMeasured,
                                .fidelity = info_.fidelity,
                                .device = std::nullopt});
    }
    return result;
  }

 private:
  std::shared_ptr<const Problem> problem_;
  const FittedProblem* fitted_;  ///< *problem_
  Recipe recipe_;
  Info info_;
};

}  // namespace

std::vector<FieldDoc> circuit_field_docs() {
  return kOwnFields.docs();
}

OptionMap resolve_circuit_fields(const OptionMap& own) {
  return kOwnFields.resolve(own);
}

std::string settled_circuit_fields(const OptionMap& own) {
  return kOwnFields.settled(own);
}

std::vector<DataKind> circuit_kinds(const ProblemRecord& record, std::string layout,
                                    std::string_view summary,
                                    std::shared_ptr<const Problem> (*open)(std::string_view spec)) {
  return {{{.name = std::string(record.name),
            .layout = std::move(layout),
            .summary = std::string(summary),
            .reads_directory = true,
            .recipe = {{"optimizer", "lbfgs"}},
            .argument = "WHICH"},
           &record,
           open}};
}

FitOptions circuit_fit_options(const Recipe& recipe) {
  return fit_options(recipe, own_recipe(recipe));
}

void check_circuit_recipe(const Recipe& recipe, bool knows_noise) {
  const CircuitRecipe own = own_recipe(recipe);
  const FitOptions options = fit_options(recipe, own);
  if (!knows_noise && (own.gate_error > 0 || own.pair_error > 0)) {
    throw Error(ErrorKind::kUsage,
                "gate_error and pair_error: expectations are judged with noise, not this problem");
  }
  if (options.shots > 0 && options.rule != FitRule::kSpsa) {
    throw Error(ErrorKind::kUsage, "shots = " + std::to_string(options.shots) +
                                       ": only optimizer=spsa measures; optimizer=" +
                                       recipe.optimizer + " needs exact gradients");
  }
}

BestFit best_fit(const Circuit& circuit, const Recipe& recipe, const FitFrom& fit) {
  const CircuitRecipe own = own_recipe(recipe);
  const FitOptions options = fit_options(recipe, own);
  // Without angles every start is the same.
  const std::int64_t restarts = circuit.parameters() == 0 ? 1 : own.restarts;
  BestFit best;
  for (std::int64_t restart = 0; restart < restarts; ++restart) {
    check_interruption();
    const Rng chance({.seed = static_cast<std::uint64_t>(recipe.seed),
                      .study = stable_hash("spsa"),
                      .trial = static_cast<std::uint64_t>(restart),
                      .purpose = Purpose::kSearch});
    CircuitFit one = fit(start_angles(circuit, recipe, own, restart), options, chance);
    if (!std::isfinite(one.value)) {
      throw Error(ErrorKind::kNumeric, "the fit of a circuit gave " + format_double(one.value));
    }
    best.values.push_back(one.value);
    if (restart == 0 || one.value < best.fit.value) best.fit = std::move(one);
  }
  return best;
}

double judged_value(const Circuit& fitted, const Observable& observable, double value,
                    const Recipe& recipe) {
  const CircuitRecipe own = own_recipe(recipe);
  const NoiseModel noise{.one_qubit = own.gate_error, .two_qubit = own.pair_error};
  if (noise.one_qubit == 0 && noise.two_qubit == 0) return value;
  Rng chance({.seed = static_cast<std::uint64_t>(recipe.seed),
              .study = stable_hash("noise"),
              .purpose = Purpose::kSearch});
  return noisy_expectation(fitted, observable, noise, static_cast<int>(own.trajectories), chance)
      .mean;
}

void CircuitProblem::check_recipe(const Recipe& recipe) const {
  check_circuit_recipe(recipe, true);
}

Circuit CircuitProblem::checked_circuit(const ArchGraph& graph) const {
  Circuit circuit = to_circuit(graph);
  if (circuit.qubits() != observable_.qubits()) {
    throw Error(ErrorKind::kUsage, "the circuit has " + std::to_string(circuit.qubits()) +
                                       " qubits, data '" + data_.id + "' " +
                                       std::to_string(observable_.qubits()));
  }
  return circuit;
}

std::vector<NamedValue> CircuitProblem::judge_circuit(const ArchGraph& graph,
                                                      const Recipe& recipe) const {
  const Circuit circuit = checked_circuit(graph);
  const double value = CircuitObjective(circuit, observable_).value(circuit.angles());
  return judge_value(judged_value(circuit, observable_, value, recipe));
}

Fitted CircuitProblem::fit(const ArchGraph& graph, const Recipe& recipe,
                           std::stop_token stop) const {
  const InterruptionScope scope(std::move(stop));
  const Circuit circuit = checked_circuit(graph);
  const BestFit best = best_fit(
      circuit, recipe, [&](std::vector<double> start, const FitOptions& options, Rng chance) {
        return fit_circuit(circuit, observable_, std::move(start), options, chance);
      });
  Fitted result;
  for (const double value : best.values) {
    const NamedValue first = judge_value(value).front();
    const auto number = static_cast<std::int64_t>(result.curve.size() + 1);
    result.curve.push_back({number, first.name, first.value});
  }
  result.graph = with_angles(graph, best.fit.angles);
  result.values =
      judge_value(judged_value(to_circuit(result.graph), observable_, best.fit.value, recipe));
  return result;
}

std::string circuit_data_id(std::string_view kind, std::string_view name, int qubits,
                            std::string_view content) {
  constexpr std::size_t kDigits = 8;
  return std::string(kind) + "(" + std::string(name) + ")[" + std::to_string(qubits) + "]#" +
         sha256_hex(content).substr(0, kDigits);
}

std::string_view argument_of(std::string_view spec, std::string_view forms) {
  const std::size_t colon = spec.find(':');
  const std::string_view argument =
      colon == std::string_view::npos ? std::string_view() : spec.substr(colon + 1);
  if (argument.empty()) {
    throw Error(ErrorKind::kUsage, "'" + printable(spec) + "' does not say which: write " +
                                       std::string(spec.substr(0, colon)) + ":" +
                                       std::string(forms));
  }
  return argument;
}

std::filesystem::path file_of(std::string_view kind, std::string_view argument,
                              std::string_view forms) {
  std::filesystem::path path(argument);
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return path;
  throw Error(ErrorKind::kUsage, std::string(kind) + ":" + printable(argument) +
                                     ": there is no such file; expected " + std::string(forms));
}

std::vector<double> numbers_of(std::string_view argument, std::vector<double> defaults,
                               std::string_view form) {
  const std::size_t colon = argument.find(':');
  const std::vector<std::string> words = colon == std::string_view::npos
                                             ? std::vector<std::string>{}
                                             : split(argument.substr(colon + 1), ',');
  const auto refuse = [&] {
    throw Error(ErrorKind::kUsage, "'" + printable(argument) + "': expected " + std::string(form));
  };
  if (words.empty() || words.size() > defaults.size()) refuse();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::optional<double> number = parse_double(std::string(trim(words[i])));
    if (!number || !std::isfinite(*number)) refuse();
    defaults[i] = *number;
  }
  return defaults;
}

int checked_qubits(double number) {
  constexpr double kFewest = 2, kMost = 24;
  if (number != std::floor(number) || number < kFewest || number > kMost) {
    throw Error(ErrorKind::kUsage,
                format_short(number) +
                    " qubits: must be a whole number from 2 to 24 (24 qubits take 256 MiB a "
                    "state, and every further one twice as much)");
  }
  return static_cast<int>(number);
}

std::unique_ptr<Evaluator> make_fit_evaluator(std::shared_ptr<const Problem> problem,
                                              const Recipe& recipe, const SearchSpace& space) {
  return std::make_unique<FitEvaluator>(std::move(problem), recipe, space);
}

}  // namespace nas
