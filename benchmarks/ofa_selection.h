#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "core/api/transfer_predictor.h"
#include "predictors/transfer/ridge.h"
#include "tests/predictors/latency_tables.h"

namespace nas::bench {

/// What networks of Once-for-All take on a device that was measured on thousands of them: where a
/// search ends, there is no measurement to judge it by. Ridge regression on the kernel and
/// expansion ratio of every block, each times the area of the input, on existing blocks and on
/// resolutions.
class OfaJudge {
 public:
  /// Learns from networks of `space` (MobileNetV3 of Once-for-All with any options).
  OfaJudge(const SearchSpace& space, const std::vector<Architecture>& architectures,
           const std::vector<double>& milliseconds);
  /// `space`: the architecture's; its options may be others.
  double operator()(const SearchSpace& space, const Architecture& architecture) const;

 private:
  LinearModel model_;
};

/// A network that HELP's authors found and measured (hw-help-ofa/nas_results_published.csv).
struct PublishedOfa {
  std::string architecture;  ///< text
  double milliseconds = 0, top1 = 0;
};
/// Of one device, in the order of the file.
std::vector<PublishedOfa> read_published_ofa(const std::filesystem::path& help,
                                             const std::string& device);

/// HELP's search on Once-for-All for the first target of the task: ten references are measured, and
/// the released accuracy predictor is searched under limits on what `predictor` then says. Prints
/// what that is worth: on the networks of the table, whose latencies are known, and for networks of
/// `evolution_ofa`, which the judge knows. `data`: the folder with hw-help-ofa, ...
void print_ofa_selection(const test::LatencyTable& table, const test::LatencyTask& task,
                         const std::filesystem::path& data, TransferPredictor& predictor,
                         const char* name);

}  // namespace nas::bench
