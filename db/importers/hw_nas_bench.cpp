#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "db/importers/pickle_path.h"
#include "db/importers/registry.h"
#include "db/importers/self_check.h"

// HW-NAS-Bench-v1_0.pickle (Li et al., ICLR 2021, arXiv 2103.10584): the costs of the cells of
// NAS-Bench-201, in its official order, on six devices. (The file's other half is a look-up table
// of the layers of FBNet, not a table of architectures.)

namespace nas {
namespace {

constexpr std::size_t kCells = 15625;

/// The column of "edgegpu_latency"; nullopt for a name of another form.
std::optional<BenchmarkColumn> column_of(const std::string& name, const std::string& dataset) {
  const std::size_t mark = name.find('_');
  if (mark == std::string::npos) return std::nullopt;
  BenchmarkColumn column;
  column.device = name.substr(0, mark);
  const std::string kind = name.substr(mark + 1);
  column.metric = kind == "latency" ? "latency_ms" : kind == "energy" ? "energy_mj" : kind;
  column.unit = kind == "latency" ? "ms" : kind == "energy" ? "mJ" : "";
  column.maximize = kind.starts_with("arithmetic");
  column.dataset = dataset;
  column.source = MetricSource::kMeasured;
  column.origin = "HW-NAS-Bench, nasbench201/" + dataset + "/" + name;
  return column;
}

std::vector<double> numbers_of(const PickleValue& value, const std::string& what,
                               const BenchmarkColumn& column) {
  std::vector<double> values;
  for (const PickleValue& item : as_list(value, what).items) {
    if (!item.number()) throw Error(ErrorKind::kData, what + " holds no numbers");
    // -1: the network did not compile for the device.
    const bool failed = *item.number() == -1;
    values.push_back(!failed ? *item.number() : column.maximize ? -HUGE_VAL : HUGE_VAL);
  }
  return values;
}

class HwNasBenchImporter final : public Importer {
 public:
  bool recognises(const std::filesystem::path& path) const override {
    const std::string name = path.filename().string();
    return std::filesystem::is_regular_file(path) && name.starts_with("HW-NAS-Bench") &&
           (name.ends_with(".pickle") || name.ends_with(".pkl"));
  }

  ImportResult import(const ImportRequest& request) const override {
    const std::string file = request.path.filename().string();
    const std::unique_ptr<ByteSource> source = open_unpacked(request.path);
    ByteReader reader(*source, file);
    const PickleValue object = read_pickle(reader);
    reader.drain();
    BenchmarkInfo info;
    info.name = request.name.empty() ? "hw_nas_bench" : request.name;
    info.space = "nasbench201";
    info.source = file;
    info.licence = "MIT";
    info.sha256 = sha256_file(request.path);
    const SearchSpace* space = request.space ? request.space(info.space) : nullptr;
    const auto* indexed = dynamic_cast<const IndexedSpace*>(space);
    if (indexed == nullptr) {
      throw Error(ErrorKind::kUnsupported,
                  file + " lists cells by index only; space nasbench201 is needed");
    }
    info.space_version = space->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < kCells; ++i) texts.push_back(space->format(indexed->at(i)));
    result.benchmark.set_rows(std::move(texts));
    try {
      read(as_dict(object, "the object"), result.benchmark);
    } catch (const Error& error) {
      throw error.with_context(request.path.string());
    }
    note_special_values(result);
    check(result, request);
    return result;
  }

 private:
  static void read(const PickleDict& object, Benchmark& benchmark) {
    for (const auto& [key, metrics] : dict_of_key(object, "nasbench201").items) {
      const std::string& dataset = as_text(key, "a data set");
      for (const auto& [name, values] : as_dict(metrics, dataset).items) {
        const std::string& metric = as_text(name, "a metric");
        const auto column = column_of(metric, dataset == "cifar10-valid" ? "cifar10" : dataset);
        // "config" repeats the architectures.
        if (metric == "config" || !column) continue;
        benchmark.add_column(*column, numbers_of(values, dataset + "/" + metric, *column));
      }
    }
  }

  /// The row of the authors' read-me.
  static void check(ImportResult& result, const ImportRequest& request) {
    SelfChecks checks(result.benchmark);
    const std::string& row = result.benchmark.text(0);
    const auto value = [&](const char* column, double expected) {
      checks.value(row, column, expected, 1e-6 * expected);
    };
    value("latency_ms:dataset=cifar10,device=edgegpu", 5.807418537);
    value("energy_mj:dataset=cifar10,device=edgegpu", 24.226614331);
    value("latency_ms:dataset=cifar10,device=raspi4", 10.481976820);
    value("latency_ms:dataset=cifar10,device=edgetpu", 0.957181131);
    value("latency_ms:dataset=cifar10,device=pixel3", 3.60585);
    value("latency_ms:dataset=cifar10,device=eyeriss", 3.64562);
    value("energy_mj:dataset=cifar10,device=eyeriss", 0.687282764);
    value("latency_ms:dataset=cifar10,device=fpga", 2.57296);
    value("energy_mj:dataset=cifar10,device=fpga", 18.01072);
    checks.finish(result, request.force);
  }
};

}  // namespace

extern constinit const Plugin<Importer> hw_nas_bench_importer{
    "hw_nas_bench",
    "HW-NAS-Bench: latency and energy of the cells of NAS-Bench-201 on six devices",
    "Li, Yu, Fu, Zhang, Zhao, You, Yu, Wang and Lin, HW-NAS-Bench: Hardware-Aware Neural "
    "Architecture Search Benchmark, ICLR 2021, arXiv 2103.10584",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      resolve_no_options(options);
      return std::make_unique<HwNasBenchImporter>();
    }};

}  // namespace nas
