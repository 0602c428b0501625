#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>
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

/// What others see of a process is its arguments; a password goes as libpq reads it.
void lend_password(std::span<const StoreAddress> addresses) {
  std::set<std::string> passwords;
  for (const StoreAddress& address : addresses) {
    if (address.password()) passwords.insert(*address.password());
  }
  if (passwords.size() > 1) {
    throw Error(ErrorKind::kUsage,
                "the explorer takes one password of an address; put the others into ~/.pgpass");
  }
  if (!passwords.empty()) ::setenv("PGPASSWORD", passwords.begin()->c_str(), 1);
}

int run_gui(const Arguments& arguments, Context& context) {
  std::vector<std::string> words = {explorer_program()};
  std::vector<StoreAddress> addresses;
  for (const std::string& word : arguments.all("ADDRESS"))
    addresses.push_back(StoreAddress::parse(word));
  if (addresses.empty() && context.session().store_exists())
    addresses.push_back(context.session().store_address());
  for (const StoreAddress& address : addresses) words.push_back(address.text());
  lend_password(addresses);
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
        "Starts nas-explorer on the database, or on those that are named; they are only read.",
    .examples = "nasctl gui\nnasctl gui first.db second.db\nnasctl gui postgresql://db/nas",
    .positionals = {{.name = "ADDRESS",
                     .help = "results database: a file or postgresql://...",
                     .required = false,
                     .repeated = true,
                     .completes = "file"}},
    .options = {},
    .run = run_gui};

}  // namespace nas::cli
