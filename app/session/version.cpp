#include <string>

#include "app/session/session.h"

namespace nas {

extern const char* const kBuildRevision;  // written during the build: cmake/WriteRevision.cmake

std::string version_text() {
  const std::string revision = kBuildRevision;
  return NAS_VERSION + (revision.empty() ? "" : " (" + revision + ")");
}

}  // namespace nas
