#include <string>
#include <vector>

#include "cli/candidates.h"

// What the completion scripts ask while a person types: without LibTorch, whose libraries alone
// take `nasctl` longer to load than a person waits for a key.
int main(int argc, char** argv) {
  return nas::cli::print_candidates(std::vector<std::string>(argv + 1, argv + argc));
}
