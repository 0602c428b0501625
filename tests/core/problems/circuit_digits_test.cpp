#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/problems/data_kinds.h"
#include "core/problems/digit_features.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/gradient.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/test_data.h"

namespace nas {
namespace {

class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() /
              ("circuit-digits-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Digit d is a bright pair of rows of its picture, with some noise: easy to tell apart.
void write_digits(const std::filesystem::path& file, int copies) {
  std::string text;
  for (int k = 1; k <= 64; ++k) text += "Block " + std::to_string(k) + ",";
  text += "Class\n";
  for (int copy = 0; copy < copies; ++copy) {
    for (int digit = 0; digit < 4; ++digit) {
      for (int k = 0; k < 64; ++k) {
        text += std::to_string(k / 16 == digit ? 12 + (k + copy) % 4 : (k * 7 + copy) % 2) + ",";
      }
      text += std::to_string(digit) + "\n";
    }
  }
  write_file_atomically(file, text);
}

Recipe recipe_of(const Problem& problem, OptionMap options) {
  options.emplace("optimizer", "lbfgs");
  const ProblemRecord* const record = &problem.record();
  return parse_recipe(options, std::span(&record, 1), "recipe");
}

std::vector<NamedValue> fit(const Problem& problem, const Circuit& circuit,
                            const OptionMap& options = {}) {
  return dynamic_cast<const FittedProblem&>(problem)
      .fit(to_graph(circuit), recipe_of(problem, options), {})
      .values;
}

/// Rotations and a ring of CNOTs, `layers` times.
Circuit hardware_efficient(int qubits, int layers) {
  Circuit circuit(qubits);
  for (int layer = 0; layer < layers; ++layer) {
    for (int q = 0; q < qubits; ++q) {
      circuit.add("RY", {q}, {0.0});
      circuit.add("RZ", {q}, {0.0});
    }
    for (int q = 0; q < qubits; ++q) circuit.add("CNOT", {q, (q + 1) % qubits});
  }
  return circuit;
}

std::string refusal(const std::string& spec) {
  try {
    open_problem(spec);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("circuit objective: the gradient of any function of a state, from any start") {
  State start(3);
  for (std::size_t i = 0; i < 8; ++i) start.set(i, {0.1 * static_cast<double>(i), 0.3});
  // The product of two probabilities: no expectation of an observable.
  const StateFunction function = [](const State& psi, State& slope) {
    const double a = std::norm(psi.at(1)), b = std::norm(psi.at(6));
    for (std::size_t i = 0; i < 8; ++i) slope.set(i, 0);
    slope.set(1, psi.at(1) * b);
    slope.set(6, psi.at(6) * a);
    return a * b;
  };
  Circuit circuit = hardware_efficient(3, 1);
  CircuitObjective objective(circuit, start, function);
  std::vector<double> angles{0.3, 1.1, -0.4, 0.8, 2.0, -1.3}, gradient(6);
  objective.value_and_gradient(angles, gradient);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const double kept = angles[i];
    angles[i] = kept + kStep;
    const double above = objective.value(angles);
    angles[i] = kept - kStep;
    const double below = objective.value(angles);
    angles[i] = kept;
    CHECK(gradient[i] == doctest::Approx((above - below) / (2 * kStep)).epsilon(1e-7));
  }
}

TEST_CASE(
    "circuit_digits: both encodings learn easy digits, and the facts say the linear baseline") {
  const TemporaryFolder folder;
  write_digits(folder.path() / "optdigits.tra", 20);
  write_digits(folder.path() / "optdigits.tes", 5);
  for (const std::string encoding : {"amplitude", "angle,qubits=4"}) {
    CAPTURE(encoding);
    const auto problem =
        open_problem("circuit_digits:" + folder.path().string() + ",encoding=" + encoding);
    const int qubits = encoding == "amplitude" ? 6 : 4;
    CHECK(problem->poses({}) == circuit_task(qubits));
    const auto values = fit(*problem, hardware_efficient(qubits, 2), {{"restarts", "2"}});
    REQUIRE(values.size() == 3);
    CHECK(values[0].name == "accuracy");
    // Two layers behind angles on four wires tell pairs of digits apart; a guess has 25.
    const double bound = encoding == "amplitude" ? 90 : 45;
    CHECK(values[0].value > bound);
    CHECK(values[1].value < 0.7);
    CHECK(values[2].value > bound);
    CHECK(std::get<double>(problem->data().facts.back().value) == 100);
  }
}

TEST_CASE("circuit_digits: what does not fit is refused in one line") {
  const TemporaryFolder folder;
  const std::string spec = "circuit_digits:" + folder.path().string();
  CHECK(refusal("circuit_digits").find("does not say which") != std::string::npos);
  CHECK(refusal(spec).find("optdigits.tra: there is no such file") != std::string::npos);
  write_digits(folder.path() / "optdigits.tra", 5);
  write_digits(folder.path() / "optdigits.tes", 5);
  CHECK(refusal(spec + ",clases=0+1").find("classes") != std::string::npos);
  CHECK(refusal(spec + ",classes=1+1").find("different digits") != std::string::npos);
  CHECK(refusal(spec + ",qubits=4").find("take 6 qubits") != std::string::npos);
  const auto problem = open_problem(spec);
  CHECK_THROWS_WITH(fit(*problem, Circuit(4)), doctest::Contains("the circuit has 4 qubits"));
  CHECK_THROWS_WITH(dynamic_cast<const FittedProblem&>(*problem).check_recipe(
                        recipe_of(*problem, {{"gate_error", "0.1"}})),
                    doctest::Contains("noise"));
}

TEST_CASE("digits: 1797 digits of the test file, 16 means of 4 pixels") {
  const auto directory = test::test_data("set-digits");
  if (directory.empty()) return;
  const std::vector<int> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const DigitTable digits = read_digits(directory / "optdigits.tes", all);
  CHECK(digits.size() == 1797);
  const DigitTable means = block_means(digits);
  CHECK(means.width == 16);
  const std::span<const double> pixels = digits.row(7);
  CHECK(means.row(7)[0] ==
        doctest::Approx((pixels[0] + pixels[1] + pixels[8] + pixels[9]) / 4).epsilon(1e-12));
}

}  // namespace nas
