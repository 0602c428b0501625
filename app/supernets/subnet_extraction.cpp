#include "app/supernets/subnet_extraction.h"

#include <limits>

#include "app/session/candidate.h"
#include "app/session/kept_files.h"
#include "core/api/stated_network.h"
#include "core/quantum/circuit_graph.h"
#include "core/quantum/qasm.h"
#include "core/runtime/checkpoint.h"
#include "core/runtime/trainer.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string text_of(const DataFact& fact) {
  if (const auto* text = std::get_if<std::string>(&fact.value)) return *text;
  if (const auto* whole = std::get_if<std::int64_t>(&fact.value)) return std::to_string(*whole);
  return format_double(std::get<double>(fact.value));
}

/// As of any trained model, and its parent.
std::map<std::string, std::string> metadata_of(const OpenSupernet& supernet,
                                               const std::string& text,
                                               const std::string& fidelity) {
  const ProblemRecord& problem = supernet.problem->record();
  const ProblemData& data = supernet.problem->data();
  std::map<std::string, std::string> metadata{{"space", supernet.info().space.name},
                                              {"architecture", text},
                                              {"fidelity", fidelity},
                                              {"network", supernet.info().network},
                                              {"problem", std::string(problem.name)},
                                              {"data", data.id},
                                              {"classes", join(data.classes, "\n")},
                                              {"version", version_text()},
                                              {"parent", supernet.identity()}};
  for (const DataFact& fact : data.facts) metadata["data." + fact.name] = text_of(fact);
  return metadata;
}

}  // namespace

ExtractedSubnet extract_subnet(Session& session, const OpenSupernet& supernet,
                               const Architecture& subnet, const SubnetExtraction& extraction) {
  if (extraction.statistics == SubnetStatistics::kBatch) {
    throw Error(ErrorKind::kUsage,
                "a model of its own has no statistics of batches; choose recalibrated or shared");
  }
  refuse_existing(extraction.output, extraction.force);
  refuse_kept_file(session, extraction.output);
  check_can_write(extraction.output);
  Store& store = session.writer();  // a store that cannot be written is said before the file is
  const SearchSpace& space = *supernet.space;
  const Candidate candidate = identify(space, subnet);
  std::string fidelity =
      fidelity_text(*supernet.problem, supernet.recipe) + "; " + supernet.identity();
  GraphCost cost;
  if (const auto* angles = std::get_if<AngleBank>(&supernet.bank)) {
    if (extraction.statistics != SubnetExtraction{}.statistics) {
      throw Error(ErrorKind::kUsage, "circuits have no statistics of batch normalisations");
    }
    const ArchGraph graph = angles->graph(subnet);
    write_file_atomically(extraction.output, to_qasm2(to_circuit(graph)));
    cost = graph_cost(graph);
  } else {
    fidelity += "; statistics=" + to_string(extraction.statistics);
    Model model = std::get<WeightBank>(supernet.bank).extract(subnet.choices);
    if (extraction.statistics == SubnetStatistics::kRecalibrated) {
      recalibrate_batch_norm(model, *supernet.problem, supernet.recipe);
    }
    save_model(model, extraction.output, metadata_of(supernet, candidate.text, fidelity));
    cost = graph_cost(model.graph());
  }
  ExtractedSubnet extracted;
  extracted.path = extraction.output;
  extracted.sha256 = sha256_file(extraction.output);
  extracted.params = cost.params;
  extracted.macs = published_macs(space.info(), cost);
  const auto size = [&](const char* name, std::int64_t value) {
    return MetricValue{name,         static_cast<double>(value), MetricSource::kComputed, "",
                       std::nullopt, supernet.info().network};
  };
  ModelRow row;
  row.architecture_id = store.add_metrics(
      {supernet.info().space.name, space.info().version, candidate.text, candidate.digest,
       candidate.published_params, candidate.published_macs},
      std::vector{size("params", extracted.params), size("macs", extracted.macs)});
  row.path = session.kept_path(extraction.output);
  row.sha256 = extracted.sha256;
  row.fidelity = fidelity;
  row.network = supernet.info().network;
  row.value = std::numeric_limits<double>::quiet_NaN();  // nothing has judged it yet
  store.add_model(row);
  return extracted;
}

}  // namespace nas
