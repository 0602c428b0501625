#include "app/models/int8_network.h"

#include <algorithm>
#include <functional>

#include "core/int8/executor.h"
#include "core/int8/sample_input.h"
#include "core/runtime/weighted_model.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"
#include "core/util/spread.h"

namespace nas {
namespace {

/// What a program answers to the rows of a batch, [N, F].
class ProgramAnswers {
 public:
  ProgramAnswers(const MicroProgram& program, const EvaluationSetup& setup, std::int64_t threads)
      : sample_(setup.problem.poses(setup.recipe).input) {
    if (program.inputs.size() != 1) {
      throw Error(ErrorKind::kUsage, "the program has " + std::to_string(program.inputs.size()) +
                                         " inputs; networks are judged by one");
    }
    executors_.resize(static_cast<std::size_t>(threads), MicroExecutor(program));
  }

  std::vector<float> of(const Batch& batch) {
    const auto rows = static_cast<std::size_t>(batch.size());
    const std::size_t width = rows == 0 ? 0 : batch.inputs.size() / rows;
    std::vector<std::vector<float>> results(rows);
    const std::size_t parts = executors_.size();
    run_jobs(parts, {.threads = static_cast<std::int64_t>(parts), .run = [&](std::size_t part) {
                       MicroExecutor& executor = executors_[part];
                       for (std::size_t row = part; row < rows; row += parts) {
                         results[row] =
                             answer(executor, std::span(batch.inputs).subspan(row * width, width));
                       }
                     }});
    std::vector<float> all;
    for (const std::vector<float>& row : results) all.insert(all.end(), row.begin(), row.end());
    return all;
  }

 private:
  std::vector<float> answer(MicroExecutor& executor, std::span<const float> sample) const {
    const MicroProgram& program = executor.program();
    const MicroTensor& input = program.tensors[static_cast<std::size_t>(program.inputs[0])];
    executor.set_input(0, as_program_input(sample, sample_, input));
    executor.run();
    return executor.output(0);
  }

  Shape sample_;
  std::vector<MicroExecutor> executors_;
};

void for_each_batch(const EvaluationSetup& setup, Part part, std::vector<std::uint32_t> samples,
                    const std::function<void(const Batch&)>& body) {
  const auto source =
      setup.problem.batches(part, std::move(samples), setup.recipe, {.batch = setup.batch});
  source->start_epoch(0);
  Batch batch;
  while (source->next(batch)) body(batch);
}

std::vector<std::uint32_t> samples_of(const EvaluationSetup& setup) {
  return setup.samples ? *setup.samples : all_samples(setup.problem, setup.part);
}

}  // namespace

QuantisedNetwork quantised_network(const ArchGraph& graph, const TensorFile& weights,
                                   const Problem& problem, const Recipe& recipe,
                                   const QuantisationOptions& options,
                                   const LoweringOptions& lowering) {
  check_fits(graph, problem, recipe);
  lower(graph, lowering);  // what has no int8 form is said before anything is measured
  const WeightedGraph prepared = prepared_for_int8(graph, weights, options);
  Model model = weighted_model(prepared.graph, prepared.weights, "the folded network");
  Calibration calibration(prepared.graph);
  const EvaluationSetup setup{.problem = problem,
                              .recipe = recipe,
                              .part = Part::kTraining,
                              .samples = spread(problem.split(recipe).train, options.samples)};
  const auto observe = [&](NodeId node, std::span<const float> values) {
    calibration.observe(node, values);
  };
  observe_nodes(model, setup, observe);
  if (options.range == "percentile") {
    calibration.start_counting();
    observe_nodes(model, setup, observe);
  }
  return quantised(prepared, calibration, options, lowering);
}

std::vector<float> program_answers(const MicroProgram& program, const EvaluationSetup& setup,
                                   std::int64_t threads) {
  ProgramAnswers answers(program, setup, threads);
  std::vector<float> all;
  for_each_batch(setup, setup.part, samples_of(setup), [&](const Batch& batch) {
    const std::vector<float> rows = answers.of(batch);
    all.insert(all.end(), rows.begin(), rows.end());
  });
  return all;
}

std::vector<NamedValue> evaluate_program(const MicroProgram& program, const EvaluationSetup& setup,
                                         std::int64_t threads) {
  ProgramAnswers answers(program, setup, threads);
  const auto judge = setup.problem.judge(setup.part, setup.recipe);
  const std::vector<std::uint32_t> references = judge->references();
  if (!references.empty()) {
    for_each_batch(setup, Part::kTraining, references, [&](const Batch& batch) {
      judge->add_references(batch.samples, answers.of(batch));
    });
  }
  for_each_batch(setup, setup.part, samples_of(setup),
                 [&](const Batch& batch) { judge->add(batch.samples, answers.of(batch)); });
  return judge->values();
}

}  // namespace nas
