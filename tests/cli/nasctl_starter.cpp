// The server of program.cpp, which forks nasctl: the first words are the place to work at.

#include "cli/run.h"
#include "tests/cli/work_place.h"
#include "tests/starter/serve.h"

int main() {
  return nas::test::serve([](const std::vector<std::string>& words) {
    nas::test::work_at({words.at(0), words.at(1), words.at(2)});
    return nas::cli::run({words.begin() + 3, words.end()});
  });
}
