#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>

#include "core/problems/circuit_problem.h"
#include "core/problems/class_judge.h"
#include "core/problems/digit_features.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/simulator.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/interruption.h"
#include "core/util/options.h"
#include "core/util/text.h"

// Handwritten digits, named by circuits: pixels are written into a state, the circuit acts on it,
// and the first qubits are measured: what they give is the class. The loss is the mean of
// -log p(class), exact (without shots).

namespace nas {
namespace {

extern const ProblemRecord kRecord;

constexpr std::string_view kForms =
    "DIR[,classes=0+1+2+3][,encoding=amplitude|angle][,qubits=N][,samples=N]";

struct DigitOptions {
  std::string classes = "0+1+2+3";
  std::string encoding = "amplitude";
  std::int64_t qubits = 0;
  std::int64_t samples = 0;
};
constexpr std::array kFields = {
    Field<DigitOptions>{"classes", &DigitOptions::classes, "digits to tell apart"},
    Field<DigitOptions>{.name = "encoding",
                        .member = &DigitOptions::encoding,
                        .meaning = "64 pixels as amplitudes of 6 qubits, or 16 block means as "
                                   "angles of RY and RZ",
                        .choices = "amplitude|angle"},
    Field<DigitOptions>{"qubits", &DigitOptions::qubits,
                        "of encoding=angle; 0: 8. Amplitudes always take 6", "", 0, 12},
    Field<DigitOptions>{"samples", &DigitOptions::samples,
                        "most digits to fit to; 0: all that are not for validation", "", 0, 1e6},
};

constexpr int kAmplitudeQubits = 6, kAngleQubits = 8;

std::vector<int> read_classes(const std::string& text) {
  std::vector<int> classes;
  for (const std::string& word : split(text, '+')) {
    const auto digit = parse_int(trim(word));
    if (!digit || *digit < 0 || *digit > 9 ||
        std::find(classes.begin(), classes.end(), static_cast<int>(*digit)) != classes.end()) {
      throw Error(ErrorKind::kUsage,
                  "classes = " + printable(text) + ": expected different digits, such as 0+1+2+3");
    }
    classes.push_back(static_cast<int>(*digit));
  }
  if (classes.size() < 2) {
    throw Error(ErrorKind::kUsage, "classes = " + printable(text) + ": two or more are needed");
  }
  return classes;
}

/// Rows RY(pi x_0), RY(pi x_1), ... on the wires in turn, then RZ, then RY, until all numbers are
/// written.
void write_angles(std::span<const double> row, int qubits, Circuit& circuit) {
  const auto wires = static_cast<std::size_t>(qubits);
  for (std::size_t k = 0; k < row.size(); ++k) {
    const bool even = k / wires % 2 == 0;
    circuit.add(even ? "RY" : "RZ", {static_cast<int>(k % wires)}, {std::numbers::pi * row[k]});
  }
}

State encoded(std::span<const double> row, int qubits, bool amplitudes) {
  if (!amplitudes) {
    Circuit circuit(qubits);
    write_angles(row, qubits, circuit);
    return simulate(circuit);
  }
  double squares = 0;
  for (const double value : row) squares += value * value;
  State state(qubits);
  for (std::size_t i = 0; i < row.size(); ++i) {
    // Without ink there is no direction: all amplitudes are equal.
    state.set(i, squares > 0 ? row[i] / std::sqrt(squares) : 1 / std::sqrt(row.size()));
  }
  return state;
}

/// Encoded samples side by side in one state: the first qubits number the samples.
struct Samples {
  State state;
  std::vector<std::uint16_t> labels;
  int index_qubits = 0;
};

Samples side_by_side(const DigitTable& table, int qubits, bool amplitudes) {
  const auto index_qubits =
      static_cast<int>(std::bit_width(std::max<std::size_t>(table.size(), 2) - 1));
  Samples samples{State(qubits + index_qubits), table.labels, index_qubits};
  samples.state.set(0, 0);
  const std::size_t length = std::size_t{1} << qubits;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const State one = encoded(table.row(i), qubits, amplitudes);
    for (std::size_t k = 0; k < length; ++k) samples.state.set(i * length + k, one.at(k));
  }
  return samples;
}

/// The circuit on the wires behind those that number the samples.
Circuit shifted(const Circuit& circuit, int by) {
  Circuit result(circuit.qubits() + by);
  for (Gate gate : circuit.gates()) {
    for (int i = 0; i < gate.kind->qubits(); ++i) gate.qubits[static_cast<std::size_t>(i)] += by;
    result.add(gate);
  }
  return result;
}

struct Verdict {
  double loss = 0;      ///< mean of -log p
  double accuracy = 0;  ///< percent
};

/// Reads the classes of samples that a circuit has acted on.
class Readout {
 public:
  Readout(const Samples& samples, int qubits, std::size_t classes)
      : samples_(samples),
        length_(std::size_t{1} << qubits),
        outcome_(length_ >> std::bit_width(classes - 1)),
        classes_(classes) {}

  /// Of one state of all samples; `slope`, where there is one, as StateFunction says.
  Verdict read(const State& psi, State* slope) const {
    constexpr double kLeast = 1e-9;  // probabilities below it count as it
    Verdict verdict;
    const auto count = static_cast<double>(samples_.labels.size());
    std::size_t right = 0;
    std::vector<double> chance(classes_);
    if (slope != nullptr) *slope = State(psi.qubits());
    if (slope != nullptr) slope->set(0, 0);
    for (std::size_t i = 0; i < samples_.labels.size(); ++i) {
      for (std::size_t c = 0; c < classes_; ++c) {
        chance[c] = 0;
        for (std::size_t k = 0; k < outcome_; ++k) {
          chance[c] += std::norm(psi.at(i * length_ + c * outcome_ + k));
        }
      }
      const std::size_t own = samples_.labels[i];
      const double probability = chance[own] + kLeast;
      verdict.loss -= std::log(probability) / count;
      const auto best = std::max_element(chance.begin(), chance.end()) - chance.begin();
      right += static_cast<std::size_t>(best) == own ? 1 : 0;
      for (std::size_t k = 0; slope != nullptr && k < outcome_; ++k) {
        const std::size_t at = i * length_ + own * outcome_ + k;
        slope->set(at, -psi.at(at) / (probability * count));
      }
    }
    constexpr double kPercent = 100;
    verdict.accuracy = kPercent * static_cast<double>(right) / count;
    return verdict;
  }

 private:
  const Samples& samples_;
  std::size_t length_;   ///< amplitudes of a sample
  std::size_t outcome_;  ///< amplitudes that belong to one class
  std::size_t classes_;
};

class CircuitDigits final : public Problem, public FittedProblem {
 public:
  struct Parts {
    int qubits;
    std::size_t classes;
    Samples training, validation, test;
  };
  CircuitDigits(ProblemData data, Parts parts) : data_(std::move(data)), parts_(std::move(parts)) {}

  const ProblemRecord& record() const override { return kRecord; }
  const ProblemData& data() const override { return data_; }
  Task poses(const Recipe&) const override { return circuit_task(parts_.qubits); }
  void check_recipe(const Recipe& recipe) const override { check_circuit_recipe(recipe, false); }

  Fitted fit(const ArchGraph& graph, const Recipe& recipe, std::stop_token stop) const override {
    const InterruptionScope scope(std::move(stop));
    const Circuit circuit = to_circuit(graph);
    if (circuit.qubits() != parts_.qubits) {
      throw Error(ErrorKind::kUsage, "the circuit has " + std::to_string(circuit.qubits()) +
                                         " qubits, data '" + data_.id + "' " +
                                         std::to_string(parts_.qubits));
    }
    const Readout readout(parts_.training, parts_.qubits, parts_.classes);
    const StateFunction loss = [&readout](const State& psi, State& slope) {
      return readout.read(psi, &slope).loss;
    };
    CircuitObjective objective(shifted(circuit, parts_.training.index_qubits),
                               parts_.training.state, loss);
    const BestFit best = best_fit(
        circuit, recipe, [&](std::vector<double> start, const FitOptions& options, Rng chance) {
          return fit_circuit(objective, std::move(start), options, chance);
        });
    Fitted result;
    for (const double value : best.values) {
      const auto number = static_cast<std::int64_t>(result.curve.size() + 1);
      result.curve.push_back({number, "cross_entropy", value});
    }
    result.graph = with_angles(graph, best.fit.angles);
    const Circuit fitted = to_circuit(result.graph);
    result.values = {{"accuracy", judged(fitted, parts_.validation).accuracy},
                     {"cross_entropy", best.fit.value},
                     {"unseen_accuracy", judged(fitted, parts_.test).accuracy}};
    return result;
  }

 private:
  Verdict judged(const Circuit& circuit, const Samples& samples) const {
    State psi = samples.state;
    Simulator simulator(shifted(circuit, samples.index_qubits));
    simulator.bind(circuit.angles());
    simulator.apply(psi);
    return Readout(samples, parts_.qubits, parts_.classes).read(psi, nullptr);
  }

  ProblemData data_;
  Parts parts_;
};

/// Every fifth digit is for validation.
std::array<DigitTable, 2> parted(const DigitTable& all, std::size_t most) {
  constexpr std::size_t kEvery = 5;
  std::array<DigitTable, 2> parts{DigitTable{all.width, {}, {}}, DigitTable{all.width, {}, {}}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    DigitTable& part = parts[i % kEvery == kEvery - 1 ? 1 : 0];
    if (&part == parts.data() && most > 0 && part.size() == most) continue;
    part.labels.push_back(all.labels[i]);
    part.rows.insert(part.rows.end(), all.row(i).begin(), all.row(i).end());
  }
  return parts;
}

DigitOptions read_options(std::string_view text) {
  OptionMap options;
  for (const std::string& word : split(text, ',')) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      throw Error(ErrorKind::kUsage,
                  "circuit_digits: '" + printable(word) + "': expected " + std::string(kForms));
    }
    options[std::string(trim(word.substr(0, equals)))] = std::string(trim(word.substr(equals + 1)));
  }
  return parse_fields<DigitOptions>(kFields, options, "data 'circuit_digits'");
}

std::filesystem::path digit_file(const std::filesystem::path& directory, std::string_view name) {
  std::filesystem::path file = directory / name;
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return file;
  throw Error(ErrorKind::kIo, file.string() + ": there is no such file; circuit_digits reads " +
                                  "optdigits.tra and optdigits.tes of UCI");
}

std::shared_ptr<const Problem> open(std::string_view spec) {
  const std::string_view argument = argument_of(spec, kForms);
  const std::size_t comma = argument.find(',');
  const std::filesystem::path directory(argument.substr(0, comma));
  const DigitOptions options =
      comma == std::string_view::npos ? DigitOptions{} : read_options(argument.substr(comma + 1));
  const std::vector<int> classes = read_classes(options.classes);
  const bool amplitudes = options.encoding == "amplitude";
  if (amplitudes && options.qubits != 0 && options.qubits != kAmplitudeQubits) {
    throw Error(ErrorKind::kUsage,
                "qubits = " + std::to_string(options.qubits) +
                    ": 64 amplitudes take 6 qubits; encoding=angle takes others");
  }
  const int qubits = amplitudes           ? kAmplitudeQubits
                     : options.qubits > 0 ? static_cast<int>(options.qubits)
                                          : kAngleQubits;
  if ((std::size_t{1} << qubits) < classes.size()) {
    throw Error(ErrorKind::kUsage, std::to_string(classes.size()) + " classes need more than " +
                                       std::to_string(qubits) + " qubits");
  }
  const std::filesystem::path train_file = digit_file(directory, "optdigits.tra");
  const std::filesystem::path test_file = digit_file(directory, "optdigits.tes");
  DigitTable train = read_digits(train_file, classes), test = read_digits(test_file, classes);
  if (train.size() < 2 * classes.size() || test.size() == 0) {
    throw Error(ErrorKind::kData, directory.string() + ": too few digits of these classes");
  }
  if (!amplitudes) {
    train = block_means(train);
    test = block_means(test);
  }
  const auto [fitted, validation] = parted(train, static_cast<std::size_t>(options.samples));
  ProblemData data;
  data.id =
      circuit_data_id("circuit_digits", options.classes + " " + options.encoding, qubits,
                      std::to_string(fitted.size()) + read_file(train_file) + read_file(test_file));
  data.source = std::string(spec);
  data.facts = {
      {"qubits", static_cast<std::int64_t>(qubits)},
      {"training_digits", static_cast<std::int64_t>(fitted.size()), "digits to fit to"},
      {"validation_digits", static_cast<std::int64_t>(validation.size()), "digits for validation"},
      {"test_digits", static_cast<std::int64_t>(test.size()), "digits for the test"},
      {"logistic_accuracy", logistic_accuracy(fitted, test, classes.size()),
       "test accuracy of logistic regression on the same numbers (%)"}};
  CircuitDigits::Parts parts{qubits, classes.size(), side_by_side(fitted, qubits, amplitudes),
                             side_by_side(validation, qubits, amplitudes),
                             side_by_side(test, qubits, amplitudes)};
  return std::make_shared<CircuitDigits>(std::move(data), std::move(parts));
}

constexpr MetricInfo kMetrics[] = {
    kAccuracy,
    {.name = "cross_entropy",
     .title = "cross-entropy",
     .unit = "",
     .maximize = false,
     .meaning = "mean of -log of the probability of the class, of the samples that were fitted"},
    {.name = "unseen_accuracy",
     .title = "accuracy on unseen samples",
     .unit = "%",
     .maximize = true,
     .meaning = "of the samples that neither a fit nor a search goes by"},
};

constinit const ProblemRecord kRecord =
    circuit_record("circuit_digits", "name handwritten digits by circuits", kMetrics);

}  // namespace

extern constinit const DataKinds circuit_digits_kinds{[] {
  return circuit_kinds(kRecord, std::string(kForms),
                       "handwritten digits of UCI, for quantum circuits", open);
}};

}  // namespace nas
