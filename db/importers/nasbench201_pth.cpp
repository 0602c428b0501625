#include <memory>
#include <utility>

#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "db/importers/nats_records.h"
#include "db/importers/registry.h"
#include "db/importers/torch_file.h"

// NAS-Bench-201-v1_0-e61699.pth and -v1_1-096897.pth (Dong and Yang, ICLR 2020, arXiv 2001.00326):
// gigabytes, read as a stream that keeps last values and accuracy curves of each cell.

namespace nas {
namespace {

struct Nasbench201Options {
  bool curves = true;
};
constexpr Field<Nasbench201Options> kFields[] = {
    {"curves", &Nasbench201Options::curves,
     "keep accuracy curves by epoch (about 1 GB for all cells)"}};
constexpr std::span<const Field<Nasbench201Options>> kFieldSpan(kFields);
constexpr std::string_view kOwner = "importer 'nasbench201_pth'";
constexpr std::size_t kCells = 15625;

/// Some old entries hold wrong parameters and FLOPs; the space knows the right ones.
void recompute_sizes(ImportResult& result, const SearchSpace& space, const ImportRequest& request) {
  Benchmark& benchmark = result.benchmark;
  for (const StructureRule& rule : nats_structure(benchmark)) {
    const std::size_t index = benchmark.column(rule.column);
    BenchmarkColumn column = benchmark.columns()[index];
    std::vector<double> values(benchmark.values(index).begin(), benchmark.values(index).end());
    std::size_t wrong = 0;
    for (std::size_t row = 0; row < benchmark.rows(); ++row) {
      throw_if_stopped(request);
      const GraphCost cost = graph_cost(space.build(space.parse(benchmark.text(row)), rule.task));
      const auto right =
          static_cast<double>(rule.macs ? published_macs(space.info(), cost) : cost.params);
      wrong += values[row] == right ? 0 : 1;
      values[row] = right;
    }
    if (wrong == 0) continue;
    column.source = MetricSource::kComputed;
    column.origin = "recomputed through space nasbench201";
    result.notes.push_back(rule.column + ": " + std::to_string(wrong) + " of " +
                           std::to_string(benchmark.rows()) +
                           " values of the file were wrong and are recomputed");
    benchmark.put_column(column, std::move(values));
  }
}

class Nasbench201Importer final : public Importer {
 public:
  explicit Nasbench201Importer(Nasbench201Options options) : options_(options) {}

  bool recognises(const std::filesystem::path& path) const override {
    const std::string name = path.filename().string();
    return std::filesystem::is_regular_file(path) && name.starts_with("NAS-Bench-201") &&
           name.ends_with(".pth") && is_torch_object(path);
  }

  ImportResult import(const ImportRequest& request) const override {
    NatsRecords records(request.path.filename().string(), options_.curves);
    PickleOptions pickle;
    pickle.limits.values = kStreamedPickleValues;
    pickle.on_dict = [&](PickleDict& dict) {
      if (!is_architecture_record(dict)) return;
      throw_if_stopped(request);
      records.add(dict);
      request.progress->update(static_cast<std::int64_t>(records.rows()), "");
      for (auto& [key, value] : dict.items) release(value);
      dict.items.clear();
    };
    request.progress->begin("read " + request.path.filename().string(), kCells);
    const PickleValue object = read_torch_object(request.path, std::move(pickle));
    request.progress->end();
    if (object.dict() == nullptr || object.dict()->find("meta_archs") == nullptr) {
      throw Error(ErrorKind::kData, request.path.string() + ": expected a dict with 'meta_archs'");
    }
    return assemble(request, records, *object.dict()->find("meta_archs"));
  }

 private:
  static ImportResult assemble(const ImportRequest& request, NatsRecords& records,
                               const PickleValue& meta) {
    BenchmarkInfo info;
    info.name = request.name.empty() ? "nasbench201" : request.name;
    info.space = "nasbench201";
    info.source = request.path.filename().string();
    info.licence = "MIT";
    info.sha256 = sha256_file(request.path);
    const SearchSpace* space = request.space ? request.space(info.space) : nullptr;
    if (space != nullptr) info.space_version = space->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    SelfChecks checks(result.benchmark);
    const std::size_t listed = meta.list() == nullptr ? 0 : meta.list()->items.size();
    std::size_t equal = 0;
    for (std::size_t row = 0; row < records.rows(); ++row) {
      const auto index = static_cast<std::size_t>(records.index(row));
      const std::string* text = index < listed ? meta.list()->items[index].text() : nullptr;
      equal += text != nullptr && *text == records.text(row) ? 1 : 0;
    }
    checks.add("architectures at their index of the list", std::to_string(records.rows()),
               std::to_string(equal), equal == records.rows());
    checks.add("rows", std::to_string(listed), std::to_string(records.rows()),
               listed == records.rows() && listed > 0);
    records.finish(result, space, request);
    if (space != nullptr) {
      recompute_sizes(result, *space, request);
      check_structure(checks, result.benchmark, *space, nats_structure(result.benchmark), request);
    }
    note_special_values(result);
    checks.finish(result, request.force);
    return result;
  }

  Nasbench201Options options_;
};

}  // namespace

extern constinit const Plugin<Importer> nasbench201_pth_importer{
    "nasbench201_pth",
    "NAS-Bench-201 v1_0 and v1_1, the large .pth files of the authors",
    "Dong and Yang, NAS-Bench-201: Extending the Scope of Reproducible NAS, ICLR 2020, "
    "arXiv 2001.00326",
    [] { return describe_fields(kFieldSpan); },
    [](const OptionMap& options) {
      return fields_to_map(kFieldSpan, parse_fields(kFieldSpan, options, kOwner));
    },
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      return std::make_unique<Nasbench201Importer>(parse_fields(kFieldSpan, options, kOwner));
    }};

}  // namespace nas
