#include "app/benchmarks/benchmarks.h"

#include <memory>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/registry.h"

namespace nas {

const SearchSpace* find_space(Session& session, std::string_view name) {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    if (plugin->name == name.substr(0, name.find(':')))
      return &session.space({std::string(name), {}});
  }
  return nullptr;
}

const SearchSpace* space_of(Session& session, const BenchmarkInfo& info) {
  return info.space.empty() ? nullptr : find_space(session, info.space);
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
