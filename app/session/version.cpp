#include "app/session/session.h"
#include "revision.h"

namespace nas {

std::string version_text() {
  const std::string revision = NAS_GIT_REVISION;
  return NAS_VERSION + (revision.empty() ? "" : " (" + revision + ")");
}

}  // namespace nas
