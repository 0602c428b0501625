#include <doctest/doctest.h>

#include "app/study/study.h"
#include "app/study/winner.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/qasm.h"
#include "core/util/file.h"
#include "tests/app/study/study_testing.h"

using namespace nas;
using namespace nas::test;

namespace {

StudyConfig h2_config() {
  StudyConfig config;
  config.name = "h2";
  config.space = {"quantum_layered", {{"layers", "2"}}};
  config.searcher = {"evolution", {}};
  config.data = "ground_state:h2";
  config.objectives = {"minimize energy", "minimize two_qubit_gates"};
  config.constraints = {"two_qubit_gates<=3"};
  config.recipe.options = {{"restarts", "1"}};
  config.budget_trials = 40;
  return config;
}

}  // namespace

TEST_CASE("circuits: a study finds energies under a constraint, and its winner is a QASM file") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const StudyConfig config = h2_config();
  const StudyReport report = run_study(session, config);
  CHECK(report.failed == 0);
  REQUIRE(report.best.has_value());
  const double energy = report.best->values.at(parse_metric("energy"));
  CHECK(energy < -1.117);  // a basis state has -1.11735
  CHECK(energy > -1.1361892);
  CHECK(report.best->values.at(parse_metric("two_qubit_gates")) <= 3);
  const WinnerOutcome winner = train_winner(session, "h2");
  CHECK(winner.training.path.extension() == ".qasm");
  CHECK(winner.training.report.validation.front().name == "energy");
  const Circuit circuit =
      parse_qasm(read_file(winner.training.path), winner.training.path.string());
  CHECK(circuit.qubits() == 4);
  CHECK(circuit.two_qubit_gates() <= 3);
  CHECK(train_winner(session, "h2").known);
}

TEST_CASE("circuits: the angles of a trial are found again") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const StudyReport report = run_study(session, h2_config());
  REQUIRE(report.best.has_value());
  const StudyData study = load_study(session.reader(), "h2");
  const SearchSpace& space = session.space(study.config.space);
  const ArchGraph graph =
      space.build(space.parse(report.best->architecture), space.info().default_task);
  const Circuit fitted = to_circuit(fitted_graph(session, study.config, graph));
  const auto& problem = dynamic_cast<const FittedProblem&>(*session.problem("ground_state:h2"));
  Recipe none = make_recipe(study.config.recipe);
  none.problem["iterations"] = "0";
  CHECK(problem.fit(to_graph(fitted), none, {}).values[0].value ==
        doctest::Approx(report.best->values.at(parse_metric("energy"))).epsilon(1e-12));
}

TEST_CASE("circuits: what does not fit is refused before the first trial") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  StudyConfig config = h2_config();
  config.data = "ground_state:tfim:6";
  CHECK(contains(error_of([&] { run_study(session, config); }), "qubits=6"));
  config = h2_config();
  config.space = {"nasbench201", {}};
  CHECK(contains(error_of([&] { run_study(session, config); }), "circuits of 4 qubits"));
  config = h2_config();
  config.recipe.options["optimizer"] = "sgd";
  CHECK(contains(error_of([&] { run_study(session, config); }), "adagrad"));
}
