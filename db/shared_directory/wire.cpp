#include "db/shared_directory/wire_fields.h"

namespace nas {

namespace {

/// Empty for a column of vectors that was not loaded.
std::vector<double> loaded_values(const Benchmark& benchmark, std::size_t column) {
  try {
    const std::span<const double> values = benchmark.values(column);
    return {values.begin(), values.end()};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    return {};
  }
}

}  // namespace

void put_benchmark_bytes(std::string& out, const Benchmark& benchmark) {
  put(out, benchmark.info());
  put(out, benchmark.texts());
  put_word(out, benchmark.columns().size());
  for (std::size_t column = 0; column < benchmark.columns().size(); ++column) {
    put(out, benchmark.columns()[column]);
    put(out, loaded_values(benchmark, column));
  }
}

Benchmark get_benchmark_bytes(WireReader& in) {
  Benchmark benchmark(get<BenchmarkInfo>(in));
  benchmark.set_rows(get<std::vector<std::string>>(in));
  const std::size_t columns = get_length(in);
  for (std::size_t i = 0; i < columns; ++i) {
    auto column = get<BenchmarkColumn>(in);
    benchmark.add_column(std::move(column), get<std::vector<double>>(in));
  }
  return benchmark;
}

}  // namespace nas
