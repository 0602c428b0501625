#include "app/benchmarks.h"

#include <memory>
#include <utility>

#include "app/architecture_lookup.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/importers/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

const SearchSpace* find_space(Session& session, std::string_view name) {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    if (plugin->name == name) return &session.space({std::string(name), {}});
  }
  return nullptr;
}

const Plugin<Importer>& choose_importer(const BenchmarkImport& request) {
  if (request.importer.empty()) return importer_for(request.path);
  return find_plugin(importer_plugins(), "importer", request.importer);
}

void refuse_replacing(Session& session, const BenchmarkInfo& info) {
  for (const BenchmarkRow& row : session.writer().benchmarks()) {
    if (row.info.name != info.name || row.info.sha256 == info.sha256) continue;
    throw Error(ErrorKind::kUsage, "benchmark '" + printable(info.name) +
                                       "' is in the database already, from " +
                                       printable(row.info.source) +
                                       "; choose another --name, or replace it with --force");
  }
}

}  // namespace

ImportResult import_benchmark(Session& session, const BenchmarkImport& request) {
  const Plugin<Importer>& plugin = choose_importer(request);
  const std::unique_ptr<Importer> importer = plugin.make(request.options);
  session.writer();  // an unusable database is said before minutes of reading
  ImportResult result = importer->import(
      {.path = request.path,
       .name = request.name,
       .mapping = request.mapping,
       .force = request.force,
       .progress = &session.progress(),
       .stop = session.stop(),
       .space = [&session](std::string_view name) { return find_space(session, name); }});
  const BenchmarkInfo& info = result.benchmark.info();
  if (!request.force) refuse_replacing(session, info);
  session.writer().put_benchmark(result.benchmark);
  session.forget_benchmark(info.name);
  return result;
}

const SearchSpace* space_of(Session& session, const BenchmarkInfo& info) {
  return info.space.empty() ? nullptr : find_space(session, info.space);
}

std::optional<std::size_t> find_row(Session& session, const Benchmark& benchmark,
                                    std::string_view architecture) {
  const std::optional<FoundRow> found =
      ArchitectureLookup(session).row(benchmark, architecture).found;
  return found ? std::optional(found->row) : std::nullopt;
}

std::optional<Task> published_task(const SearchSpace& space, std::string_view dataset) {
  Task task = space.info().default_task;
  if (dataset.empty() || dataset == "cifar10" || dataset == "cifar10-valid") return task;
  if (dataset == "cifar100") {
    task.classes = 100;
    return task;
  }
  if (dataset == "ImageNet16-120") {
    task.input = {3, 16, 16};
    task.classes = 120;
    return task;
  }
  return std::nullopt;
}

}  // namespace nas
