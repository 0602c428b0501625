#include <doctest/doctest.h>

#include "app/study/study.h"
#include "app/supernets/subnet_extraction.h"
#include "app/supernets/subnet_judge.h"
#include "app/supernets/supernet_scoring.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/qasm.h"
#include "core/util/error.h"
#include "tests/app/supernets/supernet_testing.h"

// Supernets of circuits: angles in the place of weights, and the same verbs.

namespace nas::test {
namespace {

constexpr const char* kData = "ground_state:tfim:3";
const PluginChoice kSpace{"quantum_layered", {{"qubits", "3"}, {"gates", "ry"}}};

SupernetRequest circuits_of(const std::string& name, const OptionMap& options = {}) {
  RecipeChoice choice{"smoke",
                      {{"optimizer", "adam"}, {"iterations", "150"}, {"learning_rate", "0.1"}}};
  for (const auto& [field, value] : options) choice.options[field] = value;
  SupernetRequest request;
  request.name = name;
  request.space = kSpace;
  request.data = kData;
  request.recipe = make_recipe(choice, "recipe", &data_kind(kData));
  return request;
}

TEST_CASE_FIXTURE(Supernets, "circuits: a supernet of angles is stored, judged and extracted") {
  SupernetRequest request = circuits_of("angles");
  request.choices = {"*q*=ry"};  // on every wire of every layer, so that each step lowers one value
  request.paths = 4;
  const SupernetOutcome made = train_supernet(session, request);
  CHECK(made.supernet.info.parameters == 9);
  CHECK(made.report.epochs_done == 100);
  CHECK(made.report.train_loss < made.report.curve.front().value);
  CHECK(train_supernet(session, request).known);
  CHECK(session.reader().check().empty());

  const SubnetJudge judge(open_supernet(session, "angles"), {});
  const SearchSpace& space = *judge.supernet().space;
  const Architecture circuit =
      space.parse("ry ry none; cx:0>1 none | none ry ry; none cz:1>2 | ry none none; none none");
  const auto values = judge.judge(circuit);
  CHECK(values[0].name == "energy");
  CHECK(judge.merit(circuit) == -values[0].value);
  SubnetExtraction extraction;
  extraction.output = directory.path() / "circuit.qasm";
  extract_subnet(session, judge.supernet(), circuit, extraction);
  const Circuit read = parse_qasm(read_file(extraction.output), "file");
  const auto& problem = dynamic_cast<const CircuitProblem&>(*judge.supernet().problem);
  CHECK(problem.judge_circuit(to_graph(read), judge.supernet().recipe)[0].value ==
        doctest::Approx(values[0].value).epsilon(1e-9));
}

TEST_CASE_FIXTURE(Supernets, "circuits: a study and a benchmark go by shared angles") {
  train_supernet(session, circuits_of("angles"));
  StudyConfig config;
  config.name = "by-angles";
  config.space = kSpace;
  config.searcher = {"random", {}};
  config.origins = {"energy=supernet:angles"};
  config.objectives = {"minimize energy"};
  config.budget_trials = 3;
  CHECK(run_study(session, config).complete == 3);
  const SubnetJudge judge(open_supernet(session, "angles"), {});
  const StudyRow study = session.reader().find_study("by-angles").value();
  for (const TrialRow& trial : session.reader().trials(study.id)) {
    const auto value = judge.judge(judge.supernet().space->parse(trial.text))[0].value;
    CHECK(std::ranges::any_of(trial.metrics, [&](const MetricValue& metric) {
      return metric.name == "energy" && metric.value == value &&
             metric.fidelity == judge.fidelity();
    }));
  }
  const SupernetScoring scoring{
      .rows = {.benchmark = "few", .space = kSpace, .choice = {}, .count = 5},
      .supernet = "angles"};
  CHECK(score_with_supernet(session, scoring).scored == 5);
  const auto table = session.benchmark("few");
  CHECK(table->value(table->column("supernet.angles"), 0) ==
        judge.merit(judge.supernet().space->parse(table->text(0))));
}

TEST_CASE_FIXTURE(Supernets, "circuits: what shared angles cannot follow is refused in one line") {
  const auto refused = [&](const SupernetRequest& request, const char* why) {
    CHECK_THROWS_WITH_AS(train_supernet(session, request), doctest::Contains(why), Error);
  };
  refused(circuits_of("a", {{"optimizer", "lbfgs"}}), "give --recipe optimizer=adam");
  SupernetRequest random = circuits_of("a");
  random.space = {"quantum_random", {{"qubits", "3"}}};
  refused(random, "has no supernet");
  SupernetRequest wrong = circuits_of("a");
  wrong.data = "ground_state:h2";
  refused(wrong, "qubits");
  CHECK_FALSE(find_supernet(session, "a").has_value());

  train_supernet(session, circuits_of("first"));
  SupernetRequest more = circuits_of("second");
  more.from = "first";
  CHECK(train_supernet(session, more).supernet.info.parent.find("first") != std::string::npos);
  more.name = "third";
  more.space.options["layers"] = "2";
  refused(more, "other slots");
  CHECK_THROWS_WITH_AS(SubnetJudge(open_supernet(session, "first"), {.samples = 5}),
                       doctest::Contains("judged exactly"), Error);
}

}  // namespace
}  // namespace nas::test
