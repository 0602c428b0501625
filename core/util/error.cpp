#include "core/util/error.h"

namespace nas {

void check_failed(const char* file, int line, const char* condition, const std::string& detail) {
  throw Error(ErrorKind::kInternal, "internal error at " + std::string(file) + ":" +
                                        std::to_string(line) + ": " + condition +
                                        " does not hold: " + detail + "; please report this");
}

}  // namespace nas
