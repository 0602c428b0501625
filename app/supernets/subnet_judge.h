#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "app/supernets/supernet_store.h"
#include "core/api/architecture.h"
#include "core/runtime/supernet/supernet_trainer.h"

namespace nas {

/// What subnets are judged on.
struct SubnetJudging {
  std::int64_t samples = 1000;
  std::string statistics = to_string(SubnetStatistics::kBatch);
  std::string part = "held-out";
};
inline constexpr std::array kSubnetJudgingFields{
    Field<SubnetJudging>{.name = "samples",
                         .member = &SubnetJudging::samples,
                         .meaning = "judged, spread evenly over those of the part",
                         .min = 2,
                         .max = 1e9,
                         .source = "own-predictors study: 1,000 images"},
    Field<SubnetJudging>{
        .name = "statistics",
        .member = &SubnetJudging::statistics,
        .meaning =
            "of batch normalisations: of each batch of these samples, of 2,000 samples "
            "as they were trained on, or the supernet's running ones (a mixture over all subnets)",
        .choices = "batch|recalibrated|shared"},
    Field<SubnetJudging>{.name = "part",
                         .member = &SubnetJudging::part,
                         .meaning = "samples that the training held out, or the test samples",
                         .choices = "held-out|test"}};

/// Judges subnets with the weights of a supernet. Const methods are safe from several threads.
class SubnetJudge {
 public:
  /// Throws Error(kUsage) where the training held no samples out, and for samples of circuits,
  /// whose expectation is exact.
  SubnetJudge(OpenSupernet supernet, const SubnetJudging& judging);

  const OpenSupernet& supernet() const { return supernet_; }
  /// "supernet=NAME; sha256=...; samples=1000; statistics=batch"; of circuits the supernet alone.
  const std::string& fidelity() const { return fidelity_; }
  std::size_t samples() const { return samples_.size(); }

  /// The metrics of the problem, then what else its judge says (the loss). Requires an architecture
  /// of the supernet's space.
  std::vector<NamedValue> judge(const Architecture& subnet) const;
  /// One number by which larger is better: minus the loss, or the first metric where the judge says
  /// no loss; turned where less is better.
  double merit(const Architecture& subnet) const;

 private:
  OpenSupernet supernet_;
  SubnetJudging judging_;
  Part part_;
  std::vector<std::uint32_t> samples_;
  std::string fidelity_;
};

}  // namespace nas
