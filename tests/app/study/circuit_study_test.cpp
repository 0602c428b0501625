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

TEST_CASE("circuits: a growing search is a study, and a stopped one resumes to equal rows") {
  StudyConfig config = h2_config();
  config.space.options = {{"layers", "4"}, {"pairs", "1"}, {"gates", "ry"}};
  config.searcher = {"adaptive_growth", {}};
  const std::vector<std::string> expected = lines_of_fresh_run(config);
  const TemporaryDirectory directory;
  StopAfter stop(17);
  Session first({.store = directory.path() / "store.db", .progress = &stop, .stop = stop.token()});
  CHECK(run_study(first, config).state == StudyState::kPaused);
  Session second({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const StudyReport report = run_study(second, config);
  CHECK(report.state == StudyState::kFinished);
  CHECK(report.replayed >= 17);
  CHECK(study_lines(second.reader(), config.name) == expected);
  REQUIRE(report.best.has_value());
  CHECK(report.best->values.at(parse_metric("energy")) < -1.13);  // below all product states
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

TEST_CASE("circuits: a stated option of a recipe that no fit reads is an error") {
  const DataKind& circuits = data_kind("ground_state:h2");
  const auto refusal = [](const OptionMap& stated, const DataKind& data) {
    return error_of([&] { refuse_without_effect(stated, "--recipe", data); });
  };
  CHECK(contains(refusal({{"epochs", "3"}}, circuits), "--recipe epochs has no effect"));
  CHECK(contains(refusal({{"seed", "1"}, {"width", "4"}}, circuits), "width has no effect"));
  CHECK_NOTHROW(refuse_without_effect(
      {{"optimizer", "adam"}, {"learning_rate", "0.1"}, {"seed", "1"}, {"restarts", "2"}},
      "--recipe", circuits));
  CHECK_NOTHROW(refuse_without_effect({{"epochs", "3"}}, "--recipe", data_kind("glyphs")));
}

TEST_CASE("circuits: a circuit file is fitted from its own angles") {
  const TemporaryDirectory directory;
  Session session({.store = directory.path() / "store.db", .progress = nullptr, .stop = {}});
  const std::filesystem::path file = directory.path() / "own.qasm";
  write_file_atomically(file, "OPENQASM 2.0;\nqreg q[4];\nrx(3.1) q[0];\nrx(3.1) q[1];\n");
  TrainRequest request;
  request.network = file;
  request.data = "ground_state:h2";
  request.recipe =
      make_recipe({"short", {{"restarts", "1"}}}, "recipe", find_data_kind(request.data));
  const TrainOutcome outcome = train_architecture(session, request);
  CHECK(parse_qasm(read_file(outcome.path), "fitted").qubits() == 4);
  CHECK(outcome.params == 2);
}
