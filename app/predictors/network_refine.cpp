#include "app/predictors/network_refine.h"

#include <algorithm>
#include <set>

#include "app/fitted/predictor_store.h"
#include "app/predictors/node_mutation.h"
#include "core/api/transfer_predictor.h"
#include "core/ir/cost.h"
#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool no_worse(const RefinedNetwork& a, const RefinedNetwork& b) {
  return a.prediction >= b.prediction && a.macs <= b.macs;
}

class GraphJudge {
 public:
  explicit GraphJudge(const Predictor& predictor)
      : transfer_(dynamic_cast<const TransferPredictor*>(&predictor)) {}

  bool judges_graphs() const { return transfer_ != nullptr; }
  RefinedNetwork operator()(ArchGraph graph, std::vector<std::string> changes) const {
    RefinedNetwork network{std::move(graph), 0, 0, std::move(changes)};
    const Subject subject{nullptr, nullptr, &network.graph};
    network.prediction = transfer_->forecast(std::span(&subject, 1)).front().mean;
    network.macs = graph_cost(network.graph).macs;
    return network;
  }

 private:
  const TransferPredictor* transfer_;
};

}  // namespace

RefineReport refine_network(Session& session, const ArchGraph& graph,
                            const RefineRequest& request) {
  const StoredPredictor stored = load_predictor(session, request.predictor);
  const GraphJudge judge(*stored.predictor);
  const Error refusal(ErrorKind::kUsage,
                      "predictor '" + request.predictor + "' judges architectures of space '" +
                          stored.space->info().name +
                          "' alone; a changed network is of no space: fit one with "
                          "--plugin gennape");
  if (!judge.judges_graphs()) throw refusal;
  RefineReport report;
  report.target = stored.target;
  try {
    report.start = judge(graph, {});
  } catch (const Error& error) {  // it knows other spaces, but no networks without one
    if (error.kind() == ErrorKind::kUsage) throw refusal;
    throw;
  }
  std::vector<RefinedNetwork> front{report.start};
  std::set<Digest> seen{digest(graph)};
  Rng rng({.seed = request.seed, .purpose = Purpose::kSearch});
  ProgressSink& progress = session.progress();
  progress.begin("changing " + format_count(static_cast<std::int64_t>(graph.size())) + " nodes",
                 request.tries);
  for (; report.tries < request.tries && !session.stop().stop_requested(); ++report.tries) {
    progress.update(report.tries, "best " + format_short(front.front().prediction, 4));
    const RefinedNetwork& parent = front[rng.below(front.size())];
    std::optional<NodeMutation> mutation = mutate_node(parent.graph, rng);
    if (!mutation) {
      ++report.impossible;
      continue;
    }
    if (!seen.insert(digest(mutation->graph)).second) {
      ++report.known;
      continue;
    }
    std::vector<std::string> changes = parent.changes;
    changes.push_back(std::move(mutation->text));
    RefinedNetwork made;
    try {
      made = judge(std::move(mutation->graph), std::move(changes));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUnsupported) throw;
      ++report.impossible;  // a kernel that the predictor does not know
      continue;
    }
    if (!no_worse(made, report.start)) continue;
    const auto covers = [&made](const RefinedNetwork& other) { return no_worse(other, made); };
    if (std::ranges::any_of(front, covers)) continue;
    std::erase_if(front, [&made](const RefinedNetwork& other) { return no_worse(made, other); });
    front.push_back(std::move(made));
    std::ranges::stable_sort(front, std::greater<>(), &RefinedNetwork::prediction);
  }
  progress.end();
  // Whatever joined the front is no worse than the start, which it then replaced.
  if (!front.front().changes.empty()) report.front = std::move(front);
  return report;
}

}  // namespace nas
