#include "core/api/problem.h"

#include <numeric>

#include "core/util/error.h"

namespace nas {
namespace {

[[noreturn]] void refuse_samples(const Problem& problem) {
  throw Error(ErrorKind::kUnsupported,
              "problem '" + std::string(problem.record().name) +
                  "' has no samples that a network could learn: it fits quantum circuits "
                  "(docs/quantum.md)");
}

}  // namespace

TrainSplit Problem::split(const Recipe&) const {
  refuse_samples(*this);
}

std::unique_ptr<BatchSource> Problem::batches(Part, std::vector<std::uint32_t>, const Recipe&,
                                              const BatchOptions&) const {
  refuse_samples(*this);
}

std::unique_ptr<Judge> Problem::judge(Part, const Recipe&) const {
  refuse_samples(*this);
}

std::unique_ptr<Judge> Problem::training_judge(const Recipe&) const {
  refuse_samples(*this);
}

std::vector<std::uint32_t> all_samples(const Problem& problem, Part part) {
  std::vector<std::uint32_t> samples(problem.data().samples(part));
  std::iota(samples.begin(), samples.end(), 0U);
  return samples;
}

Task task_for(const SearchSpace& space, const Problem& problem, const Recipe& recipe) {
  return task_for(space, problem.poses(recipe), recipe);
}

std::string fidelity_text(const Problem& problem, const Recipe& recipe) {
  return fidelity_text(problem.record(), problem.data().id, recipe);
}

void check_fits(const ArchGraph& graph, const Problem& problem, const Recipe& recipe) {
  const Task posed = problem.poses(recipe);
  if (posed.qubits > 0) refuse_samples(problem);
  const std::string data = "data set '" + problem.data().id + "' has ";
  const Shape& input = graph.output_types(graph.graph_inputs()[0])[0].shape;
  if (input != posed.input) {
    throw Error(ErrorKind::kUsage, "the network reads " + to_string(input) + ", " + data +
                                       std::string(problem.record().samples) + " of " +
                                       to_string(posed.input));
  }
  const GraphOutput& output = graph.graph_outputs()[0];
  const Shape& shape = graph.type(output.value).shape;
  const bool vector = shape.rank() == 1;
  if (vector && (posed.classes == 0 || shape[0] == posed.classes)) return;
  throw Error(ErrorKind::kUsage,
              "output '" + output.name + "' is " + to_string(shape) + ", " +
                  (posed.classes > 0 ? data + std::to_string(posed.classes) + " classes"
                                     : "data set '" + problem.data().id + "' asks for a vector"));
}

}  // namespace nas
