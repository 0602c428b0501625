#include "tests/app/simulation/tables.h"

#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

namespace nas::test {
namespace {

void add(Benchmark& benchmark, const CsvTable& csv, std::string_view name,
         const std::string& column) {
  std::vector<double> values;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    values.push_back(parse_double(csv.at(row, csv.column(name))).value());
  }
  const ColumnQuery query = parse_column_query(column);
  BenchmarkColumn described;
  described.metric = query.metric;
  const auto part = [&](const char* key) {
    const auto found = query.wanted.find(key);
    return found == query.wanted.end() ? std::string() : found->second;
  };
  described.dataset = part("dataset");
  described.split = part("split");
  described.epochs = parse_int(part("epochs")).value_or(0);
  described.statistic = part("statistic");
  described.maximize = query.metric == "accuracy";
  benchmark.add_column(described, std::move(values));
}

// The matrix of a cell in the notation of the space: rows of bits, then the operations.
std::string nasbench101_text(const CsvTable& csv, std::size_t row, const SearchSpace& space) {
  const auto bits = std::stoul(std::string(csv.at(row, csv.column("adj_bits_hex"))), nullptr, 16);
  const std::string_view ops = csv.at(row, csv.column("ops"));
  Architecture architecture{"nasbench101", std::vector<std::uint16_t>(26)};
  // A smaller cell leaves the last inner vertices unused: its output becomes vertex 6.
  const std::size_t output = ops.size() + 1;
  const auto place = [&](std::size_t vertex) { return vertex == output ? 6 : vertex; };
  for (std::size_t to = 1; to <= output; ++to) {
    for (std::size_t from = 0; from < to; ++from) {
      if ((bits >> (from + to * (to - 1) / 2) & 1U) == 0) continue;
      const std::size_t y = place(to);
      architecture.choices[place(from) + y * (y - 1) / 2] = 1;
    }
  }
  for (std::size_t i = 0; i < ops.size(); ++i) {
    architecture.choices[21 + i] = static_cast<std::uint16_t>(ops[i] - '0');
  }
  return space.format(architecture);
}

}  // namespace

std::unique_ptr<SearchSpace> space_of(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

Benchmark nasbench201_table(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "nb201_tss.csv.gz";
  const CsvTable csv = CsvTable::parse(read_file(path), path.string());
  BenchmarkInfo info;
  info.name = info.space = "nasbench201";
  Benchmark benchmark(info);
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    texts.emplace_back(csv.at(row, csv.column("arch_str")));
  }
  benchmark.set_rows(std::move(texts));
  const std::string mean = ",statistic=mean";
  add(benchmark, csv, "cost_12ep_s", "training_seconds:dataset=cifar10-valid,epochs=12");
  add(benchmark, csv, "c10_valid_12ep",
      "accuracy:dataset=cifar10-valid,split=valid,epochs=12" + mean);
  add(benchmark, csv, "c10_valid_200ep",
      "accuracy:dataset=cifar10-valid,split=valid,epochs=200" + mean);
  add(benchmark, csv, "c10_test_200ep", "accuracy:dataset=cifar10,split=test,epochs=200" + mean);
  add(benchmark, csv, "c100_test_200ep", "accuracy:dataset=cifar100,split=test,epochs=200" + mean);
  add(benchmark, csv, "in16_test_200ep",
      "accuracy:dataset=ImageNet16-120,split=test,epochs=200" + mean);
  return benchmark;
}

Benchmark nasbench101_table(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "nb101_full.csv.gz";
  const CsvTable csv = CsvTable::parse(read_file(path), path.string());
  const auto space = space_of("nasbench101");
  BenchmarkInfo info;
  info.name = info.space = "nasbench101";
  Benchmark benchmark(info);
  std::vector<std::string> texts;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    texts.push_back(nasbench101_text(csv, row, *space));
  }
  benchmark.set_rows(std::move(texts));
  add(benchmark, csv, "test_acc_108_mean",
      "accuracy:dataset=cifar10,split=test,epochs=108,statistic=mean");
  return benchmark;
}

}  // namespace nas::test
