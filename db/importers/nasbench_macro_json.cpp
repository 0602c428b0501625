#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/json_reader.h"
#include "core/util/text.h"
#include "db/importers/column_builder.h"
#include "db/importers/data_file.h"
#include "db/importers/registry.h"
#include "db/importers/self_check.h"

// nas-bench-macro_cifar10.json (Su et al., CVPR 2021, arXiv 2103.11922):
// {arch: {test_acc: [3], mean_acc, std, params, flops}}.

namespace nas {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kNetworks = 6561;

BenchmarkColumn column_of(const std::string& metric, const std::string& statistic) {
  BenchmarkColumn column;
  column.metric = metric;
  column.dataset = "cifar10";
  column.origin = "nas-bench-macro_cifar10.json";
  column.maximize = metric == "accuracy";
  if (metric == "accuracy") {
    column.split = "test";
    column.statistic = statistic;
    column.unit = "%";
  }
  return column;
}

double number_at(const Json& record, const char* key) {
  const auto found = record.find(key);
  if (found == record.end() || !found->is_number()) {
    throw Error(ErrorKind::kData, std::string("'") + key + "' is not a number");
  }
  return found->get<double>();
}

class MacroImporter final : public Importer {
 public:
  bool recognises(const std::filesystem::path& path) const override {
    const std::string name = to_lower(path.filename().string());
    return std::filesystem::is_regular_file(path) && name.starts_with("nas-bench-macro") &&
           name.ends_with(".json");
  }

  ImportResult import(const ImportRequest& request) const override {
    BenchmarkInfo info;
    info.space = "nasbench_macro";
    info.name = request.name.empty() ? info.space : request.name;
    info.source = request.path.filename().string();
    info.licence = "Apache-2.0";
    info.sha256 = sha256_file(request.path);
    const SearchSpace* space = request.space ? request.space(info.space) : nullptr;
    if (space != nullptr) info.space_version = space->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    std::vector<std::string> texts;
    ColumnBuilder columns;
    const std::string file = read_data_text(request.path);
    JsonReader reader(file, request.path.string());
    if (reader.peek() != '{') reader.fail("expected one JSON object");
    reader.members([&](const std::string& architecture) {
      throw_if_stopped(request);
      const std::size_t begin = reader.offset();
      const Json record = reader.value();
      try {
        if (!record.is_object()) throw Error(ErrorKind::kData, "it is not an object");
        texts.push_back(space == nullptr ? architecture
                                         : space->format(space->parse(architecture)));
        add(columns, texts.size() - 1, record);
      } catch (const Error& error) {
        reader.fail_at(begin, "architecture " + printable(architecture) + ": " + error.what());
      }
    });
    reader.finish();
    result.benchmark.set_rows(std::move(texts));
    columns.finish(result.benchmark);
    note_special_values(result);
    check(result, space, request);
    return result;
  }

 private:
  static void add(ColumnBuilder& columns, std::size_t row, const Json& record) {
    const auto runs = record.find("test_acc");
    if (runs == record.end() || !runs->is_array()) {
      throw Error(ErrorKind::kData, "'test_acc' is not a list");
    }
    for (std::size_t run = 0; run < runs->size(); ++run) {
      if (!(*runs)[run].is_number()) throw Error(ErrorKind::kData, "'test_acc' holds no numbers");
      columns.set(column_of("accuracy", "run=" + std::to_string(run + 1)), row,
                  (*runs)[run].get<double>());
    }
    columns.set(column_of("accuracy", "mean"), row, number_at(record, "mean_acc"));
    columns.set(column_of("accuracy", "std"), row, number_at(record, "std"));
    columns.set(column_of("params", ""), row, number_at(record, "params"));
    columns.set(column_of("macs", ""), row, number_at(record, "flops"));
  }

  static void check(ImportResult& result, const SearchSpace* space, const ImportRequest& request) {
    SelfChecks checks(result.benchmark);
    checks.rows(kNetworks);
    checks.best("accuracy:statistic=mean", 93.1267, 1e-4, {"22212202"});
    if (space != nullptr) {
      StructureRule params, macs;
      params.column = "params";
      macs.column = "macs";
      macs.macs = true;
      check_structure(checks, result.benchmark, *space, {params, macs}, request);
    }
    checks.finish(result, request.force);
  }
};

}  // namespace

extern constinit const Plugin<Importer> nasbench_macro_json_importer{
    "nasbench_macro_json",
    "NAS-Bench-Macro: nas-bench-macro_cifar10.json",
    "Su et al., Prioritized Architecture Sampling with Monto-Carlo Tree Search, CVPR 2021, "
    "arXiv 2103.11922",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      resolve_no_options(options);
      return std::make_unique<MacroImporter>();
    }};

}  // namespace nas
