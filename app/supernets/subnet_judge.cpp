#include "app/supernets/subnet_judge.h"

#include "app/supernets/supernet_metrics.h"
#include "core/util/error.h"
#include "core/util/spread.h"
#include "core/util/text.h"

namespace nas {

SubnetJudge::SubnetJudge(OpenSupernet supernet, const SubnetJudging& judging)
    : supernet_(std::move(supernet)),
      judging_(judging),
      part_(judging.part == "test" ? Part::kTest : Part::kTraining) {
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
  EvaluationSetup samples{*supernet_.problem, supernet_.recipe, part_, samples_};
  return evaluate_subnet(
      supernet_.bank, subnet.choices,
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
