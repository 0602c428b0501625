#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <vector>

#include "cli/commands.h"
#include "cli/context.h"
#include "core/util/error.h"

namespace nas::cli {
namespace {

constexpr const char* kProgram = "nas-explorer";

/// Beside this program when installed, in the sibling folder of a build tree, else what PATH finds.
std::string explorer_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return kProgram;
  for (const std::filesystem::path& place :
       {self.parent_path() / kProgram, self.parent_path().parent_path() / "gui" / kProgram}) {
    if (std::filesystem::is_regular_file(place, error)) return place.string();
  }
  return kProgram;
}

int run_gui(const Arguments& arguments, Context& context) {
  std::vector<std::string> words = {explorer_program()};
  for (const std::string& file : arguments.all("FILE")) words.push_back(file);
  if (words.size() == 1 && context.session().store_exists())
    words.push_back(context.session().store_path().string());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  throw Error(ErrorKind::kIo, "'" + words[0] + "' cannot be started: " + std::strerror(errno) +
                                  "; build or install the explorer, which needs Qt 6");
}

}  // namespace

const Command gui{
    .noun = "gui",
    .verb = "",
    .summary = "open the explorer",
    .description =
        "Starts nas-explorer on the database, or on the files that are named; they are "
        "only read.",
    .examples = "nasctl gui\nnasctl gui first.db second.db",
    .positionals = {{.name = "FILE",
                     .help = "results database",
                     .required = false,
                     .repeated = true,
                     .completes = "file"}},
    .options = {},
    .run = run_gui};

}  // namespace nas::cli
