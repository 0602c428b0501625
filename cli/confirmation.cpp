#include "cli/confirmation.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas::cli {

bool confirmed(const Arguments& arguments, const std::string& what) {
  if (arguments.has("yes")) return true;
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
    throw Error(ErrorKind::kUsage, printable(what) + ": this cannot be undone; add --yes");
  }
  std::fprintf(stderr, "%s? This cannot be undone. [y/N] ", printable(what).c_str());
  std::string answer;
  std::getline(std::cin, answer);
  const std::string word = to_lower(trim(answer));
  return word == "y" || word == "yes";
}

}  // namespace nas::cli
