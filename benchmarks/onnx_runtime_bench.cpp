// Random networks of every space against ONNX Runtime: `scripts/reproduce onnx-runtime`.
// usage: onnx_runtime_bench [NETWORKS [SEED [SPACE]]]
// NETWORKS in all (1,000), the same number of each space. Each is written in a random form (opset 9
// to 21, batch open or 2, simplified or not, batch normalisation folded or kept), read back, and
// run by ONNX Runtime and by LibTorch. Exit code 1 where something is lost in a file or a
// difference is above 1e-5 of the largest output (of 1, where that is less).

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"
#include "tests/core/onnx/exported_network.h"

namespace {

using namespace nas;
using namespace nas::test;

constexpr double kMostShare = 1e-5;
constexpr std::size_t kBatchOfRuns = 8;  // files that lie on the disk at once

double processor_seconds() {
  double seconds = 0;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    }
  }
  return seconds;
}

ExportForm random_form(Rng& rng) {
  ExportForm form;
  form.options.opset = 9 + static_cast<int>(rng.below(13));
  form.options.dynamic_batch = rng.bernoulli(0.5);
  form.options.batch = ExportedNetwork::kBatch;
  form.simplified = rng.bernoulli(0.5);
  form.folded = rng.bernoulli(0.5);
  return form;
}

std::string form_text(const ExportForm& form) {
  return "opset " + std::to_string(form.options.opset) +
         (form.options.dynamic_batch ? ", open batch" : "") +
         (form.simplified ? ", simplified" : "") + (form.folded ? ", folded" : "");
}

/// What is found in one space.
struct Findings {
  std::size_t networks = 0, lost = 0, far = 0;
  double difference = 0, share = 0, largest = 0;

  void add(const OutputDifference& one) {
    difference = std::max(difference, one.difference);
    share = std::max(share, one.share());
    largest = std::max(largest, one.largest);
    far += one.share() > kMostShare ? 1 : 0;
  }
  bool good() const { return lost == 0 && far == 0; }
};

class SpaceCheck {
 public:
  SpaceCheck(const SearchSpace& space, const OnnxRuntime& engine, Rng rng)
      : space_(space), engine_(engine), rng_(rng) {}

  Findings check(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      add();
      if (runs_.size() == kBatchOfRuns || i + 1 == count) run();
    }
    return findings_;
  }

 private:
  void add() {
    const ExportForm form = random_form(rng_);
    const ExportedNetwork& network = networks_.emplace_back(small_network(space_, rng_));
    forms_.push_back(form_text(form));
    ++findings_.networks;
    const WeightedGraph written = network.in_form(form);
    const OnnxModel model = to_onnx(written.graph, &written.weights, form.options);
    const std::string lost = lost_in_file(model, written);
    if (!lost.empty()) {
      ++findings_.lost;
      std::printf("  network %zu, %s: %s differ behind the file\n", findings_.networks,
                  forms_.back().c_str(), lost.c_str());
    }
    runs_.push_back(network.run(form));
  }

  void run() {
    const std::vector<std::vector<float>> outputs = engine_.run(runs_);
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      const OutputDifference difference = networks_[i].difference(outputs[i]);
      findings_.add(difference);
      if (difference.share() <= kMostShare) continue;
      std::printf("  network %zu, %s: difference %.2g, outputs up to %.3g\n",
                  findings_.networks - runs_.size() + i + 1, forms_[i].c_str(),
                  difference.difference, difference.largest);
    }
    runs_.clear();
    networks_.clear();
    forms_.clear();
  }

  const SearchSpace& space_;
  const OnnxRuntime& engine_;
  Rng rng_;
  Findings findings_;
  std::vector<ExportedNetwork> networks_;
  std::vector<OnnxRun> runs_;
  std::vector<std::string> forms_;
};

/// Spaces of networks, without circuits.
std::vector<const Plugin<SearchSpace>*> network_spaces(std::string_view only) {
  std::vector<const Plugin<SearchSpace>*> spaces;
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    const bool circuits = plugin->make({})->info().default_task.qubits > 0;
    if (!circuits && (only.empty() || only == plugin->name)) spaces.push_back(plugin);
  }
  return spaces;
}

int compare(std::size_t networks, std::uint64_t seed, std::string_view only) {
  const auto engine = OnnxRuntime::find();
  if (!engine) return 2;
  const auto spaces = network_spaces(only);
  if (spaces.empty()) throw Error(ErrorKind::kUsage, "no space is called so");
  const std::size_t each = (networks + spaces.size() - 1) / spaces.size();
  std::size_t all = 0;
  bool good = true;
  for (const Plugin<SearchSpace>* plugin : spaces) {
    const double start = processor_seconds();
    const auto space = plugin->make({});
    Rng rng({.seed = seed, .purpose = Purpose::kTest});
    const Findings found = SpaceCheck(*space, *engine, rng).check(each);
    all += found.networks;
    good = good && found.good();
    std::printf(
        "%-16s %3zu networks: difference %.2g, share %.2g, outputs up to %.3g; lost %zu, far %zu; "
        "%.0f processor seconds\n",
        std::string(plugin->name).c_str(), found.networks, found.difference, found.share,
        found.largest, found.lost, found.far, processor_seconds() - start);
    std::fflush(stdout);
  }
  std::printf("%zu networks, %.1f processor minutes\n", all, processor_seconds() / 60);
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int at, std::int64_t standard) {
    return argc > at ? parse_int(argv[at]).value_or(0) : standard;
  };
  const std::int64_t networks = number(1, 1000);
  if (networks < 1) {
    std::fprintf(stderr, "usage: onnx_runtime_bench [NETWORKS [SEED [SPACE]]]\n");
    return 2;
  }
  try {
    return compare(static_cast<std::size_t>(networks), static_cast<std::uint64_t>(number(2, 0)),
                   argc > 3 ? argv[3] : "");
  } catch (const Error& error) {
    std::fprintf(stderr, "onnx_runtime_bench: %s\n", error.what());
    return 2;
  }
}
