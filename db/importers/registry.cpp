#include "db/importers/registry.h"

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

const Plugin<Importer>& importer_for(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorKind::kIo, path.string() + ": no such file or folder");
  }
  std::vector<std::string> names;
  for (const Plugin<Importer>* plugin : importer_plugins()) {
    if (plugin->make({})->recognises(path)) return *plugin;
    names.emplace_back(plugin->name);
  }
  throw Error(ErrorKind::kData, path.string() + ": no importer recognises it (there are " +
                                    join(names, ", ") + "); say which one it is for");
}

}  // namespace nas
