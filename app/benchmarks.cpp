#include "app/benchmarks.h"

#include <memory>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

namespace nas {

const SearchSpace* find_space(Session& session, std::string_view name) {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    if (plugin->name == name) return &session.space({std::string(name), {}});
  }
  return nullptr;
}

const SearchSpace* space_of(Session& session, const BenchmarkInfo& info) {
  return info.space.empty() ? nullptr : find_space(session, info.space);
}

std::optional<std::size_t> find_row(Session& session, const Benchmark& benchmark,
                                    std::string_view architecture) {
  if (architecture.starts_with('#')) {
    const std::optional<std::int64_t> row = parse_int(architecture.substr(1));
    if (!row || *row < 0 || static_cast<std::size_t>(*row) >= benchmark.rows()) {
      throw Error(ErrorKind::kUsage, "row '" + printable(architecture) + "': expected #0 to #" +
                                         std::to_string(benchmark.rows() - 1));
    }
    return static_cast<std::size_t>(*row);
  }
  if (const auto row = benchmark.find(architecture)) return row;
  const SearchSpace* space = space_of(session, benchmark.info());
  if (space == nullptr) return std::nullopt;
  return benchmark.find(space->format(space->parse(architecture)));
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
