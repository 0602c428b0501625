#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/problem.h"
#include "core/problems/data_kinds.h"
#include "core/quantum/observable.h"
#include "core/quantum/optimise.h"

namespace nas {

// Recipe fields of problems that fit the angles of circuits, beside optimizer, learning_rate, seed.
std::vector<FieldDoc> circuit_field_docs();
OptionMap resolve_circuit_fields(const OptionMap& own);
std::string settled_circuit_fields(const OptionMap& own);
inline constexpr OwnFields kCircuitFields{circuit_field_docs, resolve_circuit_fields,
                                          settled_circuit_fields};

/// The record of such a problem: it has no samples and no loss.
constexpr ProblemRecord circuit_record(std::string_view name, std::string_view summary,
                                       std::span<const MetricInfo> metrics) {
  return {.name = name,
          .summary = summary,
          .samples = "samples",
          .loss = "",
          .metrics = metrics,
          .fields = kCircuitFields};
}

/// Its kind of data, "NAME:WHICH", with the recipe that such problems need whatever a preset says.
std::vector<DataKind> circuit_kinds(const ProblemRecord& record, std::string layout,
                                    std::string_view summary,
                                    std::shared_ptr<const Problem> (*open)(std::string_view spec));

/// Fits a circuit by a recipe's own fields from several starts; the smallest value counts.
struct BestFit {
  CircuitFit fit;
  std::vector<double> values;  ///< of each start
};
using FitFrom =
    std::function<CircuitFit(std::vector<double> start, const FitOptions& options, Rng chance)>;
/// Throws Error(kNumeric) for a value that is not finite, Interrupted.
BestFit best_fit(const Circuit& circuit, const Recipe& recipe, const FitFrom& fit);
/// What a recipe says of one fit.
FitOptions circuit_fit_options(const Recipe& recipe);
/// Throws Error(kUsage) for what no fit of a circuit can do, and for noise where a problem knows
/// none.
void check_circuit_recipe(const Recipe& recipe, bool knows_noise);

/// A problem whose objective is the expectation of an observable in the state that a circuit
/// prepares from |0...0>. A fit minimises it from several starts and keeps the best.
class CircuitProblem : public Problem, public FittedProblem {
 public:
  const ProblemRecord& record() const final { return record_; }
  const ProblemData& data() const final { return data_; }
  Task poses(const Recipe&) const final { return circuit_task(observable_.qubits()); }
  Fitted fit(const ArchGraph& graph, const Recipe& recipe, std::stop_token stop) const final;
  void check_recipe(const Recipe& recipe) const final;
  /// The metrics of the record, in its order, of a circuit as it stands.
  std::vector<NamedValue> judge_circuit(const ArchGraph& graph, const Recipe& recipe) const;
  const Observable& observable() const { return observable_; }
  double best_value() const { return best_value_; }  ///< that the expectation can have
  /// The metrics of the record, in its order, of a state with this expectation.
  std::vector<NamedValue> values_of(double value) const { return judge_value(value); }

 protected:
  CircuitProblem(const ProblemRecord& record, ProblemData data, Observable observable,
                 double best_value)
      : record_(record),
        data_(std::move(data)),
        observable_(std::move(observable)),
        best_value_(best_value) {}

 private:
  /// Throws Error(kUsage) for another number of qubits.
  Circuit checked_circuit(const ArchGraph& graph) const;
  /// The metrics of the record, in its order, of a state whose expectation is `value`.
  virtual std::vector<NamedValue> judge_value(double value) const = 0;

  const ProblemRecord& record_;
  ProblemData data_;
  Observable observable_;
  double best_value_;
};

/// "ground_state(h2)[4]#0011aabb": kind, what was asked for, qubits, and a hash of `content`.
std::string circuit_data_id(std::string_view kind, std::string_view name, int qubits,
                            std::string_view content);

/// The argument of "kind:ARGUMENT". Throws Error(kUsage), with `forms`, where there is none.
std::string_view argument_of(std::string_view spec, std::string_view forms);

/// The file that the argument names. Throws Error(kUsage), with `forms`, where there is none.
std::filesystem::path file_of(std::string_view kind, std::string_view argument,
                              std::string_view forms);

/// "tfim:8,0.5" -> {8, 0.5}: the numbers behind "name:", at least one and at most
/// `defaults.size()`; what is left out has its default. Throws Error(kUsage) with `form`.
std::vector<double> numbers_of(std::string_view argument, std::vector<double> defaults,
                               std::string_view form);

/// A number of qubits that was asked for. Throws Error(kUsage) unless in [2, 24].
int checked_qubits(double number);

/// An evaluator "fit" with the metrics of a problem that fits its architectures itself. Throws
/// Error(kUsage) for a recipe that it cannot fit by.
std::unique_ptr<Evaluator> make_fit_evaluator(std::shared_ptr<const Problem> problem,
                                              const Recipe& recipe, const SearchSpace& space);

}  // namespace nas
