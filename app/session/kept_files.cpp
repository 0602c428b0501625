#include "app/session/kept_files.h"

#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/text.h"

namespace nas {

void refuse_kept_file(const Session& session, const std::filesystem::path& output,
                      std::string_view own) {
  if (!holds_file(output)) return;
  const StoreAddress& store = session.store_address();
  if (store.is_server() && session.files_directory().empty()) return;  // keeps no files here
  std::error_code error;
  const auto folder = std::filesystem::weakly_canonical(output, error).parent_path();
  for (const char* name : {"models", "supernets", "predictors"}) {
    const auto kept = std::filesystem::weakly_canonical(session.files_directory() / name, error);
    if (folder != kept || name == own) continue;
    throw Error(ErrorKind::kUsage, printable(output.string()) +
                                       " is in a folder of the results database, which may know "
                                       "the file; name another --output");
  }
}

}  // namespace nas
