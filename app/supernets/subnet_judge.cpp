#include "app/supernets/subnet_judge.h"

#include "app/supernets/circuit_supernet.h"
#include "app/supernets/supernet_metrics.h"
#include "core/util/error.h"
#include "core/util/spread.h"
#include "core/util/text.h"

namespace nas {
namespace {

void check_no_samples(const OpenSupernet& supernet, const SubnetJudging& judging) {
  const SubnetJudging standard;
  const bool asked = judging.samples != standard.samples ||
                     judging.statistics != standard.statistics || judging.part != standard.part;
  if (!asked) return;
  throw Error(ErrorKind::kUsage, "supernet '" + supernet.info().name +
                                     "' is of circuits, which are judged exactly, not on samples: "
                                     "leave samples, statistics and part out");
}

}  // namespace

SubnetJudge::SubnetJudge(OpenSupernet supernet, const SubnetJudging& judging)
    : supernet_(std::move(supernet)),
      judging_(judging),
      part_(judging.part == "test" ? Part::kTest : Part::kTraining) {
  if (std::holds_alternative<AngleBank>(supernet_.bank)) {
    check_no_samples(supernet_, judging);
    fidelity_ = supernet_.identity();
    return;
  }
  const std::vector<std::uint32_t> all =
      part_ == Part::kTest ? all_samples(*supernet_.problem, part_)
                           : supernet_.problem->split(supernet_.recipe).validation;
  if (all.size() < 2) {
    const std::string samples(supernet_.problem->record().samples);
    throw Error(ErrorKind::kUsage,
                "supernet '" + supernet_.info().name + "': " +
                    (part_ == Part::kTest ? "the data have no test " + samples
                                          : "its training held no " + samples +
                                                " out to judge by; train one with --recipe "
                                                "validation_fraction=0.2, or judge on part test"));
  }
  samples_ = spread(all, judging.samples);
  fidelity_ = supernet_.identity() + "; " +
              settled_text(std::span<const Field<SubnetJudging>>(kSubnetJudgingFields), judging_);
}

std::vector<NamedValue> SubnetJudge::judge(const Architecture& subnet) const {
  if (const auto* angles = std::get_if<AngleBank>(&supernet_.bank)) {
    return circuit_problem(*supernet_.problem)
        .judge_circuit(angles->graph(subnet), supernet_.recipe);
  }
  EvaluationSetup samples{*supernet_.problem, supernet_.recipe, part_, samples_};
  return evaluate_subnet(
      std::get<WeightBank>(supernet_.bank), subnet.choices,
      {.samples = samples, .statistics = parse_subnet_statistics(judging_.statistics)});
}

double SubnetJudge::merit(const Architecture& subnet) const {
  const std::vector<NamedValue> values = judge(subnet);
  for (const NamedValue& value : values) {
    if (value.name == kSupernetMetrics[0].name) return -value.value;
  }
  const bool maximize = supernet_.problem->record().metrics.front().maximize;
  return maximize ? values.front().value : -values.front().value;
}

}  // namespace nas
