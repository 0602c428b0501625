#include "app/supernets/circuit_supernet.h"

#include <algorithm>
#include <string>

#include "core/runtime/supernet/path_draw.h"
#include "core/util/error.h"
#include "core/util/interruption.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::int64_t kEpochs = 100;

std::vector<Architecture> drawn_probes(const PathTraining& paths, std::int64_t seed) {
  PathTraining probes = paths;
  probes.sampling = PathSampling::kUniform;
  probes.paths = paths.probes;
  Rng rng({.seed = static_cast<std::uint64_t>(seed),
           .study = stable_hash("probes"),
           .purpose = Purpose::kPaths});
  return PathDraw(probes).draw(rng);
}

std::vector<NamedValue> mean_metrics(const AngleBank& bank, const CircuitProblem& problem,
                                     const Recipe& recipe, std::span<const Architecture> probes) {
  std::vector<NamedValue> mean;
  for (const Architecture& probe : probes) {
    const std::vector<NamedValue> own = problem.judge_circuit(bank.graph(probe), recipe);
    if (mean.empty()) mean.resize(own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      mean[i].name = own[i].name;
      mean[i].value += own[i].value / static_cast<double>(probes.size());
    }
  }
  return mean;
}

}  // namespace

const CircuitProblem& circuit_problem(const Problem& problem) {
  if (const auto* circuits = dynamic_cast<const CircuitProblem*>(&problem)) return *circuits;
  throw Error(ErrorKind::kUsage, "data '" + problem.data().id +
                                     "': circuits share angles for an expectation only "
                                     "(ground_state, max_cut, state_preparation)");
}

void check_circuit_training(const PathTraining& paths, const TrainSetup& setup) {
  (void)circuit_problem(*setup.problem);
  if (circuit_fit_options(setup.recipe).rule != FitRule::kAdam) {
    throw Error(ErrorKind::kUsage, "optimizer=" + setup.recipe.optimizer +
                                       ": the circuits of a supernet change from step to step, "
                                       "which only adam follows; give --recipe optimizer=adam");
  }
  if (paths.teacher_weight > 0) {
    throw Error(ErrorKind::kUsage, "a teacher weight has no effect on circuits; leave it out");
  }
}

TrainReport train_circuits(AngleBank& bank, const PathTraining& paths, const TrainSetup& setup) {
  const CircuitProblem& problem = circuit_problem(*setup.problem);
  const FitOptions fit = circuit_fit_options(setup.recipe);
  const PathDraw draw(paths);
  const std::vector<Architecture> probes = drawn_probes(paths, setup.recipe.seed);
  TrainReport report;
  const auto record = [&](std::int64_t epoch, double mean) {
    report.epochs_done = epoch;
    report.train_loss = mean;
    report.validation = mean_metrics(bank, problem, setup.recipe, probes);
    report.curve.push_back({epoch, "train_loss", mean});
    for (const NamedValue& value : report.validation) {
      report.curve.push_back({epoch, value.name, value.value});
    }
    setup.progress->update(epoch, "mean expectation " + format_short(mean, 4));
  };
  const AngleTraining training{.draw = [&](Rng& rng) { return draw.draw(rng); },
                               .steps = fit.max_steps,
                               .rate = fit.step,
                               .seed = static_cast<std::uint64_t>(setup.recipe.seed),
                               .epochs = std::min<std::int64_t>(kEpochs, fit.max_steps),
                               .on_epoch = record};
  setup.progress->begin("shared angles", training.epochs);
  try {
    const InterruptionScope scope(setup.stop);
    train_angles(bank, problem, training);
  } catch (const Interrupted&) {
    throw Error(ErrorKind::kUsage, "interrupted; nothing is stored");
  }
  setup.progress->end();
  return report;
}

}  // namespace nas
