#include "app/fitted/predictor_store.h"

#include <algorithm>

#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "predictors/registry.h"

namespace nas {
namespace {

/// Where the tensors go: to the predictor's own file as long as it is that, else to a new one. A
/// file of another database in the same folder stays.
std::filesystem::path place_of(Session& session, const std::string& name) {
  const std::filesystem::path folder = session.files_directory();
  const std::optional<PredictorRow> row =
      session.store_exists() ? find_predictor(session.reader(), name) : std::nullopt;
  const std::filesystem::path own = row ? folder / row->path : std::filesystem::path();
  if (row && std::filesystem::exists(own) && sha256_file(own) == row->sha256) return own;
  return free_path(folder / "predictors" / (name + ".safetensors"));
}

std::string inline_table(const OptionMap& options) {
  std::vector<std::string> entries;
  for (const auto& [name, value] : options) entries.push_back(name + " = " + json_quote(value));
  return "{ " + join(entries, ", ") + " }";
}

}  // namespace

std::optional<PredictorRow> find_predictor(const Store& store, const std::string& name) {
  for (PredictorRow& row : store.predictors()) {
    if (row.name == name) return std::move(row);
  }
  return std::nullopt;
}

std::vector<std::string> predictors_fitted_on(const Store& store, std::string_view benchmark) {
  // A target is "BENCHMARK COLUMN", and a name may begin like another one.
  const auto learned_from = [](const std::string& target, std::string_view name) {
    return target.size() > name.size() && target.starts_with(name) && target[name.size()] == ' ';
  };
  const std::vector<BenchmarkRow> benchmarks = store.benchmarks();
  std::vector<std::string> names;
  for (const PredictorRow& row : store.predictors()) {
    if (!learned_from(row.target, benchmark)) continue;
    const bool of_longer =
        std::any_of(benchmarks.begin(), benchmarks.end(), [&](const BenchmarkRow& other) {
          return other.info.name.size() > benchmark.size() &&
                 learned_from(row.target, other.info.name);
        });
    if (!of_longer) names.push_back(row.name);
  }
  return names;
}

void check_new_predictor(Session& session, const std::string& name, bool replace) {
  check_predictor_name(name);
  if (!replace && session.store_exists() && find_predictor(session.reader(), name)) {
    throw Error(ErrorKind::kUsage,
                "predictor '" + name + "' exists; choose another name, or give --replace");
  }
}

PredictorRow keep_predictor(Session& session, const PredictorFile& file,
                            const std::string& report) {
  const std::filesystem::path path = place_of(session, file.name);
  Store& store = session.writer();  // before the file, which nothing would name without it
  PredictorRow row;
  row.sha256 = write_predictor(path, file);
  row.name = file.name;
  row.plugin = file.plugin.name;
  row.options = inline_table(file.plugin.options);
  row.space = file.space;
  row.target = file.benchmark.empty() ? file.target : file.benchmark + " " + file.target;
  row.features = join(file.features, "\n");
  row.samples = static_cast<std::int64_t>(file.train);
  row.seed = file.seed;
  row.path = "predictors/" + path.filename().string();
  row.report = report;
  return store.put_predictor(row);
}

StoredPredictor load_predictor(Session& session, const std::string& name) {
  std::optional<PredictorRow> row = find_predictor(session.reader(), name);
  if (!row) {
    std::vector<std::string> names;
    for (const PredictorRow& known : session.reader().predictors()) names.push_back(known.name);
    throw Error(ErrorKind::kUsage, unknown_name("predictor", name, names));
  }
  const auto path = session.file_path(row->path);
  PredictorFile file = read_predictor(path, row->sha256);
  StoredPredictor stored;
  stored.predictor = make_predictor(file.plugin.name, file.plugin.options);
  try {
    stored.predictor->restore(file.state);
  } catch (const Error& error) {
    throw error.with_context(path.string());
  }
  stored.space = &session.space({file.space, {}});
  if (stored.space->info().version != file.space_version) {
    throw Error(ErrorKind::kData, path.string() + ": was fitted on version " + file.space_version +
                                      " of space '" + file.space + "', here is version " +
                                      stored.space->info().version + "; fit it again");
  }
  stored.row = std::move(*row);
  stored.benchmark = std::move(file.benchmark);
  stored.target = std::move(file.target);
  stored.features = std::move(file.features);
  stored.train = file.train;
  stored.seen = file.seen;
  return stored;
}

}  // namespace nas
