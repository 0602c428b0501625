#include "core/problems/circuit_problem.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>

#include "core/problems/data_kinds.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/gradient.h"
#include "core/quantum/hamiltonians.h"
#include "core/util/error.h"
#include "core/util/file.h"

namespace nas {
namespace {

/// The recipe of a problem, with some fields changed.
Recipe recipe_of(const Problem& problem, OptionMap changed) {
  OptionMap options = data_kind("ground_state:h2").info.recipe;
  for (const auto& [name, value] : changed) options[name] = value;
  const ProblemRecord* const record = &problem.record();
  return parse_recipe(options, std::span(&record, 1), "recipe");
}

std::vector<NamedValue> fit(const Problem& problem, const Circuit& circuit,
                            const OptionMap& changed = {}) {
  return dynamic_cast<const FittedProblem&>(problem)
      .fit(to_graph(circuit), recipe_of(problem, changed), {})
      .values;
}

/// Excitation of H2: the exact ground state by one angle and three CNOTs.
Circuit h2_circuit() {
  Circuit circuit(4);
  circuit.add("RY", {0}, {0});
  circuit.add("CNOT", {0, 1});
  circuit.add("CNOT", {0, 2});
  circuit.add("CNOT", {0, 3});
  circuit.add("X", {2});
  circuit.add("X", {3});
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

TEST_CASE("circuits: gate errors of a recipe raise the energy a fitted circuit is judged by") {
  const auto problem = open_problem("ground_state:h2");
  const double exact = fit(*problem, h2_circuit())[0].value;
  const OptionMap noise{{"pair_error", "0.01"}, {"trajectories", "2000"}};
  const double noisy = fit(*problem, h2_circuit(), noise)[0].value;
  // Six places for an error of 1 %, each of which leaves an energy far above the ground state.
  CHECK(noisy > exact + 0.005);
  CHECK(noisy < exact + 0.1);
  CHECK(fit(*problem, h2_circuit(), noise)[0].value == noisy);
  const Recipe plain = recipe_of(*problem, {});
  CHECK(fidelity_text(*problem, plain).find("error") == std::string::npos);
}

TEST_CASE("ground_state: H2 is exact with one angle, and says how far a basis state is") {
  const auto problem = open_problem("ground_state:h2");
  CHECK(problem->poses({}) == circuit_task(4));
  CHECK(problem->data().id.starts_with("ground_state(h2)[4]#"));
  const std::vector<NamedValue> values = fit(*problem, h2_circuit());
  REQUIRE(values.size() == 2);
  CHECK(values[0].name == "energy");
  CHECK(values[0].value == doctest::Approx(-1.1361891625).epsilon(1e-9));
  CHECK(std::abs(values[1].value) < 1e-8);
  Circuit basis(4);
  basis.add("X", {0});
  basis.add("X", {1});
  CHECK(fit(*problem, basis)[1].value == doctest::Approx(0.0188402414).epsilon(1e-6));
}

TEST_CASE("a fit gives the graph with its angles, by which its value comes again") {
  const auto problem = open_problem("ground_state:h2");
  const auto& fitted = dynamic_cast<const FittedProblem&>(*problem);
  const Recipe recipe = recipe_of(*problem, {});
  const Fitted first = fitted.fit(to_graph(h2_circuit()), recipe, {});
  const Fitted again = fitted.fit(to_graph(h2_circuit()), recipe, {});
  CHECK(first.graph == again.graph);
  const Circuit found = to_circuit(first.graph);
  const Observable observable{hydrogen_molecule()};
  CircuitObjective objective(found, observable);
  CHECK(objective.value(found.angles()) == doctest::Approx(first.values[0].value).epsilon(1e-12));
  CHECK(first.curve.size() == 3);  // restarts
}

TEST_CASE("max_cut and state_preparation: perfect circuits are perfect") {
  Circuit flips(4);
  flips.add("X", {1});
  flips.add("X", {3});
  const std::vector<NamedValue> cut = fit(*open_problem("max_cut:ring:4"), flips);
  CHECK(cut[0].value == doctest::Approx(4));
  CHECK(cut[1].value == doctest::Approx(1));
  CHECK(std::get<double>(open_problem("max_cut:paper8")->data().facts[2].value) == 12);
  Circuit ghz(3);
  ghz.add("H", {0});
  ghz.add("CNOT", {0, 1});
  ghz.add("CNOT", {1, 2});
  CHECK(fit(*open_problem("state_preparation:ghz:3"), ghz)[0].value == doctest::Approx(1));
  CHECK(open_problem("state_preparation:random:4")->data().id !=
        open_problem("state_preparation:random:4,1")->data().id);
}

TEST_CASE("a fidelity names what matters to a fit, and nothing of samples") {
  const auto problem = open_problem("max_cut:ring:4");
  const Recipe recipe = recipe_of(*problem, {{"restarts", "7"}});
  const std::string text = fidelity_text(*problem, recipe);
  CHECK(text.find("restarts=7") != std::string::npos);
  CHECK(text.find("optimizer=lbfgs") != std::string::npos);
  CHECK(text.find("epochs") == std::string::npos);
  CHECK(fidelity_text(problem->record(), problem->data().id,
                      nas::recipe_of(parse_fidelity(text), problem->record())) == text);
}

TEST_CASE("data of circuits: what cannot be is refused with the reason") {
  CHECK(refusal("ground_state").find("ground_state:h2") != std::string::npos);
  CHECK(refusal("ground_state:h3").find("there is no such file") != std::string::npos);
  CHECK(refusal("ground_state:tfim").find("tfim:QUBITS") != std::string::npos);
  CHECK(refusal("ground_state:tfim:40").find("40 qubits") != std::string::npos);
  CHECK(refusal("ground_state:tfim:4,nan").find("expected tfim") != std::string::npos);
  CHECK(refusal("max_cut:ring:1").find("2 to 24") != std::string::npos);
  const TemporaryDirectory directory;
  const auto file = [&](const char* name, const std::string& content) {
    const std::string path = (directory.path() / name).string();
    std::ofstream(path) << content;
    return path;
  };
  CHECK(
      refusal("ground_state:" + file("long.csv", "pauli,weight\nZZ,1\nZZZ,1\n")).find("long.csv") !=
      std::string::npos);
  CHECK(refusal("max_cut:" + file("loop.txt", "0,1\n1,1\n")).find("line 2") != std::string::npos);
  CHECK(refusal("state_preparation:" + file("norm.csv", "re,im\n1,0\n1,0\n")).find("norm.csv") !=
        std::string::npos);
}

TEST_CASE("a circuit of other qubits, shots without spsa and samples are refused") {
  const auto problem = open_problem("ground_state:h2");
  CHECK_THROWS_WITH_AS(fit(*problem, Circuit(3)), doctest::Contains("3 qubits"), Error);
  const auto& fitted = dynamic_cast<const FittedProblem&>(*problem);
  CHECK_THROWS_WITH_AS(fitted.check_recipe(recipe_of(*problem, {{"shots", "100"}})),
                       doctest::Contains("only optimizer=spsa measures"), Error);
  CHECK_THROWS_WITH_AS(fitted.check_recipe(recipe_of(*problem, {{"optimizer", "sgd"}})),
                       doctest::Contains("adagrad"), Error);
  CHECK_THROWS_WITH_AS(problem->split({}), doctest::Contains("no samples"), Error);
}

}  // namespace nas
