#include "app/predictors/embedding.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/benchmarks/benchmarks.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

void check_name(const Benchmark& table, const EmbeddingRequest& request) {
  if (request.column.empty() || request.column.find_first_not_of(
                                    "abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) {
    throw Error(ErrorKind::kUsage,
                "column '" + printable(request.column) + "': use small letters, digits and '_'");
  }
  for (const BenchmarkColumn& column : table.columns()) {
    const bool own = column.width > 1 && column.source == MetricSource::kPredicted;
    if (column.metric == request.column && !(own && request.replace)) {
      throw Error(ErrorKind::kUsage, "benchmark '" + printable(table.info().name) +
                                         "' has a column '" + request.column +
                                         "' already; choose another name" +
                                         (own ? ", or replace it with --force" : ""));
    }
  }
}

std::string origin_of(const AutoencoderOptions& options, std::size_t trained, std::int64_t drawn) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : autoencoder_options(options))
    parts.push_back(name + "=" + value);
  return "predictor 'autoencoder' (" + join(parts, ", ") + "; learned from " +
         std::to_string(trained) + (drawn > 0 ? " rows and drawn architectures" : " rows") +
         " without their values)";
}

}  // namespace

AutoencoderReport embed_benchmark(Session& session, const EmbeddingRequest& request) {
  AutoencoderOptions options = parse_autoencoder(request.options);
  const std::shared_ptr<const Benchmark> table = session.benchmark(request.benchmark);
  check_name(*table, request);
  const SearchSpace* space = space_of(session, table->info());
  if (space == nullptr) {
    throw Error(ErrorKind::kUsage, "benchmark '" + printable(request.benchmark) +
                                       "' belongs to no known search space: its architectures "
                                       "have no graphs");
  }
  // Drawn ones first: the last graphs are held out, and those are to be rows.
  std::vector<Architecture> architectures;
  Rng drawing({.seed = static_cast<std::uint64_t>(options.seed),
               .study = stable_hash("autoencoder"),
               .purpose = Purpose::kSample});
  const std::set<std::string> rows(table->texts().begin(), table->texts().end());
  for (std::int64_t i = 0; i < request.drawn; ++i) {
    if (session.stop().stop_requested()) throw Error(ErrorKind::kUsage, "interrupted");
    Architecture drawn = sample(*space, drawing);
    // One that is a row may be among those that are held out.
    if (!rows.contains(space->format(drawn))) architectures.push_back(std::move(drawn));
  }
  for (const std::string& text : table->texts()) architectures.push_back(space->parse(text));
  if (request.drawn > 0) {  // half of the rows at most are held out
    options.held_out = std::min(options.held_out, 0.5 * static_cast<double>(table->texts().size()) /
                                                      static_cast<double>(architectures.size()));
  }
  FitContext context;
  context.progress = &session.progress();
  context.stop = session.stop();
  GraphEmbedding embedding =
      embed_graphs(operation_graphs(*space, architectures), options, context);

  BenchmarkColumn column;
  column.metric = request.column;
  column.source = MetricSource::kPredicted;
  column.origin = origin_of(options, embedding.report.trained, request.drawn);
  column.width = static_cast<std::int64_t>(embedding.width);
  Benchmark only(table->info());
  only.set_rows({table->texts().begin(), table->texts().end()});
  const auto first_row =
      embedding.points.begin() +
      static_cast<std::ptrdiff_t>(static_cast<std::size_t>(request.drawn) * embedding.width);
  only.add_column(std::move(column), {first_row, embedding.points.end()});
  const std::size_t first[] = {0};
  session.writer().put_benchmark_columns(only, first);
  session.forget_benchmark(request.benchmark);
  return std::move(embedding.report);
}

}  // namespace nas
